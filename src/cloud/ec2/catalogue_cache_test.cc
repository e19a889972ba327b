#include "cloud/ec2/catalogue_cache.h"

#include <gtest/gtest.h>

#include "cloud/ec2/view_testing.h"

namespace cloud::ec2 {
namespace {

TEST(CatalogueCache, EqualViewsShareACatalogue) {
  // AWI-26
  CatalogueCache cache(embedded_facts());
  const UnavailableOfferings unavailable;
  const CataloguePtr first = *cache.get(test_view(), unavailable);
  EXPECT_EQ(first, *cache.get(test_view(), unavailable));
  ClassView other = test_view();
  other.max_pods = 20;
  const CataloguePtr second = *cache.get(other, unavailable);
  EXPECT_NE(first, second);
  EXPECT_NE(first->version, second->version);
  EXPECT_EQ(first, *cache.get(test_view(), unavailable));
}

TEST(CatalogueCache, EveryViewSeesAnUnavailableOffering) {
  // AWI-123: the sequence belongs to the entry, so that no class keeps stale availability.
  CatalogueCache cache(embedded_facts());
  UnavailableOfferings unavailable;
  ClassView other = test_view();
  other.family = AmiFamily::kBottlerocket;
  const CataloguePtr before = *cache.get(test_view(), unavailable);
  static_cast<void>(cache.get(other, unavailable));
  unavailable.mark_capacity_type("spot", 0);
  for (const ClassView& view : {test_view(), other}) {
    EXPECT_EQ(count_available(*(*cache.get(view, unavailable))->find("m5.large")), 4U);
  }
  EXPECT_EQ(count_available(*before->find("m5.large")), 8U);
}

TEST(CatalogueCache, UnknownRegionIsAnError) {
  CatalogueCache cache(embedded_facts());
  ClassView view = test_view();
  view.region = "nowhere";
  EXPECT_FALSE(cache.get(view, {}).has_value());
}

}  // namespace
}  // namespace cloud::ec2
