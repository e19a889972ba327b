// NodeOverlays (spec 04 s11, s19.5).
#include "plan/overlays.h"

#include <gtest/gtest.h>

#include "world/world_testing.h"

namespace plan {
namespace {

using world::testing::make_pool;

k8s::SelectorTerm in(std::string key, std::vector<std::string> values) {
  return {.key = std::move(key), .op = "In", .values = std::move(values), .min_values = {}};
}

constexpr auto kType = "node.kubernetes.io/instance-type";
constexpr auto kZone = "topology.kubernetes.io/zone";

cloud::CataloguePtr two_types() {
  auto catalogue = std::make_shared<cloud::Catalogue>();
  for (const char* name : {"large", "small"}) {
    cloud::InstanceType type;
    type.name = name;
    type.labels = {{"karpenter.sh/capacity-type", {"on-demand", "spot"}},
                   {kType, {name}},
                   {kZone, {"a", "b"}}};
    type.capacity.set("cpu", k8s::Quantity::units(4));
    for (const auto& [zone, kind, price] :
         {std::tuple{"a", "on-demand", 10.0}, {"a", "spot", 5.0}, {"b", "on-demand", 12.0}}) {
      cloud::Offering offering;
      offering.zone = zone;
      offering.capacity_type = kind;
      offering.price = price;
      type.offerings.push_back(offering);
    }
    catalogue->types.push_back(std::move(type));
  }
  return catalogue;
}

class Overlay : public ::testing::Test {
 protected:
  Overlay() { pools_.push_back({std::make_shared<const k8s::NodePool>(make_pool("p")), source_}); }

  k8s::NodeOverlay& add(const std::string& name,
                        std::vector<k8s::SelectorTerm> requirements,
                        std::optional<std::int32_t> weight = {}) {
    auto overlay = std::make_shared<k8s::NodeOverlay>();
    overlay->meta.name = name;
    overlay->requirements = std::move(requirements);
    overlay->weight = weight;
    overlays_.push_back(overlay);
    return *overlay;
  }

  void add_pool(k8s::NodePool pool) {
    pools_.push_back({std::make_shared<const k8s::NodePool>(std::move(pool)), source_});
  }

  OverlayResult apply() {
    return apply_overlays(
        {.pools = pools_, .overlays = {overlays_.begin(), overlays_.end()}, .schema = schema_});
  }

  std::string reason_of(const std::string& name) {
    for (const OverlayVerdict& verdict : apply().verdicts) {
      if (verdict.overlay->meta.name == name) {
        return verdict.reason;
      }
    }
    return "no verdict";
  }

  // Prices of a type's three offerings as the pool sees them.
  std::vector<double> prices(const std::string& type, const std::string& pool = "p") {
    std::vector<double> found;
    for (const cloud::Offering& offering : apply().catalogues.at(pool)->find(type)->offerings) {
      found.push_back(offering.price);
    }
    return found;
  }

  using Prices = std::vector<double>;

