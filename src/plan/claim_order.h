// Open claims by number of pods, as a stable sort before every placement would have them (SCH-145):
// a claim that has just got a pod stands before all others that already had as many, a new claim
// behind all others with one pod. All operations take constant time.
//
//   order.add();                 // claim 0, with one pod
//   order.raise(0);              // it got another
//   for (auto c = order.first(); c != ClaimOrder::kEnd; c = order.next(c)) { ... }
//
// Thread rule: one owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plan {

class ClaimOrder {
 public:
  using Claim = std::uint32_t;
  static constexpr Claim kEnd = ~Claim{0};

  // The next claim number, with one pod.
  void add();
  void raise(Claim claim);

  Claim first() const { return first_; }

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
    std::uint32_t pods = 1;
    std::int64_t turn = 0;  // Ascending among claims with equal pods.
  };

  struct Group {
    Claim front = kEnd;
    Claim back = kEnd;
  };

  Group& group(std::uint32_t pods);
  void link(Claim claim, Claim previous, Claim next);
  void unlink(Claim claim);

  std::vector<Place> places_;
  std::vector<Group> groups_;  // By number of pods.
  Claim first_ = kEnd;
  std::int64_t turns_ = 0;
};

}  // namespace plan
