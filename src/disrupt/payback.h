// Does a move pay? What it saves per hour against what it costs once: pods that have to move, and
// machines that have to come up beside those that still run (--consolidation=extended).
//
// How long it has to do so nobody knows: the load may change in a minute or never. So this is rent
// or buy. While its machines stay as they are, every hour without the move is rent; once the rent
// has come to what the move costs, it is made. That is never more than twice what somebody who
// knows the future would have paid. Pure functions of the snapshot's now
// (docs/decisions/0014-extended-consolidation.md).
#pragma once

#include <optional>
#include <vector>

#include "disrupt/candidate.h"
#include "k8s/time.h"

namespace disrupt {

// Dollars per eviction of an ordinary pod (DIS-41 makes it more or less).
inline constexpr double kEvictionDollars = 0.01;
// Dollars per launch: it may fail, and somebody waits for it.
inline constexpr double kLaunchDollars = 0.01;
// Hours that a new machine runs beside those that it replaces.
inline constexpr double kOverlapHours = 1.0 / 6;
// The time in which a move has to have paid is as long as its machines have been quiet, but at
// least and at most so long. Less lets machines run that a busy day empties too late; more moves
// pods for pennies.
inline constexpr k8s::DurationNs kLeastHorizon = 90 * k8s::kMinute;
inline constexpr k8s::DurationNs kMostHorizon = 12 * k8s::kHour;

struct Outlay {
  double evictions = 0;               // Weighed by their cost.
  std::vector<double> launches = {};  // Dollars per hour of each.

  double dollars() const;
};

// What the candidates' pods cost to move.
double evictions_of(const std::vector<const Candidate*>& candidates);

// Since when nothing has happened to the pods of any of them: status.lastPodEventTime, or the
// claim's initialisation as DIS-71 has it.
k8s::TimeNs quiet_since(const std::vector<const Candidate*>& candidates);

// What is left after the horizon that so much quiet gives; a move pays when it is not negative.
double net_gain(double savings, const Outlay& outlay, k8s::DurationNs quiet);

// How long its machines have to be quiet so that the move pays; nullopt: it never does.
std::optional<k8s::DurationNs> quiet_needed(double savings, const Outlay& outlay);

// The payback of moves at one instant, and when to look again at those that do not pay yet.
class Payback {
 public:
  explicit Payback(k8s::TimeNs now) : now_(now) {}

  // As net_gain, for machines as quiet as these are now.
  double gain(const std::vector<const Candidate*>& candidates,
              double savings,
              const Outlay& outlay);

  // The first full hour at which one of those asked about pays that does not now. Full hours, so
  // that a cluster at rest is looked at once an hour at most, however many moves it has to wait
  // for.
  std::optional<k8s::TimeNs> look_again() const { return look_again_; }

 private:
  k8s::TimeNs now_;
  std::optional<k8s::TimeNs> look_again_;
};

}  // namespace disrupt
