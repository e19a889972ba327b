// Label and field selectors.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "k8s/selector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto terms = k8s::parse_label_selector(text)) {
    static_cast<void>(k8s::matches(*terms, k8s::StringMap{{"a", "1"}}));
  }
  if (const auto terms = k8s::parse_field_selector(text)) {
    static_cast<void>(k8s::matches(*terms, [](std::string_view) { return std::string(); }));
  }
  return 0;
}
