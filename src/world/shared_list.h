// A sorted list of shared rows that is copied by sharing: a snapshot of 10,000 entries costs one
// reference count, and the writer pays for a copy of the pointers only when it changes a list that
// a snapshot still holds.
//
// Reads like a const std::vector. Thread rule: as world/table.h: one writer; copies are independent
// values, safe to read on any thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace world {

template <typename T>
class SharedList {
 public:
  using value_type = T;
  using const_iterator = typename std::vector<T>::const_iterator;

  SharedList() : items_(std::make_shared<std::vector<T>>()) {}

  SharedList(std::initializer_list<T> items) : items_(std::make_shared<std::vector<T>>(items)) {}

  SharedList(std::vector<T> items)  // NOLINT(google-explicit-constructor): a list is a list.
      : items_(std::make_shared<std::vector<T>>(std::move(items))) {}

  const_iterator begin() const { return items_->cbegin(); }

  const_iterator end() const { return items_->cend(); }

  std::size_t size() const { return items_->size(); }

  bool empty() const { return items_->empty(); }

  const T* data() const { return items_->data(); }

  const T& operator[](std::size_t i) const { return (*items_)[i]; }

  const T& front() const { return items_->front(); }

  const T& back() const { return items_->back(); }

  void push_back(T item) { own().push_back(std::move(item)); }

  // The vector behind the list, copied first if anyone shares it.
  std::vector<T>& own() {
    if (items_.use_count() > 1) {
      items_ = std::make_shared<std::vector<T>>(*items_);
    }
    return *items_;
  }

 private:
  std::shared_ptr<std::vector<T>> items_;
};

}  // namespace world
