// What the cloud recently could not deliver: offerings, whole capacity types, exhausted subnets.
// Entries expire, so that the next attempt is only delayed. A value without a clock: its owner
// passes the time. Rules AWI-130..136.
//
// Thread rule: value. Size: bounded by instance types x zones x 2, and by expiry.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cloud/provider.h"
#include "k8s/meta.h"

namespace cloud {

inline constexpr k8s::DurationNs kUnavailableTtl = k8s::DurationNs{180} * 1'000'000'000;  // AWI-130

class UnavailableOfferings {
 public:
  // Marking again extends (AWI-131).
  void mark(const OfferingRef& offering, k8s::TimeNs now);
  void mark_capacity_type(std::string_view capacity_type, k8s::TimeNs now);
  void mark_subnet(std::string_view subnet_id, k8s::TimeNs now);

  // Forgets what is due. Returns whether anything was.
  bool expire(k8s::TimeNs now);
  void clear();

  // AWI-132. `subnets` are all subnets of the zone; an empty list never blocks.
  bool is_unavailable(const OfferingRef& offering, std::span<const std::string> subnets = {}) const;

  bool empty() const { return offerings_.empty() && capacity_types_.empty() && subnets_.empty(); }

  // Changes with every mark and every removal: two equal numbers mean equal contents (AWI-134).
  std::uint64_t sequence() const { return sequence_; }

  // The earliest expiry; 0 when empty.
  k8s::TimeNs next_expiry() const;

 private:
  using Expiries = std::map<std::string, k8s::TimeNs, std::less<>>;

  bool expire_in(Expiries& entries, k8s::TimeNs now);

  Expiries
      offerings_;  // "<capacity type>:<instance type>:<zone>" -> first instant of availability.
  Expiries capacity_types_;
  Expiries subnets_;
  std::uint64_t sequence_ = 0;
};

}  // namespace cloud
