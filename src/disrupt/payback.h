// Does a move pay? What it saves per hour against what it costs once: pods that have to move, and
// machines that have to come up beside those that still run (--consolidation=extended).
//
// How long it has to do so nobody knows: the load may change in a minute or never. So this is rent
// or buy. While its machines stay as they are, every hour without the move is rent; once the rent
// has come to four times what the move costs, it is made. That is never more than five times what
// somebody who knows the future would have paid, and hardly anybody is evicted in vain. Pure
// functions of the snapshot (docs/decisions/0014-extended-consolidation.md).
#pragma once

#include <optional>
#include <vector>

#include "disrupt/candidate.h"
#include "k8s/time.h"
#include "world/snapshot.h"

namespace disrupt {

// Dollars per eviction of an ordinary pod (DIS-41 makes it more or less).
inline constexpr double kEvictionDollars = 0.01;
// Dollars per launch: it may fail, and somebody waits for it.
inline constexpr double kLaunchDollars = 0.01;
// Hours that a new machine runs beside those that it replaces.
inline constexpr double kOverlapHours = 1.0 / 12;

// The horizon, in which a move has to have paid: a part of the time for which its machines have
// been quiet, within bounds. A launch bets on the load as it is, so it has less time than pods that
// find room on machines that stay; and Jobs end by themselves, so that where a machine has no other
// pods the horizon does not grow.
inline constexpr k8s::DurationNs kQuietPerHorizon = 4;
inline constexpr k8s::DurationNs kLeastHorizon = 75 * k8s::kMinute;
inline constexpr k8s::DurationNs kShortHorizon = 30 * k8s::kMinute;  // Launches; Jobs.
inline constexpr k8s::DurationNs kMostHorizon = 12 * k8s::kHour;

struct Outlay {
  double evictions = 0;               // Weighed by their cost.
  std::vector<double> launches = {};  // Dollars per hour of each.

  double dollars() const;
};

// What the candidates' pods cost to move.
double evictions_of(const std::vector<const Candidate*>& candidates);

// What is known of how long some machines will go on as they are.
struct Outlook {
  // Since when nothing has happened to their pods: status.lastPodEventTime, or the claim's
  // initialisation as DIS-71 has it, the latest of them.
  k8s::TimeNs quiet_since = 0;
  bool has_jobs_alone = false;  // One of them has, and nothing else.

  k8s::DurationNs horizon(const Outlay& outlay, k8s::TimeNs now) const;
  // The first moment at which the horizon is so long; nullopt: never.
  std::optional<k8s::TimeNs> when(k8s::DurationNs horizon, const Outlay& outlay) const;

  // Its bounds.
  k8s::DurationNs least(const Outlay& outlay) const;
  k8s::DurationNs most() const;
};

Outlook outlook_of(const world::Snapshot& snapshot,
                   const std::vector<const Candidate*>& candidates);

// What is left after the horizon; a move pays when it is not negative.
double net_gain(double savings, const Outlay& outlay, k8s::DurationNs horizon);

// The payback of moves at one instant, and when to look again at those that do not pay yet.
// Borrows the snapshot.
class Payback {
 public:
  explicit Payback(const world::Snapshot& snapshot) : snapshot_(snapshot) {}

  // As net_gain, by the outlook of these machines now.
  double gain(const std::vector<const Candidate*>& candidates,
              double savings,
              const Outlay& outlay);

  // The first full hour at which one of those asked about pays that does not now. Full hours, so
  // that a cluster at rest is looked at once an hour at most, however many moves it has to wait
  // for.
  std::optional<k8s::TimeNs> look_again() const { return look_again_; }

 private:
  const world::Snapshot& snapshot_;
  std::optional<k8s::TimeNs> look_again_;
};

}  // namespace disrupt
