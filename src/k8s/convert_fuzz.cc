// Manifests of old API versions: no crash, and converting twice is converting once.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "k8s/convert/convert.h"
#include "k8s/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifests = k8s::read_manifests(text, "fuzz.yaml");
  if (!manifests) {
    return 0;
  }
  std::vector<k8s::convert::Source> sources;
  for (const k8s::Manifest& manifest : *manifests) {
    sources.push_back({.json = manifest.json, .place = "fuzz.yaml"});
  }
  std::vector<k8s::convert::Source> converted;
  for (k8s::convert::Converted& object : k8s::convert::convert(sources, {}).objects) {
    converted.push_back({.json = std::move(object.json), .place = "converted"});
  }
  for (const k8s::convert::Converted& again : k8s::convert::convert(converted, {}).objects) {
    ASSERT(!again.is_changed);
  }
  return 0;
}
