#include "cloud/ec2/build.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "cloud/ec2/label_schema.h"
#include "cloud/ec2/view_testing.h"

namespace cloud::ec2 {
namespace {

const Offering& find_offering(const InstanceType& type,
                              std::string_view zone,
                              std::string_view capacity_type) {
  for (const Offering& offering : type.offerings) {
    if (offering.zone == zone && offering.capacity_type == capacity_type) {
      return offering;
    }
  }
  ADD_FAILURE() << "no offering of " << type.name << " in " << zone;
  static const Offering none;
  return none;
}

TEST(Ec2Catalogue, UnknownRegionNamesTheKnownOnes) {
  ClassView view = test_view();
  view.region = "moon-north-1";
  const auto catalogue = build_catalogue(test_facts(), view);
  ASSERT_FALSE(catalogue.has_value());
  EXPECT_EQ(catalogue.error().code, base::ErrorCode::kNotFound);
  EXPECT_TRUE(catalogue.error().detail.contains("us-east-1, us-east-2"));
}

TEST(Ec2Catalogue, OneOfferingPerZoneAndCapacityType) {
  // AWI-120 AWI-128
  const CataloguePtr catalogue = test_catalogue(test_view());
  for (const InstanceType& type : catalogue->types) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const Offering& offering : type.offerings) {
      ASSERT_TRUE(seen.emplace(offering.zone, offering.capacity_type).second) << type.name;
    }
  }
  EXPECT_EQ(catalogue->find("m5.large")->offerings.size(), 8U);
}

TEST(Ec2Catalogue, PriceIsTheListPriceAndSpotIsBelow) {
  // AWI-122 AWI-532
  const InstanceType type = test_type("m5.large", test_view());
  const Offering& on_demand = find_offering(type, "us-west-2a", "on-demand");
  const Offering& spot = find_offering(type, "us-west-2a", "spot");
  EXPECT_DOUBLE_EQ(on_demand.price, 0.096);
  EXPECT_GT(spot.price, 0.096 * 0.31);
  EXPECT_LT(spot.price, 0.096 * 0.55);
}

TEST(Ec2Catalogue, UnpricedTypeIsUnavailableUnlessAPriceIsGiven) {
  // AWI-122 AWI-127
  ClassView view = test_view();
  EXPECT_EQ(count_available(test_type("r9g.large", view)), 0U);
  EXPECT_EQ(test_type("r9g.large", view).offerings.front().price, 0.0);
  view.fallback_prices.emplace("r9g.large", 0.13);
  const InstanceType type = test_type("r9g.large", view);
  EXPECT_GT(count_available(type), 0U);
  EXPECT_EQ(type.offerings.front().price, 0.13);
}

TEST(Ec2Catalogue, ZonesWithoutSubnetAreListedButUnavailable) {
  // AWI-25 AWI-120 AWI-121
  ClassView view = test_view();
  view.zones = {{.name = "us-west-2a", .id = "usw2-az2", .subnets = {"subnet-1"}}};
  const InstanceType type = test_type("m5.large", view);
  EXPECT_EQ(type.offerings.size(), 8U);
  EXPECT_EQ(count_available(type), 2U);
  EXPECT_EQ(find_offering(type, "us-west-2a", "spot").zone_id, "usw2-az2");
  EXPECT_EQ(find_offering(type, "us-west-2b", "spot").zone_id, "");
}

TEST(Ec2Catalogue, OnDemandOnlyTypesHaveNoSpotOffering) {
  // AWI-46 AWI-120
  const InstanceType type = test_type("u7i-12tb.224xlarge", test_view());
  EXPECT_EQ(type.offerings.size(), 4U);
  EXPECT_EQ(label_text(type, "karpenter.sh/capacity-type"), "on-demand");
}

TEST(Ec2Catalogue, MarkedOfferingIsUnavailableAndOnlyThat) {
  // AWI-121 AWI-132
  UnavailableOfferings unavailable;
  unavailable.mark({.instance_type = "m5.large", .zone = "us-west-2a", .capacity_type = "spot"}, 1);
  const CataloguePtr catalogue = test_catalogue(test_view(), unavailable);
  EXPECT_EQ(count_available(*catalogue->find("m5.large")), 7U);
  EXPECT_EQ(count_available(*catalogue->find("m5.xlarge")), 8U);
}

TEST(Ec2Catalogue, MarkedCapacityTypeAndSubnets) {
  // AWI-132
  ClassView view = test_view();
  view.zones = {{.name = "us-west-2a", .id = "", .subnets = {"subnet-1", "subnet-2"}},
                {.name = "us-west-2b", .id = "", .subnets = {"subnet-3"}}};
  UnavailableOfferings unavailable;
  unavailable.mark_subnet("subnet-1", 1);
  EXPECT_EQ(count_available(*test_catalogue(view, unavailable)->find("m5.large")), 4U);
  unavailable.mark_subnet("subnet-2", 1);
  EXPECT_EQ(count_available(*test_catalogue(view, unavailable)->find("m5.large")), 2U);
  unavailable.mark_capacity_type("spot", 1);
  EXPECT_EQ(count_available(*test_catalogue(view, unavailable)->find("m5.large")), 1U);
}

TEST(Ec2Catalogue, ShiftedZoneIsUnavailable) {
  // AWI-121
  ClassView view = test_view();
  view.shifted_zone_ids = {"usw2-az2"};
  EXPECT_EQ(count_available(test_type("m5.large", view)), 6U);
}

