// A table of immutable rows with dense ids, in pages of 256 row pointers. Copying a table copies
// only its page pointers, so a snapshot of 100,000 rows costs some 400 reference counts; changing a
// row copies one page.
//
// Ids are slots: reused after erase. Iteration is by id and skips free slots. Thread rule: a Table
// has one writer; copies of it are independent values, safe to read on any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace world {

template <typename Row>
class Table {
 public:
  using Id = std::uint32_t;
  using RowPtr = std::shared_ptr<const Row>;
  static constexpr std::size_t kPageRows = 256;

  Id insert(RowPtr row) {
    Id id;
    if (free_.empty()) {
      id = end_++;
    } else {
      id = free_.back();
      free_.pop_back();
    }
    assign(id, std::move(row));
    ++size_;
    return id;
  }

  // REQUIRES: id is occupied.
  void replace(Id id, RowPtr row) { assign(id, std::move(row)); }

  // REQUIRES: id is occupied.
  void erase(Id id) {
    assign(id, nullptr);
    free_.push_back(id);
    --size_;
  }

  // nullptr when the slot is free.
  const Row* find(Id id) const {
    return id < end_ ? (*pages_[id / kPageRows])[id % kPageRows].get() : nullptr;
  }

  // REQUIRES: id is occupied.
  const Row& operator[](Id id) const { return *(*pages_[id / kPageRows])[id % kPageRows]; }

  RowPtr share(Id id) const { return (*pages_[id / kPageRows])[id % kPageRows]; }

  std::size_t size() const { return size_; }

  // One past the largest id ever used: the size for arrays indexed by id.
  Id end_id() const { return end_; }

  template <typename Fn>  // void(Id, const Row&)
  void for_each(Fn&& fn) const {
    for (Id id = 0; id < end_; ++id) {
      if (const Row* row = find(id)) {
        fn(id, *row);
      }
    }
  }

 private:
  using Page = std::array<RowPtr, kPageRows>;

  void assign(Id id, RowPtr row) {
    const std::size_t page = id / kPageRows;
    if (page == pages_.size()) {
      pages_.push_back(std::make_shared<Page>());
    } else if (pages_[page].use_count() > 1) {
      pages_[page] = std::make_shared<Page>(*pages_[page]);
    }
    (*pages_[page])[id % kPageRows] = std::move(row);
  }

  std::vector<std::shared_ptr<Page>> pages_;
  std::vector<Id> free_;
  Id end_ = 0;
  std::size_t size_ = 0;
};

}  // namespace world
