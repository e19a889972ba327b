#include "cloud/ec2/facts.h"

#include <string>

#include <gtest/gtest.h>

#include "base/text.h"

namespace cloud::ec2 {
namespace {

TEST(Ec2Facts, EmbeddedFileHoldsTypesAndRegions) {
  // AWI-20 AWI-21
  const Facts facts = embedded_facts();
  EXPECT_EQ(facts.types.size(), 1386U);
  EXPECT_EQ(facts.regions.size(), 30U);
  for (const char* region : {"us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"}) {
    ASSERT_NE(facts.find_region(region), nullptr) << region;
    EXPECT_GE(facts.find_region(region)->zones.size(), 3U);
  }
  EXPECT_EQ(facts.find_type("mac2.metal"), nullptr);  // Neither x86_64 nor arm64.
  EXPECT_EQ(facts.find_type("m5.larg"), nullptr);
  EXPECT_EQ(facts.find_region(""), nullptr);
}

TEST(Ec2Facts, PricesOfOtherRegionsAreMarkedAsBorrowed) {
  // AWI-140 AWI-533
  const Facts facts = embedded_facts();
  EXPECT_FALSE(facts.find_region("us-east-1")->has_borrowed_prices);
  EXPECT_TRUE(facts.find_region("us-west-2")->has_borrowed_prices);
}

TEST(Ec2Facts, RowOfAKnownType) {
  const Facts facts = embedded_facts();
  const TypeFacts& type = *facts.find_type("p5.48xlarge");
  EXPECT_EQ(type.vcpus, 192);
  EXPECT_EQ(type.memory_mib, 2'097'152);
  EXPECT_EQ(type.interfaces_by_card.size(), 32U);
  EXPECT_EQ(type.network_mbps, 3'200'000);
  EXPECT_EQ(type.efa_interfaces, 32);
  EXPECT_EQ(type.gpus.at(0).memory_mib, 81'920);
  EXPECT_FALSE(type.is_bare_metal);
  EXPECT_TRUE(facts.find_type("m5.metal")->is_bare_metal);
  EXPECT_TRUE(facts.find_type("t3.micro")->is_burstable);
  EXPECT_TRUE(facts.find_type("t3.micro")->is_current_generation);
}

TEST(Ec2Facts, BrokenTextIsRefusedWithItsLine) {
  const std::string good(embedded_catalogue());
  const auto detail = [](const std::string& text) {
    const auto facts = parse_facts(text);
    return facts.has_value() ? std::string("accepted") : facts.error().detail;
  };
  EXPECT_EQ(detail(""), "instance type catalogue, line 1: expected \"karpenter-ec2-catalogue\t1\"");
  EXPECT_TRUE(
      detail("karpenter-ec2-catalogue\t1\nnonsense\n").contains("line 2: expected a region"));
  EXPECT_TRUE(detail("karpenter-ec2-catalogue\t1\nregion\tx\town\t\n").contains("name and zones"));
  EXPECT_TRUE(detail(good + "z9.large\t2\n").contains("line 1419: a type needs 24 columns"));
  EXPECT_TRUE(detail(base::replace_all(good, "\nt3.micro\t2\t", "\nt3.micro\t-2\t"))
                  .contains("\"-2\" is not a number of at least 0"));
  EXPECT_TRUE(
      detail(base::replace_all(good, "\nt3.micro\t", "\na.b\t")).contains("sorted by name"));
}

TEST(Ec2Facts, SpotEstimateIsStableAndWithinItsShare) {
  const double price = estimate_spot_price(1.0, "m5.large", "us-west-2a");
  EXPECT_EQ(price, estimate_spot_price(1.0, "m5.large", "us-west-2a"));
  EXPECT_NE(price, estimate_spot_price(1.0, "m5.large", "us-west-2b"));
  EXPECT_GE(price, 0.32);
  EXPECT_LT(price, 0.54);
}

}  // namespace
}  // namespace cloud::ec2