TEST(Ec2Catalogue, ReservationIsAnOfferingOfItsOwn) {
  // AWI-124
  ClassView view = test_view();
  view.reservations = {{.id = "cr-1",
                        .instance_type = "m5.large",
                        .zone = "us-west-2a",
                        .type = "capacity-block",
                        .available = 7}};
  InstanceType type = test_type("m5.large", view);
  const Offering& reserved = find_offering(type, "us-west-2a", "reserved");
  EXPECT_TRUE(reserved.available);
  EXPECT_EQ(reserved.reservation_capacity, 7);
  EXPECT_DOUBLE_EQ(reserved.price, 0.096 / 1e7);
  EXPECT_EQ(reserved.labels[2].values.front(), "capacity-block");
  EXPECT_EQ(find_offering(type, "us-west-2a", "spot").labels.size(), 3U);
  view.reservations[0].is_expiring = true;
  EXPECT_FALSE(find_offering(test_type("m5.large", view), "us-west-2a", "reserved").available);
  view.reservations[0].is_expiring = false;
  view.reservations[0].available = 0;
  EXPECT_FALSE(find_offering(test_type("m5.large", view), "us-west-2a", "reserved").available);
}

TEST(Ec2Catalogue, PartitionsMultiplyOfferings) {
  // AWI-125
  ClassView view = test_view();
  view.placement_group = PlacementGroup{.id = "pg-1", .strategy = "partition", .partitions = 3};
  EXPECT_EQ(test_type("m5.large", view).offerings.size(), 24U);
  view.placement_group->strategy = "spread";
  EXPECT_EQ(test_type("m5.large", view).offerings.size(), 8U);
}

TEST(Ec2Catalogue, A1NeedsAnotherFamilyThanAL2023) {
  // AWI-110
  EXPECT_EQ(count_available(test_type("a1.large", test_view())), 0U);
  EXPECT_GT(count_available(test_type("a1.large", test_view(AmiFamily::kBottlerocket))), 0U);
  EXPECT_GT(count_available(test_type("a1.large", test_view(AmiFamily::kCustom))), 0U);
}

TEST(Ec2Catalogue, TypesWithoutAnImageAreNotOffered) {
  // AWN-46
  ClassView view = test_view();
  view.image_architectures = {"arm64"};
  EXPECT_EQ(count_available(test_type("m5.large", view)), 0U);
  EXPECT_EQ(count_available(test_type("m6g.large", view)), 8U);
}

TEST(Ec2Compatibility, NetworkInterfacesMustFit) {
  // AWI-111
  const TypeFacts& p5 = *test_facts().find_type("p5.48xlarge");
  const TypeFacts& m5 = *test_facts().find_type("m5.large");
  ClassView view = test_view();
  view.network_interfaces = {{.card = 0, .device = 0}};
  EXPECT_TRUE(is_compatible(p5, view));
  EXPECT_TRUE(is_compatible(m5, view));
  EXPECT_FALSE(is_compatible(*test_facts().find_type("m3.medium"), view));  // No ENA.
  view.network_interfaces->push_back({.card = 31, .device = 1, .is_efa_only = true});
  EXPECT_TRUE(is_compatible(p5, view));
  EXPECT_FALSE(is_compatible(m5, view));
  view.network_interfaces->back().device = 2;
  EXPECT_FALSE(is_compatible(p5, view));
  view.network_interfaces = {{.card = 0, .device = 1, .is_efa_only = true}};
  EXPECT_FALSE(is_compatible(m5, view));  // No EFA.
}

TEST(Ec2Compatibility, PlacementNestingAndTracking) {
  // AWI-112 AWI-113 AWI-114
  const TypeFacts& t3 = *test_facts().find_type("t3.large");
  const TypeFacts& m4 = *test_facts().find_type("m4.large");
  ClassView view = test_view();
  view.placement_group = PlacementGroup{.id = "pg-1", .strategy = "cluster"};
  EXPECT_FALSE(is_compatible(t3, view));
  view.placement_group->strategy = "spread";
  EXPECT_TRUE(is_compatible(t3, view));
  view.needs_nested_virtualization = true;
  EXPECT_FALSE(is_compatible(t3, view));
  EXPECT_TRUE(is_compatible(*test_facts().find_type("m8i.large"), view));
  view.needs_nested_virtualization = false;
  view.has_connection_tracking = true;
  EXPECT_TRUE(is_compatible(t3, view));
  EXPECT_FALSE(is_compatible(m4, view));
}

TEST(Ec2Catalogue, SettingsOfTheClassChangeTheTypes) {
  // AWI-26
  const InstanceType plain = test_type("m5.large", test_view());
  ClassView view = test_view();
  view.max_pods = 7;
  EXPECT_NE(amount(plain.capacity, "pods"), amount(test_type("m5.large", view).capacity, "pods"));
  view = test_view();
  view.vm_memory_overhead = 0;
  EXPECT_EQ(amount(test_type("m5.large", view).capacity, "memory"), "8Gi");
}

TEST(Ec2Catalogue, EveryRegionBuildsAndAllocatableIsPositive) {
  // SCH-600 AWI-20
  for (const RegionFacts& region : test_facts().regions) {
    ClassView view = test_view();
    view.region = region.name;
    const CataloguePtr catalogue = test_catalogue(view);
    ASSERT_EQ(catalogue->types.size(), region.offers.size());
    ASSERT_TRUE(std::ranges::is_sorted(catalogue->types, {}, &InstanceType::name));
    for (const InstanceType& type : catalogue->types) {
      for (const auto& [name, quantity] : type.allocatable()) {
        ASSERT_GE(quantity, k8s::Quantity()) << type.name << " " << name;
      }
    }
  }
}

}  // namespace
}  // namespace cloud::ec2
