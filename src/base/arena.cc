#include "base/arena.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"

namespace base {

Arena::Arena(std::size_t block_bytes) : block_bytes_(block_bytes) {
  ASSERT(block_bytes > 0);
}

void* Arena::allocate(std::size_t bytes, std::size_t alignment) {
  ASSERT(std::has_single_bit(alignment) && alignment <= alignof(std::max_align_t));
  std::size_t start = (offset_ + alignment - 1) & ~(alignment - 1);
  if (current_ >= blocks_.size() || start + bytes > blocks_[current_].size) {
    next_block(bytes);
    start = 0;
  }
  used_bytes_ += start + bytes - offset_;
  offset_ = start + bytes;
  return blocks_[current_].bytes.get() + start;
}

std::string_view Arena::copy_text(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  char* copy = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void Arena::reset() {
  used_bytes_ = 0;
  current_ = 0;
  offset_ = 0;
}

std::size_t Arena::reserved_bytes() const {
  std::size_t total = 0;
  for (const Block& block : blocks_) {
    total += block.size;
  }
  return total;
}

// Moves on to a block with room for `bytes`: a kept one if it is large enough, else a new one put
// in before it, so that kept blocks stay usable later.
void Arena::next_block(std::size_t bytes) {
  const std::size_t next = std::min(blocks_.empty() ? 0 : current_ + 1, blocks_.size());
  if (next == blocks_.size() || blocks_[next].size < bytes) {
    const std::size_t size = std::max(block_bytes_, bytes);
    // Left uninitialised: make_span initialises what it hands out.
    Block block{std::make_unique_for_overwrite<std::byte[]>(size), size};
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(next), std::move(block));
  }
  current_ = next;
  offset_ = 0;
}

}  // namespace base
