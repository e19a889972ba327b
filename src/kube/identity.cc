#include "kube/identity.h"

#include <algorithm>

#include "kube/exec_credential.h"

#include "base/base64.h"
#include "base/text.h"
#include "runtime/files.h"
#include "runtime/subprocess.h"

namespace kube {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

// Files are replaced by others (kubelet rotates tokens and certificates); plugins say how long
// their answer is good, and get half a minute of grace for clocks that differ.
constexpr base::Duration kFileLife = std::chrono::minutes(1);
constexpr base::Duration kGrace = std::chrono::seconds(30);
constexpr base::Duration kShortestPluginLife = std::chrono::seconds(10);
constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20;

Result<void> load_pem(std::string& pem, const std::string& file, std::string_view what) {
  if (!pem.empty() || file.empty()) {
    return {};
  }
  Result<std::string> text = runtime::read_file(file, kMaxFileBytes);
  if (!text) {
    return fail(base::with_context(text.error(), what));
  }
  if (text->find("-----BEGIN") == std::string::npos) {
    return fail(ErrorCode::kInvalid, base::concat(what, ": ", file, " is not in PEM format"));
  }
  pem = std::move(*text);
  return {};
}

// The last lines of what a program had to say, for the message.
std::string tail_of(std::string_view text) {
  constexpr std::size_t kMost = 500;
  text = base::trim(text);
  text = text.substr(text.size() - std::min(text.size(), kMost));
  return base::replace_all(text, "\n", " | ");
}

std::vector<std::string> plugin_environment(const Access& access, std::string_view ca_pem) {
  runtime::Environment environment = access.environment;
  for (const auto& [name, value] : access.user.exec->env) {
    environment.set(name, value);
  }
  environment.set("KUBERNETES_EXEC_INFO", exec_info(*access.user.exec, access.cluster, ca_pem));
  return environment.entries();
}

Result<ExecCredential> run_plugin(const Access& access, std::string_view ca_pem) {
  const ExecPlugin& plugin = *access.user.exec;
  if (plugin.interactive_mode == "Always") {
    return fail(ErrorCode::kUnsupported, "it wants a terminal (interactiveMode: Always)");
  }
  const Result<runtime::ProgramEnd> end =
      runtime::run_program({.program = plugin.command,
                            .arguments = plugin.args,
                            .environment = plugin_environment(access, ca_pem)});
  if (!end) {
    return fail(plugin.install_hint.empty()
                    ? end.error()
                    : base::Error{end.error().code,
                                  base::concat(end.error().detail, "; ", plugin.install_hint)});
  }
  if (end->exit_code != 0) {
    return fail(ErrorCode::kDenied,
                base::concat("it ended with exit code ", end->exit_code, ": ", tail_of(end->err)));
  }
  return parse_exec_credential(end->out, plugin.api_version);
}

Result<void> add_plugin(const Access& access,
                        base::WallTime now,
                        Identity& out,
                        std::string& token) {
  const Result<ExecCredential> answer = run_plugin(access, out.tls.ca_pem);
  if (!answer) {
    return fail(base::with_context(
        answer.error(), base::concat("credential plugin \"", access.user.exec->command, "\"")));
  }
  if (!answer->cert_pem.empty()) {
    out.tls.client_cert_pem = answer->cert_pem;
    out.tls.client_key_pem = answer->key_pem;
  }
  token = answer->token;
  if (answer->expires != 0) {
    out.refresh_at =
        std::max(base::from_unix_ns(answer->expires) - kGrace, now + kShortestPluginLife);
  }
  return {};
}

void add_impersonation(const Impersonation& as, runtime::HttpHeaders& headers) {
  const auto add = [&](std::string name, const std::string& value) {
    if (!value.empty()) {
      headers.emplace_back(std::move(name), value);
    }
  };
  add("Impersonate-User", as.user);
  add("Impersonate-Uid", as.uid);
  for (const std::string& group : as.groups) {
    add("Impersonate-Group", group);
  }
  for (const auto& [key, values] : as.extra) {
    for (const std::string& value : values) {
      add("Impersonate-Extra-" + runtime::percent_encode(key), value);
    }
  }
}

}  // namespace

Result<IdentityPtr> load_identity(const Access& access, base::WallTime now) {
  const User& user = access.user;
  auto out = std::make_shared<Identity>();
  out->proxy = access.cluster.proxy_url;
  out->tls = {.ca_pem = access.cluster.ca_pem,
              .client_cert_pem = user.cert_pem,
              .client_key_pem = user.key_pem,
              .server_name = access.cluster.tls_server_name,
              .skip_verification = access.cluster.insecure};
  TRY_VOID(load_pem(out->tls.ca_pem, access.cluster.ca_file, "certificate authority"));
  TRY_VOID(load_pem(out->tls.client_cert_pem, user.cert_file, "client certificate"));
  TRY_VOID(load_pem(out->tls.client_key_pem, user.key_file, "client key"));
  std::string token = user.token;
  if (!user.token_file.empty()) {
    const std::string text = TRY(runtime::read_file(user.token_file, kMaxFileBytes));
    token = base::trim(text);
    if (token.empty()) {
      return fail(ErrorCode::kInvalid, base::concat("token file ", user.token_file, " is empty"));
    }
  } else if (token.empty() && user.exec) {
    TRY_VOID(add_plugin(access, now, *out, token));
  }
  if (!access.cluster.ca_file.empty() || !user.cert_file.empty() || !user.token_file.empty()) {
    out->refresh_at = std::min(out->refresh_at, now + kFileLife);
  }
  if (!token.empty()) {
    out->headers.emplace_back("Authorization", "Bearer " + token);
  } else if (!user.username.empty()) {
    out->headers.emplace_back("Authorization",
                              "Basic " + base::encode_base64(user.username + ":" + user.password));
  }
  add_impersonation(user.impersonation, out->headers);
  return out;
}

}  // namespace kube
