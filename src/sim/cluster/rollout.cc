#include "sim/cluster/rollout.h"

#include <algorithm>
#include <numeric>

namespace sim {

namespace {

std::int64_t sum(const std::vector<SetSize>& sets, std::int64_t SetSize::* member) {
  return std::accumulate(
      sets.begin(), sets.end(), std::int64_t{0}, [&](std::int64_t all, const SetSize& one) {
        return all + one.*member;
      });
}

// Those that stay: of a set that was just made smaller, more may still be there.
std::int64_t available(const SetSize& set) {
  return std::min(set.available, set.replicas);
}

NextSizes recreated(std::int64_t wanted, const SetSize& current, const std::vector<SetSize>& old) {
  const bool is_clear = sum(old, &SetSize::pods) == 0;
  return {.current = is_clear ? wanted : std::min(wanted, current.replicas),
          .old = std::vector<std::int64_t>(old.size(), 0)};
}

}  // namespace

std::int64_t resolve(const k8s::IntOrPercent& amount, std::int64_t total, Rounding rounding) {
  return amount.is_percent ? (total * amount.value + (rounding == Rounding::kUp ? 99 : 0)) / 100
                           : amount.value;
}

NextSizes next_sizes(std::int64_t wanted,
                     const Rollout& rollout,
                     const SetSize& current,
                     const std::vector<SetSize>& old) {
  if (rollout.recreates) {
    return recreated(wanted, current, old);
  }
  const std::int64_t surge = resolve(rollout.max_surge, wanted, Rounding::kUp);
  std::int64_t unavailable =
      std::min(wanted, resolve(rollout.max_unavailable, wanted, Rounding::kDown));
  if (surge == 0 && unavailable == 0) {
    unavailable = 1;  // Or nothing would ever move.
  }
  const std::int64_t all_old = sum(old, &SetSize::replicas);
  NextSizes next{.current = wanted, .old = {}};
  if (current.replicas < wanted) {
    const std::int64_t room = wanted + surge - all_old - current.replicas;
    next.current = std::min(wanted, current.replicas + std::max<std::int64_t>(0, room));
  }
  // Pods that are not available cost nothing; the others as long as enough are left.
  const std::int64_t least = wanted - unavailable;
  std::int64_t broken_room =
      all_old + current.replicas - least - (current.replicas - current.available);
  std::int64_t room = available(current) - least;
  for (const SetSize& set : old) {
    room += available(set);
  }
  for (const SetSize& set : old) {
    const std::int64_t broken = std::clamp<std::int64_t>(
        set.replicas - available(set), 0, std::max<std::int64_t>(0, broken_room));
    const std::int64_t healthy =
        std::clamp<std::int64_t>(room, 0, std::min(available(set), set.replicas - broken));
    broken_room -= broken + healthy;
    room -= healthy;
    next.old.push_back(set.replicas - broken - healthy);
  }
  return next;
}

}  // namespace sim
