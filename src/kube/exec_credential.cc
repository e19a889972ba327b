#include "kube/exec_credential.h"

#include <boost/json.hpp>

#include "kube/json_fields.h"

#include "base/base64.h"
#include "base/text.h"
#include "k8s/time.h"

namespace kube {

namespace {

namespace json = boost::json;
using base::ErrorCode;
using base::fail;

}  // namespace

std::string exec_info(const ExecPlugin& plugin, const Cluster& cluster, std::string_view ca_pem) {
  json::object spec{{"interactive", false}};
  if (plugin.provide_cluster_info) {
    json::object described{{"server", cluster.server}};
    if (!cluster.tls_server_name.empty()) {
      described["tls-server-name"] = cluster.tls_server_name;
    }
    if (cluster.insecure) {
      described["insecure-skip-tls-verify"] = true;
    }
    if (!ca_pem.empty()) {
      described["certificate-authority-data"] = base::encode_base64(ca_pem);
    }
    if (!cluster.proxy_url.empty()) {
      described["proxy-url"] = cluster.proxy_url;
    }
    spec["cluster"] = std::move(described);
  }
  return json::serialize(json::object{
      {"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", std::move(spec)}});
}

base::Result<ExecCredential> parse_exec_credential(std::string_view text,
                                                   std::string_view api_version) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) {
    return fail(ErrorCode::kInvalid, "its output is not an ExecCredential in JSON");
  }
  ExecCredential out;
  std::string version;
  std::string kind;
  std::string expires;
  Fields fields(value, "its output: ");
  fields.text("apiVersion", version);
  fields.text("kind", kind);
  fields.object("status", [&](Fields& status) {
    status.text("token", out.token);
    status.text("clientCertificateData", out.cert_pem);
    status.text("clientKeyData", out.key_pem);
    status.text("expirationTimestamp", expires);
  });
  if (fields.error()) {
    return fail(*fields.error());
  }
  if (kind != "ExecCredential" || version != api_version) {
    return fail(ErrorCode::kInvalid,
                base::concat("its output is ",
                             kind,
                             " of ",
                             version,
                             " where the kubeconfig promises ExecCredential of ",
                             api_version));
  }
  if (!expires.empty()) {
    const auto time = k8s::parse_time(expires);
    if (!time) {
      return fail(ErrorCode::kInvalid, "its output: status.expirationTimestamp is not a time");
    }
    out.expires = *time;
  }
  if (out.cert_pem.empty() != out.key_pem.empty()) {
    return fail(ErrorCode::kInvalid, "its output has a certificate without key, or the reverse");
  }
  if (out.token.empty() && out.cert_pem.empty()) {
    return fail(ErrorCode::kInvalid, "its output has neither token nor certificate");
  }
  return out;
}

}  // namespace kube
