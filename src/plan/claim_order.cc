#include "plan/claim_order.h"

#include <algorithm>

namespace plan {

std::uint32_t ClaimOrder::lane_of(model::SetId set) {
  const auto found = std::ranges::find(sets_, set);
  const auto lane = static_cast<std::size_t>(found - sets_.begin());
  if (found == sets_.end() && is_exclusive(lane)) {
    sets_.push_back(set);
  }
  if (lane == lanes_.size()) {
    lanes_.emplace_back();
  }
  return static_cast<std::uint32_t>(lane);
}

void ClaimOrder::link(Claim claim, Claim previous) {
  Place& place = places_[claim];
  Claim& link = previous == kEnd ? lanes_[place.lane].first : places_[previous].next;
  place.previous = previous;
  place.next = link;
  link = claim;
  if (place.next != kEnd) {
    places_[place.next].previous = claim;
  }
}

void ClaimOrder::unlink(Claim claim) {
  const Place& place = places_[claim];
  Lane& lane = lanes_[place.lane];
  Group& group = lane.groups[place.pods];
  if (group.front == group.back) {
    group = {};
  } else if (group.front == claim) {
    group.front = place.next;
  } else if (group.back == claim) {
    group.back = place.previous;
  }
  (place.previous == kEnd ? lane.first : places_[place.previous].next) = place.next;
  if (place.next != kEnd) {
    places_[place.next].previous = place.previous;
  }
}

void ClaimOrder::add(model::SetId set) {
  const auto claim = static_cast<Claim>(places_.size());
  places_.push_back({.lane = lane_of(set), .turn = ++turns_});
  std::vector<Group>& groups = lanes_[places_[claim].lane].groups;
  if (groups.size() < 2) {
    groups.resize(2);
  }
  Group& ones = groups[1];
  link(claim, ones.back);
  ones.back = claim;
  if (ones.front == kEnd) {
    ones.front = claim;
  }
}

void ClaimOrder::raise(Claim claim, model::SetId set) {
  unlink(claim);
  Place& place = places_[claim];
  place.lane = lane_of(set);
  place.turn = -(++turns_);
  const std::uint32_t pods = ++place.pods;
  std::vector<Group>& groups = lanes_[place.lane].groups;
  if (groups.size() <= pods) {
    groups.resize(pods + 1);
  }
  std::uint32_t fewer = pods - 1;
  while (fewer > 0 && groups[fewer].back == kEnd) {
    --fewer;
  }
  link(claim, groups[fewer].back);
  Group& group = groups[pods];
  group.front = claim;
  if (group.back == kEnd) {
    group.back = claim;
  }
}

}  // namespace plan
