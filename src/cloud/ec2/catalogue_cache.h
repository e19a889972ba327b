// Catalogues by class view: equal views share one catalogue until something they depend on changes.
// Hands out versions, so that a planner can tell catalogues apart without looking inside.
//
//   CatalogueCache cache(embedded_facts());
//   const CataloguePtr catalogue = TRY(cache.get(view, unavailable));
//
// Bounded: the oldest of kMaxEntries views is dropped. Thread rule: one owner (the loop); the
// catalogues themselves are immutable and may go anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cloud/ec2/build.h"

namespace cloud::ec2 {

class CatalogueCache {
 public:
  static constexpr std::size_t kMaxEntries = 64;

  explicit CatalogueCache(Facts facts) : facts_(std::move(facts)) {}

  // O(entries) for a hit, build_catalogue otherwise. Errors: those of build_catalogue.
  // REQUIRES: always the same `unavailable` object, whose sequence only moves forward.
  base::Result<CataloguePtr> get(const ClassView& view, const UnavailableOfferings& unavailable);

  const Facts& facts() const { return facts_; }

 private:
  struct Entry {
    ClassView view;
    std::uint64_t sequence = 0;  // Of the unavailable offerings that went in.
    CataloguePtr catalogue;
  };

  Facts facts_;
  std::vector<Entry> entries_;  // Oldest first.
  std::uint64_t next_version_ = 1;
};

}  // namespace cloud::ec2
