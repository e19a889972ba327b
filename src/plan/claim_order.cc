#include "plan/claim_order.h"

namespace plan {

ClaimOrder::Group& ClaimOrder::group(std::uint32_t pods) {
  if (groups_.size() <= pods) {
    groups_.resize(pods + 1);
  }
  return groups_[pods];
}

void ClaimOrder::link(Claim claim, Claim previous, Claim next) {
  places_[claim].previous = previous;
  places_[claim].next = next;
  (previous == kEnd ? first_ : places_[previous].next) = claim;
  if (next != kEnd) {
    places_[next].previous = claim;
  }
}

void ClaimOrder::unlink(Claim claim) {
  const Place& place = places_[claim];
  (place.previous == kEnd ? first_ : places_[place.previous].next) = place.next;
  if (place.next != kEnd) {
    places_[place.next].previous = place.previous;
  }
}

void ClaimOrder::add() {
  const auto claim = static_cast<Claim>(places_.size());
  places_.push_back({.turn = ++turns_});
  Group& ones = group(1);
  const Claim previous = ones.back;
  link(claim, previous, previous == kEnd ? first_ : places_[previous].next);
  ones.back = claim;
  if (ones.front == kEnd) {
    ones.front = claim;
  }
}

void ClaimOrder::raise(Claim claim) {
  const std::uint32_t pods = places_[claim].pods;
  group(pods + 1);  // Before references into the groups are taken.
  Group& from = groups_[pods];
  Group& to = groups_[pods + 1];
  const Claim before = places_[claim].previous;
  const Claim after = places_[claim].next;
  unlink(claim);
  const bool was_alone = from.front == from.back;
  if (was_alone) {
    from = {};
  } else if (from.front == claim) {
    from.front = after;
  } else if (from.back == claim) {
    from.back = before;
  }
  const Claim previous = was_alone ? before : from.back;
  link(claim, previous, previous == kEnd ? first_ : places_[previous].next);
  to.front = claim;
  if (to.back == kEnd) {
    to.back = claim;
  }
  places_[claim].pods = pods + 1;
  places_[claim].turn = -(++turns_);
}

}  // namespace plan
