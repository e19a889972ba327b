// Topology spread: how many pods per domain (spec 02 s9.3, s17.9).
#include <algorithm>

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

using Strings = std::vector<std::string>;

// A pool that offers some zones.
k8s::NodePool& pool_in(Scene& scene, const std::string& name, const Strings& zones) {
  k8s::NodePool& pool = scene.pool(name);
  pool.template_spec.requirements.push_back(term(kZone, "In", zones));
  return pool;
}

// A node with room for nobody, and pods of the app web on it.
void full_node(Scene& scene, const std::string& name, const std::string& zone, int count) {
  scene.node(name, "default", zone).status.allocatable = resources("1", "1Gi");
  bound(scene, base::concat("on-", name), name, count).app("web").cpu("0").memory("0");
}

// Counts alone, largest first: for zones of equal rank.
std::vector<int> sizes(const Counts& counts) {
  std::vector<int> result;
  for (const auto& [domain, count] : counts) {
    result.push_back(count);
  }
  std::ranges::sort(result, std::ranges::greater{});
  return result;
}

TEST(Spread, BalancesZones) {
  // SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 4).app("web").zone_spread();
  EXPECT_EQ(sizes(scene.spread_over(scene.plan(), kZone)), (std::vector<int>{2, 1, 1}));
}

TEST(Spread, OverAnUnknownKeyFails) {
  // SCH-319
  Scene scene;
  scene.pool("default");
  pods(scene, "web").app("web").spread("unknown");
  pods(scene, "other", 2);
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 2);
  EXPECT_EQ(
      scene.reason(plan, "web"),
      "unsatisfiable topology constraint for topology spread, key=unknown (counts = , podDomains "
      "= unknown Exists, nodeDomains = unknown Exists");
}

TEST(Spread, WithoutSelectorSpreadsNothing) {
  // SCH-314
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 2).app("web").zone_spread().each([](k8s::Pod& pod) {
    pod.spec.topology_spread[0].selector.reset();
  });
  const Plan plan = scene.plan();
  EXPECT_EQ(sizes(scene.spread_over(plan, kZone)), (std::vector<int>{2}));
}

TEST(Spread, ExpressionsSelectLikeLabels) {
  // SCH-306, SCH-314
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 4).app("web").zone_spread().each([](k8s::Pod& pod) {
    pod.spec.topology_spread[0].selector =
        k8s::LabelSelector{.match_labels = {}, .match_expressions = {term("app", "In", {"web"})}};
  });
  EXPECT_EQ(sizes(scene.spread_over(scene.plan(), kZone)), (std::vector<int>{2, 1, 1}));
}

TEST(Spread, TheZonesOfThePoolAreTheDomains) {
  // SCH-300
  Scene by_requirement;
  pool_in(by_requirement, "default", {"test-zone-1", "test-zone-2"});
  Scene by_label;
  by_label.pool("default").template_labels[kZone] = "test-zone-1";
  Scene across;
  pool_in(across, "a", {"test-zone-1"});
  pool_in(across, "b", {"test-zone-2"});
  const std::vector<std::pair<Scene*, std::vector<int>>> cases{
      {&by_requirement, {2, 2}}, {&by_label, {4}}, {&across, {2, 2}}};
  for (const auto& [scene, expected] : cases) {
    pods(*scene, "web", 4).app("web").zone_spread();
    EXPECT_EQ(sizes(scene->spread_over(scene->plan(), kZone)), expected);
  }
}

TEST(Spread, APoolsOwnZonesCountEvenWhenNoTypeOffersThem) {
  // SCH-300
  Scene scene;
  pool_in(scene, "default", {"test-zone-1", "nowhere"});
  pods(scene, "web", 3).app("web").zone_spread();
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.spread_over(plan, kZone), (Counts{{"test-zone-1", 1}}));
  EXPECT_EQ(plan.unplaced.size(), 2u);
}

TEST(Spread, ANodeOutsideThePoolsIsADomain) {
  // SCH-303
  Scene scene;
  pool_in(scene, "default", {"test-zone-1", "test-zone-2"});
  full_node(scene, "node-3", "test-zone-3", 1);
  pods(scene, "web", 6).app("web").zone_spread();
  const Plan plan = scene.plan();
  EXPECT_EQ(where(scene, plan, kZone, "web"),
            (Counts{{"test-zone-1", 2}, {"test-zone-2", 2}, {"test-zone-3", 1}}));
  EXPECT_EQ(plan.unplaced.size(), 2u);
}

