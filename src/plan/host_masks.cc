#include "plan/host_masks.h"

namespace plan {

void HostMasks::grow(std::size_t claims) {
  claims_ = claims;
  full_.resize(topology_.size());
  for (Full& full : full_) {
    for (base::Bitset& bits : full) {
      if (bits.size() > 0) {
        bits.resize(claims);
      }
    }
  }
}

void HostMasks::clear() {
  for (const std::size_t group : marked_) {
    full_[group] = {};
  }
  marked_.clear();
}

void HostMasks::update(std::size_t claim, model::Symbol host, std::span<const GroupId> groups) {
  for (const GroupId id : groups) {
    const TopologyGroup& group = topology_.group(id);
    if (!group.is_hostname || group.spec.kind == GroupKind::kAffinity) {
      continue;
    }
    const std::int64_t most = group.spec.kind == GroupKind::kSpread ? group.spec.max_skew : 0;
    const std::int64_t self = group.spec.kind == GroupKind::kSpread ? 1 : 0;
    const std::int64_t count = group.count(host);
    for (std::size_t i = 0; i < 2; ++i) {
      if (count + self * static_cast<std::int64_t>(i) > most) {
        base::Bitset& bits = full_[id.index()][i];
        if (bits.size() == 0) {
          marked_.push_back(id.index());
        }
        bits.resize(claims_);
        bits.set(claim);
      }
    }
  }
}

void HostMasks::add_full(std::span<const OwnedGroup> owned,
                         std::span<const GroupId> avoided,
                         base::Bitset& mask) const {
  for (const OwnedGroup& one : owned) {
    add(one.group, one.is_self, mask);
  }
  for (const GroupId group : avoided) {
    add(group, false, mask);
  }
}

void HostMasks::add(GroupId group, bool is_self, base::Bitset& mask) const {
  if (group.index() < full_.size()) {
    const base::Bitset& full = full_[group.index()][is_self ? 1 : 0];
    if (full.size() > 0) {
      mask |= full;
    }
  }
}

}  // namespace plan
