// Any text must come out as a checked manifest or as errors.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "k8s/schema/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto checked = k8s::schema::check_manifest(text);
  static_cast<void>(k8s::schema::refusal_text(checked.kind, "", checked.name, checked.errors));
  return 0;
}