TEST(Spread, ALargeSkewFillsTheOnlyZone) {
  // SCH-316
  Scene scene;
  pool_in(scene, "default", {"test-zone-3"});
  full_node(scene, "node-1", "test-zone-1", 1);
  full_node(scene, "node-2", "test-zone-2", 1);
  pods(scene, "web", 10).app("web").zone_spread(5);
  EXPECT_EQ(where(scene, scene.plan(), kZone, "web"),
            (Counts{{"test-zone-1", 1}, {"test-zone-2", 1}, {"test-zone-3", 6}}));
}

TEST(Spread, ASkewThatIsViolatedAlreadyOnlyImproves) {
  // SCH-316
  Scene scene;
  scene.pool("default");
  full_node(scene, "node-1", "test-zone-1", 3);
  pods(scene, "web", 3).app("web").zone_spread();
  EXPECT_EQ(sizes(where(scene, scene.plan(), kZone, "web")), (std::vector<int>{3, 2, 1}));
}

TEST(Spread, AForcedZoneLimitsTheRest) {
  // SCH-316
  Scene scene;
  full_node(scene, "node-1", "test-zone-1", 1);
  pool_in(scene, "default", {"test-zone-2", "test-zone-3"});
  pods(scene, "web", 10).app("web").zone_spread();
  EXPECT_EQ(where(scene, scene.plan(), kZone, "web"),
            (Counts{{"test-zone-1", 1}, {"test-zone-2", 2}, {"test-zone-3", 2}}));
}

TEST(Spread, CapsPodsPerHost) {
  // SCH-154, SCH-318
  const std::vector<std::pair<int, std::size_t>> cases{{1, 4}, {4, 1}, {2, 2}};
  for (const auto& [max_skew, nodes] : cases) {
    Scene scene;
    scene.pool("default");
    pods(scene, "web", 4).app("web").host_spread(max_skew);
    EXPECT_EQ(scene.plan().claims.size(), nodes) << max_skew;
  }
}

TEST(Spread, TwoWorkloadsShareHosts) {
  // SCH-306, SCH-318
  Scene scene;
  scene.pool("default");
  pods(scene, "a", 2).app("a").spread(kHost, 1, "a");
  pods(scene, "b", 2).app("b").spread(kHost, 1, "b");
  EXPECT_EQ(scene.plan().claims.size(), 2u);
}

TEST(Spread, TwoWorkloadsOfDifferentArchitecturesDoNot) {
  // SCH-318
  Scene scene(
      make_catalogue({make_type("amd", 4, 8, 10), make_type("arm", 4, 8, 10, {"z"}, "arm64")}));
  scene.pool("default");
  pods(scene, "a", 2).app("a").spread(kHost, 1, "a").select(kArch, "amd64");
  pods(scene, "b", 2).app("b").spread(kHost, 1, "b").select(kArch, "arm64");
  EXPECT_EQ(scene.plan().claims.size(), 4u);
}

TEST(Spread, OverCapacityTypes) {
  // SCH-300, SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 4).app("web").spread(kCapacity);
  EXPECT_EQ(scene.spread_over(scene.plan(), kCapacity), (Counts{{"on-demand", 2}, {"spot", 2}}));
}

TEST(Spread, OverCapacityTypesOfThePool) {
  // SCH-300
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(term(kCapacity, "In", {"spot"}));
  pods(scene, "web", 4).app("web").spread(kCapacity);
  EXPECT_EQ(scene.spread_over(scene.plan(), kCapacity), (Counts{{"spot", 4}}));
}

