// Quantities: the canonical text reads back to the same value.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "k8s/quantity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto quantity = k8s::Quantity::parse(text)) {
    const auto again = k8s::Quantity::parse(quantity->text());
    ASSERT(again.has_value() && *again == *quantity);
    static_cast<void>(quantity->value());
    static_cast<void>(quantity->milli_value());
  }
  return 0;
}
