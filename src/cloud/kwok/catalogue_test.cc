#include "cloud/kwok/catalogue.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/text.h"

namespace cloud::kwok {
namespace {

std::string label_text(const InstanceType& type, std::string_view key) {
  const auto found = std::ranges::find(type.labels, key, &TypeLabel::key);
  return found == type.labels.end() ? "<undefined>" : base::join(found->values, "|");
}

TEST(KwokCatalogue, TypesOfTheFormula) {
  // LIF-240
  const CataloguePtr catalogue = embedded_catalogue();
  EXPECT_EQ(catalogue->types.size(), 144U);
  const InstanceType& small = *catalogue->find("c-1x-amd64-linux");
  EXPECT_EQ(small.capacity.get("cpu").text(), "1");
  EXPECT_EQ(small.capacity.get("memory").text(), "2Gi");
  EXPECT_EQ(small.capacity.get("pods").text(), "16");
  EXPECT_EQ(small.capacity.get("ephemeral-storage").text(), "20Gi");
  const InstanceType& large = *catalogue->find("m-256x-arm64-windows");
  EXPECT_EQ(large.capacity.get("memory").text(), "2Ti");
  EXPECT_EQ(large.capacity.get("pods").text(), "1024");
}

TEST(KwokCatalogue, PricesAreThoseOfTheFormulaToTheLastBit) {
  // LIF-240: what three nodes cost together is compared strictly with what one would (DIS-91).
  const auto price = [](const char* type) {
    return embedded_catalogue()->find(type)->offerings[1].price;
  };
  EXPECT_EQ(price("c-1x-amd64-linux"), 0.027147483648);
  EXPECT_EQ(price("m-1x-amd64-linux"), 0.033589934592);
  EXPECT_EQ(price("m-4x-amd64-linux"), 0.134359738368);
}

TEST(KwokCatalogue, OfferingsBySpotThenOnDemandInFourZones) {
  // LIF-240
  const CataloguePtr catalogue = embedded_catalogue();
  const InstanceType& type = *catalogue->find("c-1x-amd64-linux");
  ASSERT_EQ(type.offerings.size(), 8U);
  EXPECT_EQ(type.offerings[0].zone, "test-zone-a");
  EXPECT_EQ(type.offerings[0].capacity_type, "spot");
  EXPECT_DOUBLE_EQ(type.offerings[0].price, 0.0190032385536);
  EXPECT_EQ(type.offerings[1].capacity_type, "on-demand");
  EXPECT_DOUBLE_EQ(type.offerings[1].price, 0.027147483648);
  EXPECT_EQ(type.offerings[7].zone, "test-zone-d");
  EXPECT_TRUE(std::ranges::all_of(type.offerings, &Offering::available));
}

TEST(KwokCatalogue, LabelsAndReservations) {
  // LIF-239
  const CataloguePtr catalogue = embedded_catalogue();
  const InstanceType& type = *catalogue->find("s-48x-arm64-linux");
  EXPECT_EQ(label_text(type, "node.kubernetes.io/instance-type"), "s-48x-arm64-linux");
  EXPECT_EQ(label_text(type, "kubernetes.io/arch"), "arm64");
  EXPECT_EQ(label_text(type, "kubernetes.io/os"), "linux");
  EXPECT_EQ(label_text(type, "topology.kubernetes.io/zone"),
            "test-zone-a|test-zone-b|test-zone-c|test-zone-d");
  EXPECT_EQ(label_text(type, "karpenter.sh/capacity-type"), "on-demand|spot");
  EXPECT_EQ(label_text(type, "karpenter.kwok.sh/instance-size"), "48");
  EXPECT_EQ(label_text(type, "karpenter.kwok.sh/instance-family"), "s");
  EXPECT_EQ(label_text(type, "karpenter.kwok.sh/instance-cpu"), "48");
  EXPECT_EQ(label_text(type, "karpenter.kwok.sh/instance-memory"), "192Gi");
  EXPECT_EQ(type.allocatable().get("cpu").text(), "47900m");
  EXPECT_EQ(type.allocatable().get("memory").text(), "196598Mi");
}

TEST(KwokCatalogue, TotalsOfTheEmbeddedSet) {
  // LIF-240: every core count times three ratios, two systems, two architectures.
  const CataloguePtr catalogue = embedded_catalogue();
  std::int64_t cpus = 0;
  double on_demand = 0;
  for (const InstanceType& type : catalogue->types) {
    cpus += type.capacity.get("cpu").value();
    on_demand += type.offerings[1].price;
  }
  EXPECT_EQ(cpus, 847 * 12);
  // 0.025 per core; memory is 847 * (2 + 4 + 8) GiB for each of four.
  EXPECT_NEAR(on_demand, 0.025 * 847 * 12 + 0.001 * 847 * 14 * 4 * 1.073741824, 1e-9);
}

TEST(KwokCatalogue, SizeAndFamilyOfNames) {
  // LIF-239 API-158
  EXPECT_EQ(size_of("m5.large", "2"), "large");
  EXPECT_EQ(size_of("m5.16xlarge", "64"), "16xlarge");
  EXPECT_EQ(size_of("m5.xlarge", "4"), "xlarge");
  EXPECT_EQ(size_of("m5.metal", "96"), "metal");
  EXPECT_EQ(size_of("m5.metal-24xl", "96"), "96");
  EXPECT_EQ(size_of("m7i-flex.large", "2"), "2");
  EXPECT_EQ(size_of("c-1x-amd64-linux", "1"), "1");
  EXPECT_EQ(size_of(".large", "1"), "1");
  EXPECT_EQ(family_of("m5.large"), "m5");
  EXPECT_EQ(family_of("c-1x"), "c");
  EXPECT_EQ(family_of("big"), "b");
  EXPECT_EQ(family_of(""), "");
}

constexpr std::string_view kFile = R"([{
  "name": "m5.large", "architecture": "amd64", "operatingSystems": ["linux"],
  "resources": {"cpu": "2", "memory": "8Gi"},
  "offerings": [
    {"price": 0.1, "Available": false, "requirements": [
      {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
      {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["z1"]},
      {"key": "example.com/rack", "operator": "In", "values": ["r2", "r1"]}]}]}])";

