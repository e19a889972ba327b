#include "kube/kubeconfig.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "kube/json_fields.h"

#include "base/text.h"
#include "k8s/yaml_document.h"

namespace kube {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

// A path in a kubeconfig is relative to the kubeconfig.
std::string resolve(const std::string& path, const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (path.empty() || path.front() == '/' || slash == std::string::npos) {
    return path;
  }
  return file.substr(0, slash + 1) + path;
}

Cluster read_cluster(Fields& fields, const std::string& file) {
  Cluster out;
  fields.text("server", out.server);
  fields.text("tls-server-name", out.tls_server_name);
  fields.text("proxy-url", out.proxy_url);
  fields.boolean("insecure-skip-tls-verify", out.insecure);
  fields.bytes("certificate-authority-data", out.ca_pem);
  fields.text("certificate-authority", out.ca_file);
  out.ca_file = out.ca_pem.empty() ? resolve(out.ca_file, file) : "";
  out.server.erase(out.server.find_last_not_of('/') + 1);
  return out;
}

ExecPlugin read_exec(Fields& fields, const std::string& file) {
  ExecPlugin out;
  fields.text("apiVersion", out.api_version);
  fields.text("command", out.command);
  fields.texts("args", out.args);
  fields.text("installHint", out.install_hint);
  fields.text("interactiveMode", out.interactive_mode);
  fields.boolean("provideClusterInfo", out.provide_cluster_info);
  fields.each("env", [&](Fields& item) {
    auto& [name, value] = out.env.emplace_back();
    item.text("name", name);
    item.text("value", value);
  });
  if (out.command.empty()) {
    fields.fail("command", "missing");
  }
  if (out.command.find('/') != std::string::npos) {
    out.command = resolve(out.command, file);
  }
  constexpr std::string_view kVersions[] = {"client.authentication.k8s.io/v1",
                                            "client.authentication.k8s.io/v1beta1"};
  if (std::ranges::find(kVersions, out.api_version) == std::end(kVersions)) {
    fields.fail("apiVersion",
                base::concat("\"",
                             out.api_version,
                             "\" is not one of ",
                             base::join(kVersions, ", "),
                             " (the program that wrote this kubeconfig is too old)"));
  }
  return out;
}

void read_impersonation(Fields& fields, Impersonation& out) {
  fields.text("as", out.user);
  fields.text("as-uid", out.uid);
  fields.texts("as-groups", out.groups);
  fields.object("as-user-extra", [&](Fields& extra) {
    extra.each_member([&](std::string_view key, Fields& values) {
      out.extra.emplace_back(std::string(key), values.as_texts());
    });
  });
}

User read_user(Fields& fields, const std::string& file) {
  User out;
  fields.text("token", out.token);
  fields.text("tokenFile", out.token_file);
  fields.text("username", out.username);
  fields.text("password", out.password);
  fields.bytes("client-certificate-data", out.cert_pem);
  fields.bytes("client-key-data", out.key_pem);
  fields.text("client-certificate", out.cert_file);
  fields.text("client-key", out.key_file);
  out.token_file = resolve(out.token_file, file);
  out.cert_file = out.cert_pem.empty() ? resolve(out.cert_file, file) : "";
  out.key_file = out.key_pem.empty() ? resolve(out.key_file, file) : "";
  read_impersonation(fields, out.impersonation);
  fields.object("exec", [&](Fields& exec) { out.exec = read_exec(exec, file); });
  fields.object("auth-provider", [&](Fields& provider) {
    std::string name;
    provider.text("name", name);
    provider.fail(
        "",
        base::concat(
            "auth provider \"", name, "\" was removed from Kubernetes 1.26: use an exec plugin"));
  });
  return out;
}

Context read_context(Fields& fields) {
  Context out;
  fields.text("cluster", out.cluster);
  fields.text("user", out.user);
  fields.text("namespace", out.namespace_);
  return out;
}

// Lists of {name: N, <key>: {...}}; the first of a name counts.
template <typename Map, typename Read>
void read_named(Fields& fields, std::string_view list, std::string_view key, Map& out, Read read) {
  fields.each(list, [&](Fields& item) {
    std::string name;
    item.text("name", name);
    item.object(key, [&](Fields& body) { out.try_emplace(name, read(body)); });
  });
}

template <typename Map>
std::string known_names(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) {
    names.push_back(name);
  }
  return names.empty() ? "there are none" : base::concat("there are: ", base::join(names, ", "));
}

