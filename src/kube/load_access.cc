#include "kube/load_access.h"

#include <optional>

#include "kube/kubeconfig.h"

#include "base/text.h"
#include "runtime/files.h"

namespace kube {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kMaxKubeconfigBytes = std::size_t{16} << 20;

// Files that a list names need not exist, but one of them must.
Result<Kubeconfig> read_list(std::string_view list, bool must_exist) {
  std::optional<Kubeconfig> merged;
  std::optional<base::Error> missing;
  for (const std::string_view path : base::split(list, ':')) {
    if (path.empty()) {
      continue;
    }
    const Result<std::string> text = runtime::read_file(std::string(path), kMaxKubeconfigBytes);
    if (!text && text.error().code == ErrorCode::kNotFound && !must_exist) {
      missing = missing.value_or(text.error());
      continue;
    }
    if (!text) {
      return fail(base::with_context(text.error(), "kubeconfig"));
    }
    Kubeconfig config = TRY(parse_kubeconfig(*text, std::string(path)));
    if (merged) {
      merged->merge(std::move(config));
    } else {
      merged = std::move(config);
    }
  }
  if (!merged) {
    return fail(missing ? base::with_context(*missing, "kubeconfig")
                        : base::Error{ErrorCode::kNotFound, "no kubeconfig is named"});
  }
  return *std::move(merged);
}

std::optional<Access> in_cluster(const runtime::Environment& environment,
                                 const std::string& folder) {
  const std::string host = environment.get_or("KUBERNETES_SERVICE_HOST", "");
  const std::string port = environment.get_or("KUBERNETES_SERVICE_PORT", "");
  if (host.empty() || port.empty() || !runtime::file_exists(folder + "/token")) {
    return std::nullopt;
  }
  Access out;
  out.source = base::concat("the service account in ", folder);
  const bool is_ipv6 = host.find(':') != std::string::npos;
  out.cluster.server =
      base::concat("https://", is_ipv6 ? base::concat("[", host, "]") : host, ":", port);
  out.cluster.ca_file = folder + "/ca.crt";
  out.user.token_file = folder + "/token";
  out.namespace_ = base::trim(runtime::read_file(folder + "/namespace").value_or(""));
  return out;
}

Result<Access> from_list(std::string_view list, const AccessOptions& options, bool must_exist) {
  const Kubeconfig config = TRY(read_list(list, must_exist));
  return config.access(options.context);
}

Result<Access> choose(const runtime::Environment& environment, const AccessOptions& options) {
  if (!options.kubeconfig.empty()) {
    const bool is_list = options.kubeconfig.find(':') != std::string::npos;
    return from_list(options.kubeconfig, options, !is_list);
  }
  if (const auto list = environment.get("KUBECONFIG"); list && !list->empty()) {
    auto found = from_list(*list, options, false);
    return found ? std::move(found)
                 : fail(base::with_context(found.error(), "from the variable KUBECONFIG"));
  }
  if (auto access = in_cluster(environment, options.service_account)) {
    return *std::move(access);
  }
  const std::string home = environment.get_or("HOME", "");
  const std::string path = home + "/.kube/config";
  if (home.empty() || !runtime::file_exists(path)) {
    return fail(ErrorCode::kNotFound,
                "no cluster is configured: pass --kubeconfig FILE, or set KUBECONFIG, or run in a "
                "pod with a service account; ~/.kube/config is not there either");
  }
  return from_list(path, options, true);
}

}  // namespace

Result<Access> load_access(const runtime::Environment& environment, const AccessOptions& options) {
  Access access = TRY(choose(environment, options));
  access.environment = environment;
  return access;
}

}  // namespace kube
