// Durations and times: what was printed reads back the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "k8s/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto duration = k8s::parse_duration(text)) {
    const auto again = k8s::parse_duration(k8s::format_duration(*duration));
    ASSERT(again.has_value() && *again == *duration);
  }
  static_cast<void>(k8s::parse_nillable_duration(text));
  if (const auto time = k8s::parse_time(text)) {
    const auto again = k8s::parse_time(k8s::format_micro_time(*time));
    ASSERT(again.has_value() && k8s::format_time(*again) == k8s::format_time(*time));
  }
  return 0;
}
