#include "kube/trouble.h"

#include <string_view>

#include "base/text.h"
#include "k8s/kinds.h"

namespace kube {

namespace {

using base::ErrorCode;

// What the TLS library says; only chooses the advice that is added to it.
std::string_view tls_advice(std::string_view detail) {
  if (detail.contains("certificate has expired")) {
    return "the server's certificate has expired (or this machine's clock is wrong): renew it";
  }
  if (detail.contains("not yet valid")) {
    return "the server's certificate is not valid yet: check this machine's clock";
  }
  if (detail.contains("does not match") || detail.contains("no alternative certificate")) {
    return "the server's certificate is for another name: correct `server`, or set tls-server-name";
  }
  return "check certificate-authority and the client certificate";
}

}  // namespace

bool is_anonymous(const base::Error& error) {
  return error.code == ErrorCode::kDenied && error.detail.contains("\"system:anonymous\"");
}

std::string advice(const base::Error& error, const Access& access) {
  switch (error.code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
      return base::concat("is the API server at ",
                          access.cluster.server,
                          " running and reachable? (",
                          access.source,
                          ")");
    case ErrorCode::kDenied:
      if (error.detail.contains("SSL") || error.detail.contains("certificate")) {
        return base::concat(tls_advice(error.detail), " (", access.source, ")");
      }
      if (is_anonymous(error)) {
        return base::concat("the server does not know who we are: the credentials of ",
                            access.source,
                            " are missing, expired or not trusted by it");
      }
      if (error.detail.contains("cannot ")) {
        return "grant this permission to this identity";
      }
      return base::concat("check the credentials of ", access.source);
    default:
      return access.source;
  }
}

std::string explain_trouble(const base::Error& error, const Access& access) {
  return base::concat(error.detail, "; ", advice(error, access));
}

std::string explain_trouble(const base::Error& error, k8s::Kind kind, const Access& access) {
  const k8s::KindFacts& facts = k8s::facts(kind);
  if (error.code == ErrorCode::kNotFound || error.code == ErrorCode::kUnsupported) {
    return base::concat("the server has no ",
                        facts.plural,
                        " in ",
                        k8s::api_version(kind),
                        k8s::is_custom(kind)
                            ? ": install Karpenter's custom resource definitions "
                              "(karpenter crds | kubectl apply --server-side -f -)"
                            : ": this version of Kubernetes is too old or too new for us");
  }
  if (error.code == ErrorCode::kDenied && error.detail.contains("cannot ") &&
      !is_anonymous(error)) {
    return base::concat(
        error.detail, "; grant get, list and watch on ", facts.plural, " to this identity");
  }
  return explain_trouble(error, access);
}

}  // namespace kube
