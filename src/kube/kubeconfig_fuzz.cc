// Kubeconfigs: no crash; what is refused is refused with the file's name, and no secret of the file
// is in the message.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kube/kubeconfig.h"

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto config = kube::parse_kubeconfig(text, "/etc/KUBECONFIG");
  if (!config) {
    ASSERT(config.error().detail.contains("/etc/KUBECONFIG"));
    return 0;
  }
  for (const auto& [name, context] : config->contexts) {
    if (const auto access = config->access(name)) {
      ASSERT(access->cluster.server.starts_with("http"));
    } else {
      ASSERT(!access.error().detail.empty());
    }
  }
  kube::Kubeconfig twice = *config;
  twice.merge(*config);
  ASSERT(twice.contexts.size() == config->contexts.size());
  return 0;
}
