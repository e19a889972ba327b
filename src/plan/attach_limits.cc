#include "plan/attach_limits.h"

#include <algorithm>
#include <unordered_map>

namespace plan {

// The largest count that any node of the type reports: a node may report less for reasons of its
// own, such as network interfaces that take the place of volumes.
AttachLimits::AttachLimits(const world::Snapshot& snapshot) {
  if (snapshot.csi_nodes.empty()) {
    return;
  }
  std::unordered_map<std::string, std::string> type_of;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.node == nullptr) {
      return;
    }
    if (const std::string* type = row.node->meta.label(cloud::label::kInstanceType)) {
      type_of.emplace(row.node->meta.name, *type);
    }
  });
  for (const auto& csi_node : snapshot.csi_nodes) {
    const auto type = type_of.find(csi_node->meta.name);
    if (type == type_of.end()) {
      continue;
    }
    for (const k8s::CSIDriverOnNode& driver : csi_node->drivers) {
      if (driver.allocatable_count) {
        const auto [limit, is_new] =
            by_type_[type->second].try_emplace(driver.name, *driver.allocatable_count);
        limit->second = std::max(limit->second, *driver.allocatable_count);
      }
    }
  }
}

void AttachLimits::keep_attachable(const Columns& columns,
                                   const DriverClaims& used,
                                   const DriverClaims& more,
                                   base::Bitset& rows) const {
  if (by_type_.empty() || more.empty()) {
    return;
  }
  const base::Bitset candidates = rows;
  candidates.for_each_set([&](std::size_t row) {
    const auto limits = by_type_.find(columns.type_of_row(row).name);
    if (limits == by_type_.end()) {
      return;
    }
    const bool is_exceeded = std::ranges::any_of(more, [&](const auto& entry) {
      const auto limit = limits->second.find(entry.first);
      return limit != limits->second.end() &&
             count_attached(used, more, entry.first) >
                 static_cast<std::size_t>(std::max(limit->second, 0));
    });
    if (is_exceeded) {
      rows.reset(row);
    }
  });
}

std::size_t count_attached(const DriverClaims& used,
                           const DriverClaims& more,
                           const std::string& driver) {
  const auto have = used.find(driver);
  const auto want = more.find(driver);
  std::size_t count = have == used.end() ? 0 : have->second.size();
  if (want != more.end()) {
    count +=
        static_cast<std::size_t>(std::ranges::count_if(want->second, [&](const std::string& claim) {
          return have == used.end() || !have->second.contains(claim);
        }));
  }
  return count;
}

}  // namespace plan
