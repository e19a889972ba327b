// Strings to dense ids and back. Equal text gets the equal id; ids count up from 0 in order of
// first sight. Views returned by text() stay valid for the life of the interner, also after a move.
//
//   base::Interner<LabelKeyId> keys;
//   LabelKeyId zone = keys.intern("topology.kubernetes.io/zone");
//   keys.text(zone);
//
// O(length) per look-up. Thread rule: one writer; concurrent readers while nobody writes.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/arena.h"
#include "base/hash.h"

namespace base {

template <typename IdType>
class Interner {
 public:
  IdType intern(std::string_view text) {
    if (const auto it = ids_.find(text); it != ids_.end()) {
      return it->second;
    }
    const IdType id(texts_.size());
    const std::string_view stored = arena_.copy_text(text);
    texts_.push_back(stored);
    ids_.emplace(stored, id);
    return id;
  }

  std::optional<IdType> find(std::string_view text) const {
    const auto it = ids_.find(text);
    return it == ids_.end() ? std::nullopt : std::optional<IdType>(it->second);
  }

  // REQUIRES: the id came from this interner.
  std::string_view text(IdType id) const { return texts_[id.index()]; }

  std::size_t size() const { return texts_.size(); }

 private:
  Arena arena_{4096};
  std::vector<std::string_view> texts_;  // By id; views into arena_.
  boost::unordered_flat_map<std::string_view, IdType, TextHash> ids_;
};

}  // namespace base