TEST(KwokFile, ReadsTypes) {
  // LIF-238 LIF-239
  const auto catalogue = parse_catalogue(kFile);
  ASSERT_TRUE(catalogue.has_value()) << catalogue.error().detail;
  const InstanceType& type = *(*catalogue)->find("m5.large");
  EXPECT_EQ(type.capacity.get("pods").text(), "110");
  ASSERT_EQ(type.offerings.size(), 1U);
  EXPECT_EQ(type.offerings[0].price, 0.1);
  EXPECT_FALSE(type.offerings[0].available);
  EXPECT_EQ(type.offerings[0].zone, "z1");
  EXPECT_EQ(type.offerings[0].labels.at(0).values, (std::vector<std::string>{"r1", "r2"}));
  EXPECT_TRUE(label_schema(**catalogue).is_well_known("example.com/rack"));
}

TEST(KwokFile, BadInputNamesItsPlace) {
  // LIF-237 LIF-238
  const auto detail = [](std::string_view text) {
    const auto catalogue = parse_catalogue(text);
    return catalogue.has_value() ? std::string("accepted") : catalogue.error().detail;
  };
  EXPECT_TRUE(detail("{").starts_with("could not parse JSON data: "));
  EXPECT_TRUE(detail("{}").contains("expected an array"));
  EXPECT_EQ(detail("[{}]"), "could not parse JSON data: $[0].name: expected a string");
  EXPECT_TRUE(detail(base::replace_all(kFile, "8Gi", "8 Gi")).contains("$[0].resources.memory"));
  EXPECT_TRUE(detail(base::replace_all(kFile, "0.1", "-1")).contains("$[0].offerings[0].Price"));
  EXPECT_TRUE(detail(base::replace_all(kFile, "[\"z1\"]", "[]")).contains("exactly one zone"));
}

TEST(KwokLabels, SchemaAddsTheDomain) {
  // LIF-236 API-129
  const LabelSchema schema = label_schema(*embedded_catalogue());
  EXPECT_TRUE(schema.is_well_known("karpenter.kwok.sh/instance-size"));
  EXPECT_TRUE(schema.is_restricted("karpenter.kwok.sh/other"));
  EXPECT_FALSE(schema.is_well_known("karpenter.k8s.aws/instance-size"));
}

}  // namespace
}  // namespace cloud::kwok
