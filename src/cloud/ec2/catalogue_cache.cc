#include "cloud/ec2/catalogue_cache.h"

#include <algorithm>

namespace cloud::ec2 {

base::Result<CataloguePtr> CatalogueCache::get(const ClassView& view,
                                               const UnavailableOfferings& unavailable) {
  const auto found = std::ranges::find(entries_, view, &Entry::view);
  if (found != entries_.end()) {
    if (found->sequence == unavailable.sequence()) {
      return found->catalogue;
    }
    entries_.erase(found);
  }
  CataloguePtr catalogue = TRY(build_catalogue(facts_, view, unavailable, next_version_));
  ++next_version_;
  if (entries_.size() == kMaxEntries) {
    entries_.erase(entries_.begin());
  }
  entries_.push_back({.view = view, .sequence = unavailable.sequence(), .catalogue = catalogue});
  return catalogue;
}

}  // namespace cloud::ec2
