// What credential plugins print: no crash, and whatever is taken holds something to log in with.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kube/exec_credential.h"

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto credential = kube::parse_exec_credential(text, "client.authentication.k8s.io/v1");
  if (credential) {
    ASSERT(!credential->token.empty() || !credential->cert_pem.empty());
    ASSERT(credential->cert_pem.empty() == credential->key_pem.empty());
  }
  return 0;
}
