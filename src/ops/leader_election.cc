#include "ops/leader_election.h"

#include <algorithm>
#include <utility>

namespace ops {

void LeaseRules::observe(const k8s::Lease& lease, base::Instant now) {
  const bool is_changed = !seen_changed_ ||
                          lease.meta.resource_version != seen_.meta.resource_version ||
                          lease.holder != seen_.holder || lease.renew_time != seen_.renew_time;
  seen_ = lease;
  if (is_changed) {
    seen_changed_ = now;
  }
}

bool LeaseRules::is_held_by_other(base::Instant now) const {
  if (seen_.holder.empty() || seen_.holder == terms_.identity) {
    return false;
  }
  const base::Duration duration =
      seen_.duration_seconds > 0 ? std::chrono::seconds(seen_.duration_seconds) : terms_.duration;
  return now < *seen_changed_ + duration;
}

LeaseMove LeaseRules::decide(const k8s::Lease* seen, base::Instant now, base::WallTime wall) {
  LeaseMove move;
  if (seen != nullptr) {
    observe(*seen, now);
    if (is_held_by_other(now)) {
      resign();
      return move;
    }
    move.kind = LeaseMove::Kind::kUpdate;
    move.lease = *seen;
  } else {
    move.kind = LeaseMove::Kind::kCreate;
    move.lease.meta.name = terms_.name;
    move.lease.meta.namespace_ = terms_.namespace_;
  }
  k8s::Lease& lease = move.lease;
  const k8s::TimeNs time = base::to_unix_ns(wall);
  if (seen == nullptr || lease.holder != terms_.identity) {
    lease.acquire_time = time;
    lease.transitions += seen == nullptr ? 0 : 1;
  }
  lease.holder = terms_.identity;
  lease.duration_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(terms_.duration).count();
  lease.renew_time = time;
  return move;
}

LeaseMove LeaseRules::renew(base::Instant now, base::WallTime wall) {
  const k8s::Lease last = seen_;
  return decide(&last, now, wall);
}

void LeaseRules::written(const k8s::Lease& lease, base::Instant sent, base::Instant answered) {
  observe(lease, sent);
  const base::Instant end =
      std::min(answered + terms_.renew_deadline, sent + terms_.duration - terms_.retry_period);
  if (lease.holder == terms_.identity && answered < end) {
    term_end_ = std::max(term_end_.value_or(end), end);
  }
}

std::optional<k8s::Lease> LeaseRules::release(base::WallTime wall) const {
  if (!is_leading() || seen_.holder != terms_.identity) {
    return std::nullopt;
  }
  k8s::Lease lease = seen_;
  lease.holder.clear();
  lease.duration_seconds = 1;
  lease.renew_time = base::to_unix_ns(wall);
  return lease;
}

}  // namespace ops
