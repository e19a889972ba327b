#include "cloud/unavailable.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace cloud {
namespace {

const OfferingRef kSpot{.instance_type = "m5.large", .zone = "z1", .capacity_type = "spot"};
const OfferingRef kOnDemand{
    .instance_type = "m5.large", .zone = "z1", .capacity_type = "on-demand"};

TEST(UnavailableOfferings, MarkAffectsOnlyItsTriple) {
  // AWI-130 AWI-132
  UnavailableOfferings unavailable;
  EXPECT_FALSE(unavailable.is_unavailable(kSpot));
  unavailable.mark(kSpot, 100);
  EXPECT_TRUE(unavailable.is_unavailable(kSpot));
  EXPECT_FALSE(unavailable.is_unavailable(kOnDemand));
}

TEST(UnavailableOfferings, EntriesExpireAfterThreeMinutes) {
  // AWI-130 AWI-131
  UnavailableOfferings unavailable;
  unavailable.mark(kSpot, 0);
  unavailable.mark(kSpot, 60'000'000'000);
  EXPECT_EQ(unavailable.next_expiry(), 240'000'000'000);
  EXPECT_FALSE(unavailable.expire(180'000'000'000));
  EXPECT_TRUE(unavailable.is_unavailable(kSpot));
  EXPECT_TRUE(unavailable.expire(240'000'000'000));
  EXPECT_FALSE(unavailable.is_unavailable(kSpot));
  EXPECT_EQ(unavailable.next_expiry(), 0);
}

TEST(UnavailableOfferings, CapacityTypeBlocksEveryOfferingOfIt) {
  // AWI-132
  UnavailableOfferings unavailable;
  unavailable.mark_capacity_type("spot", 0);
  EXPECT_TRUE(unavailable.is_unavailable(kSpot));
  EXPECT_FALSE(unavailable.is_unavailable(kOnDemand));
}

TEST(UnavailableOfferings, SubnetsBlockOnlyWhenAllAreMarked) {
  // AWI-132
  const std::array<std::string, 2> subnets = {"subnet-1", "subnet-2"};
  UnavailableOfferings unavailable;
  unavailable.mark_subnet("subnet-1", 0);
  EXPECT_FALSE(unavailable.is_unavailable(kSpot, subnets));
  unavailable.mark_subnet("subnet-2", 0);
  EXPECT_TRUE(unavailable.is_unavailable(kSpot, subnets));
  EXPECT_FALSE(unavailable.is_unavailable(kSpot));
}

TEST(UnavailableOfferings, SequenceMovesWithEveryChangeOnly) {
  // AWI-134
  UnavailableOfferings unavailable;
  const std::uint64_t start = unavailable.sequence();
  EXPECT_FALSE(unavailable.expire(1));
  unavailable.clear();
  EXPECT_EQ(unavailable.sequence(), start);
  unavailable.mark(kSpot, 0);
  const std::uint64_t marked = unavailable.sequence();
  EXPECT_GT(marked, start);
  unavailable.expire(kUnavailableTtl);
  EXPECT_GT(unavailable.sequence(), marked);
}

}  // namespace
}  // namespace cloud