TEST(Spread, ExistingCapacityTypesCount) {
  // SCH-303
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(term(kCapacity, "In", {"on-demand"}));
  k8s::Node& node = scene.node("node-1", "default", "test-zone-1");
  node.meta.labels[kCapacity] = "spot";
  node.status.allocatable = resources("100m", "128Mi");
  bound(scene, "old", "node-1").app("web");
  pods(scene, "web", 5).app("web").spread(kCapacity);
  EXPECT_EQ(where(scene, scene.plan(), kCapacity, "web"), (Counts{{"on-demand", 2}, {"spot", 1}}));
  for (k8s::Pod& pod : scene.all_pods()) {
    if (!pod.spec.topology_spread.empty()) {
      pod.spec.topology_spread[0].when_unsatisfiable = "ScheduleAnyway";
    }
  }
  EXPECT_EQ(where(scene, scene.plan(), kCapacity, "web"), (Counts{{"on-demand", 5}, {"spot", 1}}));
}

TEST(Spread, RequiredAffinityOpensTheOnlyType) {
  // SCH-313, SCH-316
  Scene scene;
  scene.pool("default");
  k8s::Node& node = scene.node("node-1", "default", "test-zone-1");
  node.meta.labels[kCapacity] = "spot";
  node.status.allocatable = resources("100m", "128Mi");
  bound(scene, "old", "node-1").app("web");
  pods(scene, "web", 5).app("web").spread(kCapacity).need(term(kCapacity, "In", {"on-demand"}));
  EXPECT_EQ(where(scene, scene.plan(), kCapacity, "web"), (Counts{{"on-demand", 5}, {"spot", 1}}));
}

TEST(Spread, OverArchitectures) {
  // SCH-300, SCH-316
  Scene scene(
      make_catalogue({make_type("amd", 4, 8, 10), make_type("arm", 4, 8, 10, {"z"}, "arm64")}));
  scene.pool("default").template_spec.requirements.push_back(term(kArch, "In", {"amd64"}));
  k8s::Node& node = scene.node("node-1", "default", "z");
  node.meta.labels[kArch] = "arm64";
  node.status.allocatable = resources("100m", "128Mi");
  bound(scene, "old", "node-1").app("web");
  pods(scene, "web", 5).app("web").spread(kArch);
  EXPECT_EQ(where(scene, scene.plan(), kArch, "web"), (Counts{{"amd64", 2}, {"arm64", 1}}));
}

TEST(Spread, HostAndZoneOverGrowingBatches) {
  // SCH-316, SCH-318
  Scene scene;
  scene.pool("default");
  const std::vector<std::pair<int, std::vector<int>>> batches{
      {2, {1, 1}}, {3, {2, 2, 1}}, {5, {4, 3, 3}}, {11, {7, 7, 7}}};
  int round = 0;
  for (const auto& [count, expected] : batches) {
    pods(scene, base::concat("batch-", round++), count).app("web").zone_spread().host_spread(3);
    const Plan plan = scene.plan();
    EXPECT_EQ(sizes(where(scene, plan, kZone, "web")), expected);
    scene.launch(plan);
  }
}

TEST(Spread, AZoneThatNobodyCanReachDoesNotCount) {
  // SCH-300, SCH-302
  Scene scene;
  pool_in(scene, "default", {"test-zone-1", "test-zone-2"});
  k8s::NodePool& useless = pool_in(scene, "useless", {"test-zone-3"});
  useless.template_spec.taints = {{.key = "team", .value = "", .effect = "NoSchedule"}};
  const std::vector<std::pair<int, std::vector<int>>> batches{
      {2, {1, 1}}, {3, {3, 2}}, {5, {5, 5}}, {11, {11, 10}}};
  int round = 0;
  for (const auto& [count, expected] : batches) {
    pods(scene, base::concat("batch-", round++), count)
        .app("web")
        .zone_spread()
        .taints_policy("Honor")
        .host_spread(3);
    const Plan plan = scene.plan();
    EXPECT_EQ(sizes(where(scene, plan, kZone, "web")), expected);
    scene.launch(plan);
  }
}

TEST(Spread, OverALabelOfThePools) {
  // SCH-300
  Scene scene;
  k8s::NodePool& spot = scene.pool("spot");
  spot.template_spec.requirements = {term(kCapacity, "In", {"spot"}),
                                     term("share", "In", {"2", "3", "4", "5"})};
  k8s::NodePool& on_demand = scene.pool("on-demand");
  on_demand.template_spec.requirements = {term(kCapacity, "In", {"on-demand"}),
                                          term("share", "In", {"1"})};
  pods(scene, "web", 20).app("web").spread("share");
  const Plan plan = scene.plan();
  EXPECT_EQ(sizes(scene.spread_over(plan, "share")), (std::vector<int>{4, 4, 4, 4, 4}));
  EXPECT_EQ(scene.spread_over(plan, kCapacity), (Counts{{"on-demand", 4}, {"spot", 16}}));
}

