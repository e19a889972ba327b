// Watch streams: however a stream is split into chunks, the events are the same, and a stream that
// is cut anywhere gives a beginning of them. Input: a byte for the size of the chunks, the stream.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "k8s/watch_reader.h"

namespace {

std::string read(std::string_view stream, std::size_t chunk_size) {
  std::string events;
  k8s::WatchReader reader(k8s::Kind::kPod, [&](const k8s::WatchEvent& event) {
    events += std::to_string(static_cast<int>(event.op)) + " " + event.resource_version + " ";
    events += !event.object              ? event.object.error().detail
              : *event.object != nullptr ? k8s::encode_object(**event.object)
                                         : event.status;
    events += "\n";
  });
  for (std::size_t at = 0; at < stream.size(); at += chunk_size) {
    if (!reader.feed(stream.substr(at, chunk_size))) {
      return events;
    }
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = read(stream, size);
  ASSERT(read(stream, data[0] % 64U + 1U) == whole);
  ASSERT(whole.starts_with(read(stream.substr(0, stream.size() / 2), size)));
  return 0;
}
