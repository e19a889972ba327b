// Any bytes as a file of KWOK instance types: an error or a catalogue, never a crash.
#include <cstddef>
#include <cstdint>
#include <string>

#include "cloud/kwok/catalogue.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto catalogue = cloud::kwok::parse_catalogue(text);
  if (catalogue) {
    for (const cloud::InstanceType& type : (*catalogue)->types) {
      static_cast<void>(type.allocatable());
    }
  }
  return 0;
}
