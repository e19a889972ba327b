// Values that copies share until one of them changes: the labels and containers that all replicas
// of a workload have in common are held once, whoever holds them.
//
//   CowVector<int> a = {1, 2};
//   CowVector<int> b = a;          // one allocation
//   b.push_back(3);                // b gets its own
//
// Reading a non-const value through begin(), front() or [] detaches it, as it hands out references
// that may be written through; loops that only read should bind const.
// Thread rule: like a std::shared_ptr: the count is atomic, one object belongs to one thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace base {

template <typename T>
class Cow {
 public:
  Cow() = default;

  explicit Cow(T value) : node_(new Node{{1}, std::move(value)}) {}

  Cow(const Cow& other) noexcept : node_(other.node_) {
    if (node_ != nullptr) {
      node_->owners.fetch_add(1, std::memory_order_relaxed);
    }
  }

  Cow(Cow&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}

  Cow& operator=(Cow other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }

  ~Cow() { reset(); }

  // The default value, of which there is one for all, when nothing was ever written.
  const T& read() const {
    static const T kDefault{};
    return node_ == nullptr ? kDefault : node_->value;
  }

  // For writing: nobody else sees it.
  T& edit() {
    if (node_ == nullptr) {
      node_ = new Node{{1}, T{}};
    } else if (node_->owners.load(std::memory_order_acquire) > 1) {
      *this = Cow(std::as_const(node_->value));
    }
    return node_->value;
  }

  void reset() noexcept {
    if (node_ != nullptr && node_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete node_;
    }
    node_ = nullptr;
  }

  bool shares(const Cow& other) const { return node_ == other.node_; }

  friend bool operator==(const Cow& a, const Cow& b) { return a.shares(b) || a.read() == b.read(); }

 private:
  struct Node {
    std::atomic<std::uint32_t> owners;
    T value;
  };

  Node* node_ = nullptr;
};

// A std::vector in a Cow: the part of its interface that is used, and a conversion for readers.
template <typename T>
class CowVector {
 public:
  using value_type = T;
  using Vector = std::vector<T>;
  using iterator = typename Vector::iterator;
  using const_iterator = typename Vector::const_iterator;

  CowVector() = default;

  CowVector(Vector items) : items_(std::move(items)) {}

  CowVector(std::initializer_list<T> items) : items_(Vector(items)) {}

  template <typename Iterator>
  CowVector(Iterator first, Iterator last) : items_(Vector(first, last)) {}

  operator const Vector&() const { return items_.read(); }

  const Vector& read() const { return items_.read(); }

  Vector& edit() { return items_.edit(); }

  bool empty() const { return read().empty(); }

  std::size_t size() const { return read().size(); }

  const_iterator begin() const { return read().begin(); }

  const_iterator end() const { return read().end(); }

  iterator begin() { return edit().begin(); }

  iterator end() { return edit().end(); }

  const T& operator[](std::size_t i) const { return read()[i]; }

  T& operator[](std::size_t i) { return edit()[i]; }

  const T& front() const { return read().front(); }

  T& front() { return edit().front(); }

  const T& back() const { return read().back(); }

  T& back() { return edit().back(); }

  void push_back(T item) { edit().push_back(std::move(item)); }

  template <typename... Args>
  T& emplace_back(Args&&... args) {
    return edit().emplace_back(std::forward<Args>(args)...);
  }

  template <typename Iterator>
  iterator insert(const_iterator at, Iterator first, Iterator last) {
    return edit().insert(at, first, last);
  }

  iterator erase(const_iterator first, const_iterator last) { return edit().erase(first, last); }

  iterator erase(const_iterator at) { return edit().erase(at); }

  void pop_back() { edit().pop_back(); }

  void resize(std::size_t size) { edit().resize(size); }

  void reserve(std::size_t size) { edit().reserve(size); }

  void clear() { items_.reset(); }

  bool shares(const CowVector& other) const { return items_.shares(other.items_); }

  friend bool operator==(const CowVector&, const CowVector&) = default;

  template <typename Predicate>
  friend std::size_t erase_if(CowVector& list, Predicate predicate) {
    return std::erase_if(list.edit(), predicate);
  }

 private:
  Cow<Vector> items_;
};

}  // namespace base