  cloud::LabelSchema schema_ = cloud::LabelSchema::core();
  cloud::CataloguePtr source_ = two_types();
  std::vector<OverlaidPool> pools_;
  std::vector<std::shared_ptr<k8s::NodeOverlay>> overlays_;
};

TEST(AdjustedPrice, FollowsTheTable) {
  // LIF-208, SCH-70
  const struct {
    double price;
    const char* adjustment;
    double result;
  } cases[] = {{10, "-10%", 9},
               {10, "+10%", 11},
               {10, "-50%", 5},
               {10, "+100%", 20},
               {10, "-100%", 0},
               {10, "-200%", 0},
               {1.5, "-25%", 1.125},
               {10, "+0", 10},
               {10, "+5", 15},
               {10, "-2.5", 7.5},
               {10, "-10", 0},
               {10, "-15", 0},
               {1.25, "+0.75", 2},
               {.001, "+100", 100.001},
               {10, "", 10},
               {10, "3.5", 3.5},
               {1, "+0.0001", 1.0001}};

  for (const auto& c : cases) {
    EXPECT_NEAR(adjusted_price(c.price, c.adjustment), c.result, 1e-9) << c.adjustment;
  }
}

TEST_F(Overlay, NoneKeepsTheCatalogue) {
  // LIF-206, LIF-207
  EXPECT_EQ(apply().catalogues.at("p"), source_);
}

TEST_F(Overlay, APriceIsAbsolute) {
  // LIF-197, LIF-208
  add("o", {in(kType, {"small"})}).price = "1.02";
  EXPECT_EQ(prices("small"), (Prices{1.02, 1.02, 1.02}));
  EXPECT_EQ(prices("large"), (Prices{10, 5, 12}));
  EXPECT_TRUE(apply().catalogues.at("p")->find("small")->has_price_overlay);
  EXPECT_FALSE(apply().catalogues.at("p")->find("large")->has_price_overlay);
  EXPECT_EQ(source_->find("small")->offerings[0].price, 10);
}

TEST_F(Overlay, OnlyMatchingOfferingsChange) {
  // LIF-197
  add("o", {in(kZone, {"b"})}).price_adjustment = "-50%";
  EXPECT_EQ(prices("small"), (Prices{10, 5, 6}));
  overlays_.clear();
  add("o", {in("karpenter.sh/capacity-type", {"spot"})}).price_adjustment = "+1";
  EXPECT_EQ(prices("small"), (Prices{10, 6, 12}));
}

TEST_F(Overlay, PoolsAreToldApartByNameAndTemplateLabels) {
  // LIF-197
  k8s::NodePool labelled = make_pool("labelled");
  labelled.template_labels["team"] = "a";
  add_pool(labelled);
  add("by-label", {in("team", {"a"})}).price = "1";
  EXPECT_EQ(prices("small", "labelled"), (Prices{1, 1, 1}));
  EXPECT_EQ(apply().catalogues.at("p"), source_);
  overlays_.clear();
  add("by-name", {in("karpenter.sh/nodepool", {"p"})}).price = "2";
  EXPECT_EQ(prices("small", "p"), (Prices{2, 2, 2}));
  EXPECT_EQ(apply().catalogues.at("labelled"), source_);
}

TEST_F(Overlay, EqualWeightsConflictAndTheLastNameWins) {
  // LIF-199, LIF-201
  add("a", {in(kType, {"small"})}).price = "1";
  add("b", {in(kType, {"small", "large"})}).price = "1";
  EXPECT_EQ(reason_of("a"), "Conflict");
  EXPECT_EQ(reason_of("b"), "");
}

TEST_F(Overlay, DisjointOfferingsDoNotConflict) {
  // LIF-199
  add("a", {in(kZone, {"a"})}).price = "1";
  add("b", {in(kZone, {"b"})}).price = "2";
  EXPECT_EQ(reason_of("a"), "");
  EXPECT_EQ(prices("small"), (Prices{1, 1, 2}));
}

TEST_F(Overlay, TheHighestWeightSetsThePrice) {
  // LIF-202
  add("a", {in(kType, {"small"})}, 10).price = "1";
  add("b", {in(kType, {"small"})}, 5).price = "2";
  EXPECT_EQ(reason_of("b"), "");
  EXPECT_EQ(prices("small"), (Prices{1, 1, 1}));
}

TEST_F(Overlay, AConflictAnywhereRejectsAllOfIt) {
  // LIF-198
  add("b", {in(kType, {"small"})}).price = "1";
  add("a", {in(kType, {"small", "large"})}).price = "2";
  EXPECT_EQ(prices("large"), (Prices{10, 5, 12}));
}

TEST_F(Overlay, CapacityIsAddedAndMarked) {
  // LIF-203, LIF-209
  add("o", {in(kZone, {"b"})}).capacity.set("smarter-devices/fuse", k8s::Quantity::units(2));
  const auto catalogue = apply().catalogues.at("p");
  EXPECT_EQ(catalogue->find("small")->capacity.get("smarter-devices/fuse").value(), 2);
  EXPECT_EQ(catalogue->find("small")->allocatable().get("smarter-devices/fuse").value(), 2);
  EXPECT_TRUE(catalogue->find("small")->has_capacity_overlay);
}

TEST_F(Overlay, EqualResourcesConflictDifferentOnesCombine) {
  // LIF-200
  add("x", {in(kType, {"small"})}).capacity.set("r/a", k8s::Quantity::units(1));
  add("y", {in(kType, {"small"})}).capacity.set("r/b", k8s::Quantity::units(1));
  add("z", {in(kType, {"small"})}).capacity.set("r/a", k8s::Quantity::units(1));
  EXPECT_EQ(reason_of("x"), "Conflict");
  EXPECT_EQ(reason_of("y"), "");
  EXPECT_EQ(reason_of("z"), "");
}

TEST_F(Overlay, WeightDecidesPerResource) {
  // LIF-202
  auto& heavy = add("heavy", {in(kType, {"small"})}, 10);
  heavy.capacity.set("r/a", k8s::Quantity::units(1));
  auto& light = add("light", {in(kType, {"small"})}, 1);
  light.capacity.set("r/a", k8s::Quantity::units(9));
  light.capacity.set("r/b", k8s::Quantity::units(9));
  const auto catalogue = apply().catalogues.at("p");
  EXPECT_EQ(catalogue->find("small")->capacity.get("r/a").value(), 1);
  EXPECT_EQ(catalogue->find("small")->capacity.get("r/b").value(), 9);
}

TEST_F(Overlay, InvalidOnesAreSaidAndSkipped) {
  // LIF-192, LIF-196
  add("o", {in(kType, {"small"})}).capacity.set("cpu", k8s::Quantity::units(1));
  EXPECT_EQ(reason_of("o"), "RuntimeValidation");
  EXPECT_EQ(apply().catalogues.at("p"), source_);
}

TEST_F(Overlay, UnresolvedPoolsAreNotEvaluated) {
  // LIF-194, LIF-206
  pools_.push_back({std::make_shared<const k8s::NodePool>(make_pool("blind")), nullptr});
  EXPECT_FALSE(apply().catalogues.contains("blind"));
  EXPECT_TRUE(apply().catalogues.contains("p"));
}

TEST_F(Overlay, EqualPoolsShareTheirCopy) {
  // LIF-207
  add_pool(make_pool("q"));
  add("o", {in(kType, {"small"})}).price = "1";
  const OverlayResult result = apply();
  EXPECT_EQ(result.catalogues.at("p"), result.catalogues.at("q"));
}

}  // namespace
}  // namespace plan
