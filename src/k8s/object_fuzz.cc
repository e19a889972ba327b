// JSON objects and lists: no crash; what was encoded can be read and encodes the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "k8s/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  k8s::Warnings warnings;
  if (const auto object = k8s::decode_object(text, &warnings)) {
    // Once through, quantities have settled on their canonical form.
    const auto again = k8s::decode_object(k8s::encode_object(**object));
    ASSERT(again.has_value());
    const std::string encoded = k8s::encode_object(**again);
    const auto third = k8s::decode_object(encoded);
    ASSERT(third.has_value() && k8s::encode_object(**third) == encoded);
  }
  static_cast<void>(k8s::decode_list(text, [](const base::Result<k8s::ObjectPtr>&) {}));
  return 0;
}
