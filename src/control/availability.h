// Catalogues as the planner should see them: what the cloud recently could not deliver is marked
// unavailable, until that is forgotten (AWI-130..136). One per process; time is passed.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "cloud/catalogue.h"
#include "cloud/unavailable.h"
#include "k8s/meta.h"

namespace control {

class Availability {
 public:
  void mark(std::span<const cloud::OfferingRef> offerings, k8s::TimeNs now);

  // Forgets what is due; returns whether anything changed.
  bool expire(k8s::TimeNs now) { return unavailable_.expire(now); }

  // 0: nothing to forget.
  k8s::TimeNs next_expiry() const { return unavailable_.next_expiry(); }

  // The catalogue itself when all of it is available; the same pointer for the same contents.
  cloud::CataloguePtr masked(const std::string& key, const cloud::CataloguePtr& catalogue);

 private:
  struct Masked {
    cloud::CataloguePtr source;
    std::uint64_t sequence = 0;
    cloud::CataloguePtr result;
  };

  cloud::UnavailableOfferings unavailable_;
  std::map<std::string, Masked> masked_;
};

}  // namespace control
