#include "cloud/unavailable.h"

#include <algorithm>

namespace cloud {

namespace {

std::string key_of(const OfferingRef& offering) {
  return offering.capacity_type + ":" + offering.instance_type + ":" + offering.zone;
}

}  // namespace

void UnavailableOfferings::mark(const OfferingRef& offering, k8s::TimeNs now) {
  offerings_.insert_or_assign(key_of(offering), now + kUnavailableTtl);
  ++sequence_;
}

void UnavailableOfferings::mark_capacity_type(std::string_view capacity_type, k8s::TimeNs now) {
  capacity_types_.insert_or_assign(std::string(capacity_type), now + kUnavailableTtl);
  ++sequence_;
}

void UnavailableOfferings::mark_subnet(std::string_view subnet_id, k8s::TimeNs now) {
  subnets_.insert_or_assign(std::string(subnet_id), now + kUnavailableTtl);
  ++sequence_;
}

bool UnavailableOfferings::expire(k8s::TimeNs now) {
  const bool any_offering = expire_in(offerings_, now);
  const bool any_capacity_type = expire_in(capacity_types_, now);
  const bool any_subnet = expire_in(subnets_, now);
  return any_offering || any_capacity_type || any_subnet;
}

void UnavailableOfferings::clear() {
  if (!empty()) {
    ++sequence_;
  }
  offerings_.clear();
  capacity_types_.clear();
  subnets_.clear();
}

bool UnavailableOfferings::is_unavailable(const OfferingRef& offering,
                                          std::span<const std::string> subnets) const {
  if (empty()) {
    return false;
  }
  if (capacity_types_.contains(offering.capacity_type) || offerings_.contains(key_of(offering))) {
    return true;
  }
  return !subnets.empty() && std::ranges::all_of(subnets, [this](const std::string& id) {
    return subnets_.contains(id);
  });
}

k8s::TimeNs UnavailableOfferings::next_expiry() const {
  k8s::TimeNs earliest = 0;
  for (const Expiries* entries : {&offerings_, &capacity_types_, &subnets_}) {
    for (const auto& [key, expiry] : *entries) {
      earliest = earliest == 0 ? expiry : std::min(earliest, expiry);
    }
  }
  return earliest;
}

bool UnavailableOfferings::expire_in(Expiries& entries, k8s::TimeNs now) {
  const auto removed =
      std::erase_if(entries, [now](const auto& entry) { return entry.second <= now; });
  sequence_ += removed;
  return removed > 0;
}

}  // namespace cloud