Result<void> check(const Cluster& cluster, const User& user) {
  if (cluster.server.empty()) {
    return fail(ErrorCode::kInvalid, "its cluster has no server");
  }
  if (!cluster.server.starts_with("https://") && !cluster.server.starts_with("http://")) {
    return fail(ErrorCode::kInvalid,
                base::concat("server \"", cluster.server, "\" is not an http or https URL"));
  }
  if (cluster.insecure && (!cluster.ca_file.empty() || !cluster.ca_pem.empty())) {
    return fail(ErrorCode::kInvalid,
                "insecure-skip-tls-verify contradicts the certificate authority beside it");
  }
  const bool has_cert = !user.cert_file.empty() || !user.cert_pem.empty();
  const bool has_key = !user.key_file.empty() || !user.key_pem.empty();
  if (has_cert != has_key) {
    return fail(ErrorCode::kInvalid,
                has_cert ? "its user has a client certificate but no client key"
                         : "its user has a client key but no certificate");
  }
  const Impersonation& as = user.impersonation;
  if (as.user.empty() && !as.is_empty()) {
    return fail(ErrorCode::kInvalid, "impersonating a uid, groups or extra needs `as` too");
  }
  return {};
}

}  // namespace

Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& path) {
  Kubeconfig out;
  out.files.push_back(path);
  const Result<k8s::JsonDocument> document = k8s::convert_yaml(text, 1);
  if (!document) {
    return fail(document.error().code, base::concat(path, ":", document.error().detail));
  }
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(document->json, error);
  if (!error && value.is_null()) {
    return out;  // An empty file is an empty kubeconfig.
  }
  if (error || !value.is_object()) {
    return fail(ErrorCode::kInvalid, path + ": a kubeconfig (an object) expected");
  }
  std::string kind;
  Fields fields(value, path + ": ");
  fields.text("kind", kind);
  if (!kind.empty() && kind != "Config") {
    fields.fail("kind", base::concat("Config expected, not ", kind));
  }
  fields.text("current-context", out.current_context);
  read_named(fields, "contexts", "context", out.contexts, read_context);
  read_named(fields, "clusters", "cluster", out.clusters, [&](Fields& body) {
    return read_cluster(body, path);
  });
  read_named(
      fields, "users", "user", out.users, [&](Fields& body) { return read_user(body, path); });
  if (fields.error()) {
    return fail(*fields.error());
  }
  return out;
}

void Kubeconfig::merge(Kubeconfig other) {
  files.insert(files.end(), other.files.begin(), other.files.end());
  if (current_context.empty()) {
    current_context = std::move(other.current_context);
  }
  contexts.merge(other.contexts);
  clusters.merge(other.clusters);
  users.merge(other.users);
}

Result<Access> Kubeconfig::access(std::string_view context) const {
  const std::string where = base::join(files, ", ");
  const std::string name = context.empty() ? current_context : std::string(context);
  if (name.empty()) {
    return fail(ErrorCode::kInvalid,
                base::concat(where, ": no current-context; contexts: ", known_names(contexts)));
  }
  const auto found = contexts.find(name);
  if (found == contexts.end()) {
    return fail(
        ErrorCode::kInvalid,
        base::concat(where, ": context \"", name, "\" is not there; ", known_names(contexts)));
  }
  Access out;
  out.source = base::concat("context \"", name, "\" of ", where);
  out.namespace_ = found->second.namespace_;
  const auto cluster = clusters.find(found->second.cluster);
  if (cluster == clusters.end()) {
    return fail(ErrorCode::kInvalid,
                base::concat(out.source,
                             ": cluster \"",
                             found->second.cluster,
                             "\" is not there; ",
                             known_names(clusters)));
  }
  out.cluster = cluster->second;
  if (const std::string& user = found->second.user; !user.empty()) {
    const auto entry = users.find(user);
    if (entry == users.end()) {
      return fail(
          ErrorCode::kInvalid,
          base::concat(out.source, ": user \"", user, "\" is not there; ", known_names(users)));
    }
    out.user = entry->second;
  }
  if (const auto checked = check(out.cluster, out.user); !checked) {
    return fail(base::with_context(checked.error(), out.source));
  }
  return out;
}

}  // namespace kube
