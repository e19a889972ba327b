// Manifests: no crash, and where the quick YAML converter answers, libyaml answers the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "k8s/block_yaml.h"
#include "k8s/manifest.h"
#include "k8s/yaml_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(k8s::read_manifests(text, "fuzz.yaml"));
  static_cast<void>(k8s::locate(text, 1, "spec.containers[0].name"));
  if (const auto quick = k8s::convert_block_yaml(text, 1)) {
    const auto slow = k8s::convert_yaml(text, 1);
    ASSERT(slow.has_value() && slow->json == quick->json);
  }
  return 0;
}
