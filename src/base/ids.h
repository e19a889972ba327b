// Dense ids: small integers that name the rows of one table, distinct per tag so that an OfferId
// cannot be passed for a NodeId. Ids order and hash by their number; the default id is invalid.
//
//   struct OfferTag;
//   using OfferId = base::Id<OfferTag>;
//   base::IdVector<OfferId, double> price(offer_count);
//   price[OfferId(3)] = 0.12;
//
// Thread rule: plain values.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace base {

template <typename Tag>
class Id {
 public:
  using Rep = std::uint32_t;

  constexpr Id() = default;

  constexpr explicit Id(std::size_t index) : value_(static_cast<Rep>(index)) {}

  constexpr std::size_t index() const { return value_; }

  constexpr Rep value() const { return value_; }

  constexpr bool is_valid() const { return value_ != kInvalid; }

  friend constexpr auto operator<=>(Id, Id) = default;

  friend std::size_t hash_value(Id id) { return std::hash<Rep>()(id.value_); }

 private:
  static constexpr Rep kInvalid = std::numeric_limits<Rep>::max();

  Rep value_ = kInvalid;
};

// A vector whose index is an id. Grown with push_back, which returns the id of the new row.
template <typename IdType, typename T>
class IdVector {
 public:
  IdVector() = default;

  explicit IdVector(std::size_t size, const T& value = T()) : rows_(size, value) {}

  T& operator[](IdType id) {
    DASSERT(id.index() < rows_.size());
    return rows_[id.index()];
  }

  const T& operator[](IdType id) const {
    DASSERT(id.index() < rows_.size());
    return rows_[id.index()];
  }

  IdType push_back(T value) {
    rows_.push_back(std::move(value));
    return IdType(rows_.size() - 1);
  }

  std::size_t size() const { return rows_.size(); }

  bool empty() const { return rows_.empty(); }

  void resize(std::size_t size, const T& value = T()) { rows_.resize(size, value); }

  void reserve(std::size_t size) { rows_.reserve(size); }

  void clear() { rows_.clear(); }

  auto begin() { return rows_.begin(); }

  auto end() { return rows_.end(); }

  auto begin() const { return rows_.begin(); }

  auto end() const { return rows_.end(); }

  // The rows by position.
  const std::vector<T>& rows() const { return rows_; }

 private:
  std::vector<T> rows_;
};

}  // namespace base

template <typename Tag>
struct std::hash<base::Id<Tag>> {
  std::size_t operator()(base::Id<Tag> id) const noexcept { return hash_value(id); }
};
