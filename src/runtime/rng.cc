#include "runtime/rng.h"

#include <bit>
#include <random>

#include "base/assert.h"
#include "base/hash.h"

namespace runtime {

namespace {

// Turns a seed, which may be small, into well-spread state.
std::uint64_t split_mix(std::uint64_t& x) {
  x += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed) : seed_(seed), state_{} {
  std::uint64_t x = seed;
  for (std::uint64_t& word : state_) {
    word = split_mix(x);
  }
}

Rng Rng::split(std::string_view name) const {
  return Rng(base::Hasher(seed_).add(name).digest());
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t bound) {
  ASSERT(bound > 0);
  // Draws from the uneven rest at the low end would favour small results: draw again.
  const std::uint64_t rest = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t draw = next();
    if (draw >= rest) {
      return draw % bound;
    }
  }
}

std::int64_t Rng::between(std::int64_t low, std::int64_t high) {
  ASSERT(low <= high);
  const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  const std::uint64_t offset = span == max() ? next() : below(span + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

base::Duration Rng::between(base::Duration low, base::Duration high) {
  return base::Duration(between(low.count(), high.count()));
}

double Rng::unit() {
  return static_cast<double>(next() >> 11) * 0x1p-53;
}

std::string make_uuid(Rng& rng) {
  const std::uint64_t high = (rng.next() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (rng.next() & ~(3ULL << 62)) | (1ULL << 63);
  std::string text = base::hex64(high) + base::hex64(low);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) {
    text.insert(at, 1, '-');
  }
  return text;
}

std::string make_name_suffix(Rng& rng, std::size_t length) {
  static constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string text(length, ' ');
  for (char& c : text) {
    c = kAlphabet[rng.below(kAlphabet.size())];
  }
  return text;
}

std::uint64_t real_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace runtime
