#include "plan/go_random_testing.h"

#include <bit>

namespace plan::testing {
namespace {

constexpr std::int64_t kModulus = (std::int64_t{1} << 31) - 1;

std::uint64_t lehmer(std::uint64_t x) {
  return x * 48271 % static_cast<std::uint64_t>(kModulus);
}

}  // namespace

GoRandom::GoRandom(std::int64_t seed) {
  seed %= kModulus;
  if (seed < 0) {
    seed += kModulus;
  }
  std::uint64_t x = seed == 0 ? 89482311 : static_cast<std::uint64_t>(seed);
  for (int i = 0; i < 20; ++i) {
    x = lehmer(x);
  }
  for (std::size_t i = 0; i < state_.size(); ++i) {
    const std::uint64_t high = lehmer(x);
    const std::uint64_t middle = lehmer(high);
    x = lehmer(middle);
    state_[i] = high << 40 ^ middle << 20 ^ x ^ kGoRandomTable[i];
  }
}

std::uint64_t GoRandom::next() {
  tap_ = (tap_ == 0 ? state_.size() : tap_) - 1;
  feed_ = (feed_ == 0 ? state_.size() : feed_) - 1;
  state_[feed_] += state_[tap_];
  return state_[feed_] & ~(std::uint64_t{1} << 63);
}

std::uint32_t GoRandom::below(std::uint32_t bound) {
  const auto draw = [this] { return static_cast<std::uint32_t>(next() >> 32); };
  if (std::has_single_bit(bound)) {
    return draw() & (bound - 1);
  }
  constexpr std::uint32_t kRange = std::uint32_t{1} << 31;
  const std::uint32_t limit = kRange - 1 - kRange % bound;
  std::uint32_t value = draw();
  while (value > limit) {
    value = draw();
  }
  return value % bound;
}

}  // namespace plan::testing