TEST(Spread, ZoneAndCapacityTypeHoldTogetherInEveryBatch) {
  // SCH-344, SCH-345
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(
      term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  int round = 0;
  for (const int count : {2, 3, 5, 11}) {
    pods(scene, base::concat("batch-", round++), count).app("web").zone_spread().spread(kCapacity);
    const Plan plan = scene.plan();
    EXPECT_LE(skew(where(scene, plan, kZone, "web")), 1);
    EXPECT_LE(skew(where(scene, plan, kCapacity, "web")), 1);
    EXPECT_TRUE(plan.unplaced.empty());
    scene.launch(plan);
  }
}

TEST(Spread, HostAndZoneAndCapacityTypeHoldTogetherInEveryBatch) {
  // SCH-344, SCH-345
  Scene scene;
  scene.pool("default");
  int round = 0;
  for (const int count : {1, 4, 6, 15}) {
    pods(scene, base::concat("batch-", round++), count)
        .app("web")
        .zone_spread(2)
        .spread(kCapacity)
        .host_spread(3);
    const Plan plan = scene.plan();
    EXPECT_LE(skew(where(scene, plan, kZone, "web")), 2);
    EXPECT_LE(skew(where(scene, plan, kCapacity, "web")), 1);
    for (const auto& [host, number] : where(scene, plan, kHost, "web")) {
      EXPECT_TRUE(host == "any" || number <= 3) << host;
    }
    scene.launch(plan);
  }
}

TEST(Spread, ADomainWithoutOfferingsIsFollowedByTheNext) {
  // SCH-345
  Scene scene;
  scene.pool("default");
  // Spot is sold in two of the three zones.
  pods(scene, "web", 4).app("web").zone_spread(2).select(kCapacity, "spot");
  EXPECT_EQ(scene.spread_over(scene.plan(), kZone),
            (Counts{{"test-zone-1", 2}, {"test-zone-2", 2}}));
}

TEST(Spread, GroupsOfOneKeyAgreeOnADomain) {
  // SCH-344
  Scene scene;
  scene.pool("default");
  pods(scene, "target").app("target").cpu("2").select(kZone, "test-zone-2");
  pods(scene, "web").app("web").zone_spread().near(kZone, "target");
  EXPECT_EQ(where(scene, scene.plan(), kZone, "web"), (Counts{{"test-zone-2", 1}}));
}

TEST(MinDomains, HoldTheMinimumAtZero) {
  // SCH-316
  Scene scene;
  pool_in(scene, "default", {"test-zone-1", "test-zone-2"});
  pods(scene, "web", 3).app("web").zone_spread().min_domains(3);
  const Plan plan = scene.plan();
  EXPECT_EQ(sizes(scene.spread_over(plan, kZone)), (std::vector<int>{1, 1}));
  EXPECT_EQ(plan.unplaced.size(), 1u);
}

TEST(MinDomains, MetOrExceededChangeNothing) {
  // SCH-316
  for (const int least : {2, 3}) {
    Scene scene;
    scene.pool("default");
    pods(scene, "web", 11).app("web").zone_spread().min_domains(least);
    EXPECT_EQ(sizes(scene.spread_over(scene.plan(), kZone)), (std::vector<int>{4, 4, 3}));
  }
}

TEST(MinDomains, DifferingMakesTwoConstraints) {
  // SCH-306
  Scene scene;
  pool_in(scene, "default", {"test-zone-1", "test-zone-2"});
  pods(scene, "free", 4).app("web").zone_spread();
  pods(scene, "held", 1).app("other").spread(kZone, 1, "web").min_domains(3).label("app", "web");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.unplaced.size(), 1u);
  EXPECT_NE(scene.reason(plan, "held"), "");
}

}  // namespace
}  // namespace plan::testing
