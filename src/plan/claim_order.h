// Open claims by number of pods, as a stable sort before every placement would have them (SCH-145):
// a claim that has just got a pod stands before all others that already had as many, a new claim
// behind all others with one pod.
//
// The order is kept as lanes, one per requirement set, so that a pod which a set refuses passes
// over all of its claims at once. Sets beyond the first kLanes - 1 share the last lane. The claim
// that precedes() all others of all lanes is the first.
//
//   order.add(set);              // claim 0, with one pod
//   order.raise(0, narrower);    // it got another, and has narrower requirements now
//   for (auto c = order.first(lane); c != ClaimOrder::kEnd; c = order.next(c)) { ... }
//
// add and raise take time that grows with the pods of the one claim at most. Thread rule: one
// owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/requirement_set.h"

namespace plan {

class ClaimOrder {
 public:
  using Claim = std::uint32_t;
  static constexpr Claim kEnd = ~Claim{0};
  static constexpr std::size_t kLanes = 64;

  // The next claim number, with one pod.
  void add(model::SetId set);
  void raise(Claim claim, model::SetId set);

  std::size_t size() const { return places_.size(); }

  std::size_t lanes() const { return lanes_.size(); }

  // All claims of the lane have one set.
  static bool is_exclusive(std::size_t lane) { return lane + 1 < kLanes; }

  Claim first(std::size_t lane) const { return lanes_[lane].first; }

  // The next one of the claim's lane.
  Claim next(Claim claim) const { return places_[claim].next; }

  bool precedes(Claim a, Claim b) const {
    const Place& left = places_[a];
    const Place& right = places_[b];
    return left.pods != right.pods ? left.pods < right.pods : left.turn < right.turn;
  }

 private:
  struct Place {
    Claim previous = kEnd;
    Claim next = kEnd;
    std::uint32_t lane = 0;
    std::uint32_t pods = 1;
    std::int64_t turn = 0;  // Ascending among claims with equal pods.
  };

  struct Group {
    Claim front = kEnd;
    Claim back = kEnd;
  };

  struct Lane {
    Claim first = kEnd;
    std::vector<Group> groups;  // By number of pods.
  };

  std::uint32_t lane_of(model::SetId set);
  void link(Claim claim, Claim previous);
  void unlink(Claim claim);

  std::vector<Place> places_;
  std::vector<Lane> lanes_;
  std::vector<model::SetId> sets_;  // By lane; one less when the last lane is shared.
  std::int64_t turns_ = 0;
};

}  // namespace plan
