#include "k8s/gzip.h"

#include <algorithm>

#include <zlib.h>

#include "base/text.h"

namespace k8s {

namespace {

// Frees zlib's state on every path.
struct Inflater {
  z_stream stream{};
  // 15 window bits, plus 16: gzip framing only.
  bool is_ready = inflateInit2(&stream, 15 + 16) == Z_OK;

  Inflater() = default;
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  ~Inflater() { inflateEnd(&stream); }
};

}  // namespace

bool looks_gzipped(std::string_view bytes) {
  return bytes.starts_with("\x1f\x8b");
}

base::Result<std::string> gunzip(std::string_view bytes, std::size_t limit) {
  Inflater inflater;
  if (!inflater.is_ready) {
    return base::fail(base::ErrorCode::kInternal, "gzip: no memory");
  }
  z_stream& stream = inflater.stream;
  std::string text;
  constexpr std::size_t kStep = 1 << 20;
  // zlib counts in 32 bits: feed it in steps.
  const auto* input = reinterpret_cast<const Bytef*>(bytes.data());
  std::size_t left = bytes.size();
  for (int status = Z_OK;;) {
    if (stream.avail_in == 0) {
      const std::size_t feed = std::min(left, kStep);
      stream.next_in = const_cast<Bytef*>(input);
      stream.avail_in = static_cast<uInt>(feed);
      input += feed;
      left -= feed;
    }
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) {
        return text;
      }
      // Concatenated members, as pigz and log rotation make them.
      inflateReset(&stream);
    }
    const std::size_t used = text.size();
    text.resize(used + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + used);
    stream.avail_out = static_cast<uInt>(kStep);
    status = inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
    if (status != Z_OK && status != Z_STREAM_END) {
      const bool is_short = status == Z_BUF_ERROR;
      return base::fail(base::ErrorCode::kInvalid,
                        is_short ? "gzip: the data ends too early" : "gzip: the data is damaged");
    }
    if (text.size() > limit) {
      return base::fail(base::ErrorCode::kLimit,
                        base::concat("gzip: holds more than ", limit, " bytes"));
    }
  }
}

}  // namespace k8s
