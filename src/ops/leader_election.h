// Who leads: the rules of a lease, without time and without network (spec 05 A.10). Of several
// processes the one whose name stands in the lease runs the controllers; it renews its name, and
// whoever sees no renewal for the lease's duration takes over.
//
//   LeaseRules rules({.identity = "host_uuid"});
//   const LeaseMove move = rules.decide(lease_or_null, now, wall);   // What to write, if anything.
//   ... write it ...
//   rules.written(lease, sent, answered);
//
// A lease is judged by our own clock from the moment at which we saw it change: the clocks of
// others do not matter. A term counts from before the request that renewed it, so that we stop
// before anybody else may begin. Thread rule: a value. ops/leader_elector.h does what this decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "k8s/workload.h"

namespace ops {

// OPR-44
struct LeaseTerms {
  std::string identity;
  std::string name = "karpenter-leader-election";
  std::string namespace_;
  base::Duration duration = std::chrono::seconds(15);
  base::Duration renew_deadline = std::chrono::seconds(10);
  base::Duration retry_period = std::chrono::seconds(2);
};

struct LeaseMove {
  enum class Kind : std::uint8_t { kWait, kCreate, kUpdate };

  Kind kind = Kind::kWait;
  k8s::Lease lease;  // To be written; with the resource version that it replaces.
};

class LeaseRules {
 public:
  explicit LeaseRules(LeaseTerms terms) : terms_(std::move(terms)) {}

  const LeaseTerms& terms() const { return terms_; }

  // `seen` is what the API holds now; null: no such lease.
  LeaseMove decide(const k8s::Lease* seen, base::Instant now, base::WallTime wall);
  // The same, from what the API held last: while we lead, the next renewal need not ask first.
  // REQUIRES: is_leading().
  LeaseMove renew(base::Instant now, base::WallTime wall);
  // The API took what decide() proposed: `sent` and `answered` are when. The term ends ten seconds
  // after the answer, but never later than others may think it over, counted from the sending. An
  // answer that comes after that makes nobody a leader.
  void written(const k8s::Lease& lease, base::Instant sent, base::Instant answered);

  bool is_leading() const { return term_end_.has_value(); }

  // Until when we may act without another renewal. REQUIRES: is_leading().
  base::Instant deadline() const { return *term_end_; }

  // We lead no more.
  void resign() { term_end_.reset(); }

  // What gives the lease away at once, so that the next one need not wait it out (OPR-48).
  // nullopt when the lease is not ours.
  std::optional<k8s::Lease> release(base::WallTime wall) const;

  // Who leads as far as we know; empty: nobody.
  const std::string& holder() const { return seen_.holder; }

 private:
  bool is_held_by_other(base::Instant now) const;
  void observe(const k8s::Lease& lease, base::Instant now);

  LeaseTerms terms_;
  k8s::Lease seen_;
  std::optional<base::Instant> seen_changed_;  // When seen_ last changed; nullopt: never seen.
  std::optional<base::Instant> term_end_;      // nullopt: we do not lead.
};

}  // namespace ops
