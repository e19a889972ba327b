// Monotonic memory: allocation is a pointer increment, everything is freed at once. reset() keeps
// the blocks, so that a loop of probes over one arena stops allocating after the first round.
//
// Holds only trivially destructible things: no destructor is ever run. Spans and views into an
// arena die at reset() and with the arena. Thread rule: one thread at a time.
//
//   base::Arena arena;
//   std::span<std::uint64_t> words = arena.make_span<std::uint64_t>(100);  // zeroed
//   arena.reset();
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace base {

class Arena {
 public:
  explicit Arena(std::size_t block_bytes = 64 * 1024);

  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;
  ~Arena() = default;

  // REQUIRES: alignment is a power of two, at most that of max_align_t.
  void* allocate(std::size_t bytes, std::size_t alignment = alignof(std::max_align_t));

  // count value-initialised elements.
  template <typename T>
    requires std::is_trivially_destructible_v<T>
  std::span<T> make_span(std::size_t count) {
    if (count == 0) {
      return {};
    }
    T* first = static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_value_construct_n(first, count);
    return {first, count};
  }

  template <typename T>
    requires std::is_trivially_destructible_v<T>
  std::span<T> copy_span(std::span<const T> source) {
    if (source.empty()) {
      return {};
    }
    T* first = static_cast<T*>(allocate(source.size_bytes(), alignof(T)));
    std::uninitialized_copy(source.begin(), source.end(), first);
    return {first, source.size()};
  }

  std::string_view copy_text(std::string_view text);

  // Invalidates everything handed out; keeps the memory.
  void reset();

  // Bytes handed out since construction or reset, padding included.
  std::size_t used_bytes() const { return used_bytes_; }

  std::size_t reserved_bytes() const;

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };

  void next_block(std::size_t bytes);

  std::size_t block_bytes_;
  std::size_t used_bytes_ = 0;
  std::vector<Block> blocks_;
  std::size_t current_ = 0;  // Blocks before this one are full; those after it are free.
  std::size_t offset_ = 0;   // Into the current block.
};

}  // namespace base
