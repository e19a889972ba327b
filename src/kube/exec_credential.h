// The conversation with an exec plugin (client.authentication.k8s.io v1 and v1beta1): what it is
// told in KUBERNETES_EXEC_INFO, and what it answers on its standard output.
//
// Thread rule: pure functions. Answers hold secrets.
#pragma once

#include <string>
#include <string_view>

#include "kube/access.h"

#include "base/error.h"
#include "k8s/meta.h"

namespace kube {

struct ExecCredential {
  std::string token;
  std::string cert_pem;
  std::string key_pem;
  k8s::TimeNs expires = 0;  // 0: not said.
};

std::string exec_info(const ExecPlugin& plugin, const Cluster& cluster, std::string_view ca_pem);

// Errors: kInvalid, without a word of the answer itself.
base::Result<ExecCredential> parse_exec_credential(std::string_view json,
                                                   std::string_view api_version);

}  // namespace kube
