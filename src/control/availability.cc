#include "control/availability.h"

#include "base/hash.h"

namespace control {

void Availability::mark(std::span<const cloud::OfferingRef> offerings, k8s::TimeNs now) {
  for (const cloud::OfferingRef& offering : offerings) {
    unavailable_.mark(offering, now);
  }
}

cloud::CataloguePtr Availability::masked(const std::string& key,
                                         const cloud::CataloguePtr& catalogue) {
  if (catalogue == nullptr || unavailable_.empty()) {
    return catalogue;
  }
  Masked& entry = masked_[key];
  if (entry.source == catalogue && entry.sequence == unavailable_.sequence()) {
    return entry.result;
  }
  auto copy = std::make_shared<cloud::Catalogue>(*catalogue);
  for (cloud::InstanceType& type : copy->types) {
    for (cloud::Offering& offering : type.offerings) {
      if (unavailable_.is_unavailable({type.name, offering.zone, offering.capacity_type})) {
        offering.available = false;
      }
    }
  }
  copy->version = base::Hasher(catalogue->version).add(unavailable_.sequence()).digest();
  entry = {catalogue, unavailable_.sequence(), copy};
  return copy;
}

}  // namespace control
