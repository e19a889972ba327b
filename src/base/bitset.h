// A set of small integers as words of bits, sized at run time. One class over two storages: Bitset
// owns its words, BitSpan works on words that live elsewhere (an Arena). Both mix freely in
// operations; the operands must have the same size in bits. Iteration is in ascending order.
//
//   base::Bitset live(offer_count, true);
//   live &= cheap_offers;                           // in place, one word at a time
//   live.for_each_set([&](std::size_t offer) { ... });
//   base::BitSpan scratch = base::make_bits(arena, offer_count);
//
// Invariant: bits beyond size() in the last word are 0. Copying a BitSpan copies the view. Thread
// rule: as std::vector.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "base/arena.h"
#include "base/assert.h"

namespace base {

using BitWord = std::uint64_t;
inline constexpr std::size_t kBitsPerWord = 64;
// "No such bit" from find_first and find_next.
inline constexpr std::size_t kNoBit = ~std::size_t{0};

constexpr std::size_t words_for_bits(std::size_t bits) {
  return (bits + kBitsPerWord - 1) / kBitsPerWord;
}

template <typename Words>
class BasicBitset {
 public:
  BasicBitset() = default;

  explicit BasicBitset(std::size_t size, bool value = false)
    requires std::is_same_v<Words, std::vector<BitWord>>
      : words_(words_for_bits(size), value ? ~BitWord{0} : 0), size_(size) {
    trim();
  }

  // Takes over words that hold at least `size` bits. REQUIRES: the surplus bits are 0.
  BasicBitset(Words words, std::size_t size) : words_(std::move(words)), size_(size) {
    ASSERT(words_.size() == words_for_bits(size));
  }

  std::size_t size() const { return size_; }

  bool test(std::size_t bit) const {
    DASSERT(bit < size_);
    return (words_[bit / kBitsPerWord] >> (bit % kBitsPerWord) & 1) != 0;
  }

  void set(std::size_t bit) {
    DASSERT(bit < size_);
    words_[bit / kBitsPerWord] |= BitWord{1} << (bit % kBitsPerWord);
  }

  void reset(std::size_t bit) {
    DASSERT(bit < size_);
    words_[bit / kBitsPerWord] &= ~(BitWord{1} << (bit % kBitsPerWord));
  }

  void assign(std::size_t bit, bool value) { value ? set(bit) : reset(bit); }

  void set_all() {
    std::ranges::fill(words_, ~BitWord{0});
    trim();
  }

  void reset_all() { std::ranges::fill(words_, BitWord{0}); }

  void flip_all() {
    for (BitWord& word : words_) {
      word = ~word;
    }
    trim();
  }

  // Grown bits are 0.
  void resize(std::size_t size)
    requires std::is_same_v<Words, std::vector<BitWord>>
  {
    words_.resize(words_for_bits(size), 0);
    size_ = size;
    trim();
  }

  template <typename Other>
  void copy_from(const BasicBitset<Other>& other) {
    DASSERT(size_ == other.size());
    std::ranges::copy(other.words(), words_.begin());
  }

  template <typename Other>
  BasicBitset& operator&=(const BasicBitset<Other>& other) {
    return combine(other, [](BitWord a, BitWord b) { return a & b; });
  }

  template <typename Other>
  BasicBitset& operator|=(const BasicBitset<Other>& other) {
    return combine(other, [](BitWord a, BitWord b) { return a | b; });
  }

  // Removes the other's bits.
  template <typename Other>
  BasicBitset& and_not(const BasicBitset<Other>& other) {
    return combine(other, [](BitWord a, BitWord b) { return a & ~b; });
  }

  std::size_t count() const {
    std::size_t total = 0;
    for (const BitWord word : words_) {
      total += static_cast<std::size_t>(std::popcount(word));
    }
    return total;
  }

  bool any() const {
    return std::ranges::any_of(words_, [](BitWord word) { return word != 0; });
  }

  bool none() const { return !any(); }

  bool all() const { return count() == size_; }

  template <typename Other>
  bool intersects(const BasicBitset<Other>& other) const {
    DASSERT(size_ == other.size());
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if ((words_[i] & other.words()[i]) != 0) {
        return true;
      }
    }
    return false;
  }

  // Every bit of this is a bit of the other.
  template <typename Other>
  bool is_subset_of(const BasicBitset<Other>& other) const {
    DASSERT(size_ == other.size());
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if ((words_[i] & ~other.words()[i]) != 0) {
        return false;
      }
    }
    return true;
  }

  template <typename Other>
  std::size_t count_and(const BasicBitset<Other>& other) const {
    DASSERT(size_ == other.size());
    std::size_t total = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      total += static_cast<std::size_t>(std::popcount(words_[i] & other.words()[i]));
    }
    return total;
  }

  // kNoBit when there is none.
  std::size_t find_first() const { return find_from_word(0); }

  // The first set bit after `bit`.
  std::size_t find_next(std::size_t bit) const {
    const std::size_t start = bit + 1;
    if (start >= size_) {
      return kNoBit;
    }
    const std::size_t word = start / kBitsPerWord;
    const BitWord rest = words_[word] >> (start % kBitsPerWord);
    return rest != 0 ? start + static_cast<std::size_t>(std::countr_zero(rest))
                     : find_from_word(word + 1);
  }

  template <typename Fn>  // void(std::size_t bit)
  void for_each_set(Fn&& fn) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (BitWord word = words_[i]; word != 0; word &= word - 1) {
        fn(i * kBitsPerWord + static_cast<std::size_t>(std::countr_zero(word)));
      }
    }
  }

  const Words& words() const { return words_; }

  template <typename Other>
  bool operator==(const BasicBitset<Other>& other) const {
    return size_ == other.size() && std::ranges::equal(words_, other.words());
  }

 private:
  template <typename Other, typename Op>
  BasicBitset& combine(const BasicBitset<Other>& other, Op op) {
    DASSERT(size_ == other.size());
    for (std::size_t i = 0; i < words_.size(); ++i) {
      words_[i] = op(words_[i], other.words()[i]);
    }
    return *this;
  }

  std::size_t find_from_word(std::size_t word) const {
    for (; word < words_.size(); ++word) {
      if (words_[word] != 0) {
        return word * kBitsPerWord + static_cast<std::size_t>(std::countr_zero(words_[word]));
      }
    }
    return kNoBit;
  }

  void trim() {
    if (const std::size_t surplus = size_ % kBitsPerWord; surplus != 0) {
      words_.back() &= (BitWord{1} << surplus) - 1;
    }
  }

  Words words_;
  std::size_t size_ = 0;
};

using Bitset = BasicBitset<std::vector<BitWord>>;
using BitSpan = BasicBitset<std::span<BitWord>>;

// All bits 0; lives as long as the arena's current round.
inline BitSpan make_bits(Arena& arena, std::size_t size) {
  return BitSpan(arena.make_span<BitWord>(words_for_bits(size)), size);
}

template <typename Words>
BitSpan copy_bits(Arena& arena, const BasicBitset<Words>& source) {
  return BitSpan(arena.copy_span<BitWord>(source.words()), source.size());
}

template <typename Words>
Bitset to_bitset(const BasicBitset<Words>& source) {
  return Bitset(std::vector<BitWord>(source.words().begin(), source.words().end()), source.size());
}

}  // namespace base
