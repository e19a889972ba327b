// What the machines of each pool cost per hour (spec 04 s12.3, spec 03 s16): counted by offering,
// priced by what the pool sees of its catalogue, overlays included.
//
//   ClusterCost cost;
//   cost.update(*snapshot);
//   cost.of_pool("default");   // Dollars per hour.
//
// An offering that is sold no more keeps the price it had last; one whose price was never known
// costs nothing and is named by unpriced(). Thread rule: one thread. O(claims) per update, of which
// only those that are new or changed are looked up.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "world/snapshot.h"

namespace control {

class ClusterCost {
 public:
  void update(const world::Snapshot& snapshot);

  // 0 for a pool without machines.
  double of_pool(std::string_view pool) const;
  double total() const;

  const std::map<std::string, double, std::less<>>& by_pool() const { return by_pool_; }

  // "pool: type zone capacity-type" of offerings in use without a price; sorted.
  const std::vector<std::string>& unpriced() const { return unpriced_; }

 private:
  using Offer = std::tuple<std::string, std::string, std::string, std::string>;  // Pool first.

  // A version of a claim, and its offering; end: it has none yet.
  struct Counted {
    std::shared_ptr<const k8s::NodeClaim> claim;
    std::map<Offer, std::int64_t, std::less<>>::iterator offer;
  };

  void count(const world::Snapshot& snapshot);

  std::vector<Counted> counted_;                       // By row.
  std::map<Offer, std::int64_t, std::less<>> counts_;  // Machines; 0: none any more.
  std::map<Offer, double, std::less<>> prices_;        // In use; the last ones known.
  std::map<std::string, double, std::less<>> by_pool_;
  std::vector<std::string> unpriced_;
};

}  // namespace control
