#include "k8s/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace k8s {
namespace {

constexpr std::size_t kLimit = 16 << 20;

std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Gzip, InflatesOneOrMoreMembers) {
  const std::string big(5'000'000, 'x');
  const std::string packed = gzipped(big);
  EXPECT_TRUE(looks_gzipped(packed));
  EXPECT_FALSE(looks_gzipped("apiVersion: v1"));
  EXPECT_EQ(gunzip(packed, kLimit).value(), big);
  EXPECT_EQ(gunzip(packed + gzipped("tail"), kLimit).value(), big + "tail");
  EXPECT_EQ(gunzip(gzipped(""), kLimit).value(), "");
}

TEST(Gzip, RefusesDamageTruncationAndBombs) {
  const std::string packed = gzipped(std::string(100'000, 'x'));
  EXPECT_EQ(gunzip(packed.substr(0, packed.size() / 2), kLimit).error().code,
            base::ErrorCode::kInvalid);
  EXPECT_EQ(gunzip("", kLimit).error().code, base::ErrorCode::kInvalid);
  EXPECT_EQ(gunzip(packed + "junk", kLimit).error().code, base::ErrorCode::kInvalid);
  EXPECT_EQ(gunzip(packed, 1000).error().code, base::ErrorCode::kLimit);
}

}  // namespace
}  // namespace k8s
