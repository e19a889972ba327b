#include "plan/topology.h"

#include <gtest/gtest.h>

#include "plan/scene_testing.h"

namespace plan::testing {
namespace {

constexpr const char* kZone = "topology.kubernetes.io/zone";
constexpr const char* kHost = "kubernetes.io/hostname";

void label(std::vector<k8s::Pod*> pods) {
  for (k8s::Pod* pod : pods) {
    pod->meta.labels["app"] = "web";
  }
}

using Counts = std::map<std::string, int>;

TEST(Spread, BalancesZones) {
  // SCH-316
  Scene scene;
  scene.pool("default");
  auto pods = scene.pods("web", 4);
  label(pods);
  for (k8s::Pod* pod : pods) {
    pod->spec.topology_spread.push_back(spread(kZone, selector("app", "web")));
  }
  EXPECT_EQ(scene.spread_over(scene.plan(), kZone),
            (Counts{{"test-zone-1", 2}, {"test-zone-2", 1}, {"test-zone-3", 1}}));
}

TEST(Spread, CapsPodsPerHost) {
  // SCH-318
  Scene scene;
  scene.pool("default");
  auto pods = scene.pods("web", 4);
  label(pods);
  for (k8s::Pod* pod : pods) {
    pod->spec.topology_spread.push_back(spread(kHost, selector("app", "web")));
  }
  EXPECT_EQ(scene.plan().claims.size(), 4u);
}

TEST(Spread, CountsPodsThatAreBound) {
  // SCH-315
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(
      term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  scene.node("node-3", "default", "test-zone-3").status.allocatable = resources("100m", "128Mi");
  scene.bound_pod("old", "node-3").meta.labels["app"] = "web";
  auto pods = scene.pods("web", 6);
  label(pods);
  for (k8s::Pod* pod : pods) {
    pod->spec.topology_spread.push_back(spread(kZone, selector("app", "web")));
  }
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.spread_over(plan, kZone), (Counts{{"test-zone-1", 2}, {"test-zone-2", 2}}));
  ASSERT_EQ(plan.unplaced.size(), 2u);
  EXPECT_EQ(plan.unplaced[0].reason,
            "unsatisfiable topology constraint for topology spread, "
            "key=topology.kubernetes.io/zone (counts = test-zone-1: 2, test-zone-2: 2, "
            "test-zone-3: 1, podDomains = topology.kubernetes.io/zone Exists, nodeDomains = "
            "topology.kubernetes.io/zone In [test-zone-1 test-zone-2]");
}

TEST(Spread, MinDomainsHoldsTheMinimumAtZero) {
  // SCH-316
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(
      term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  auto pods = scene.pods("web", 3);
  label(pods);
  for (k8s::Pod* pod : pods) {
    pod->spec.topology_spread.push_back(spread(kZone, selector("app", "web")));
    pod->spec.topology_spread.back().min_domains = 3;
  }
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.spread_over(plan, kZone), (Counts{{"test-zone-1", 1}, {"test-zone-2", 1}}));
  EXPECT_EQ(plan.unplaced.size(), 1u);
}

TEST(Spread, ScheduleAnywayIsRelaxed) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  auto pods = scene.pods("web", 2);
  label(pods);
  for (k8s::Pod* pod : pods) {
    pod->spec.topology_spread.push_back(spread("unknown", selector("app", "web")));
    pod->spec.topology_spread.back().when_unsatisfiable = "ScheduleAnyway";
  }
  EXPECT_TRUE(scene.plan().unplaced.empty());
}

TEST(Affinity, KeepsAGroupInOneZone) {
  // SCH-332
  Scene scene;
  scene.pool("default");
  auto pods = scene.pods("web", 10);
  label(pods);
  for (k8s::Pod* pod : pods) {
    pod->spec.pod_affinity.required.push_back(affinity(kZone, selector("app", "web")));
    pod->spec.containers[0].resources.requests = resources("4", "1Gi");
  }
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 5u);
  EXPECT_EQ(scene.spread_over(plan, kZone), (Counts{{"test-zone-1", 10}}));
}

TEST(Affinity, WaitsForATargetOfTheSameBatch) {
  // SCH-333
  Scene scene;
  scene.pool("default");
  k8s::Pod& follower = scene.pod("follower");
  follower.spec.containers[0].resources.requests = resources("2", "1Gi");
  follower.spec.pod_affinity.required.push_back(affinity(kHost, selector("app", "web")));
  scene.pod("target").meta.labels["app"] = "web";
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan), (std::vector<std::vector<std::string>>{{"follower", "target"}}));
}

TEST(Affinity, ToNobodyFails) {
  // SCH-333
  Scene scene;
  scene.pool("default");
  scene.pod("follower")
      .spec.pod_affinity.required.push_back(affinity(kHost, selector("app", "web")));
  EXPECT_EQ(scene.plan().unplaced.size(), 1u);
}

TEST(AntiAffinity, SeparatesHosts) {
  // SCH-340
  Scene scene;
  scene.pool("default");
  auto pods = scene.pods("web", 5);
  label(pods);
  for (k8s::Pod* pod : pods) {
    pod->spec.pod_anti_affinity.required.push_back(affinity(kHost, selector("app", "web")));
  }
  EXPECT_EQ(scene.plan().claims.size(), 5u);
}

TEST(AntiAffinity, PlacesOnePodPerZoneInOneBatch) {
  // SCH-341
  Scene scene;
  scene.pool("default");
  auto pods = scene.pods("web", 4);
  label(pods);
  for (k8s::Pod* pod : pods) {
    pod->spec.pod_anti_affinity.required.push_back(affinity(kZone, selector("app", "web")));
  }
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 3u);
  EXPECT_EQ(plan.unplaced.size(), 1u);
}

TEST(AntiAffinity, IsRespectedByThoseItKeepsAway) {
  // SCH-342
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  scene.bound_pod("loner", "node-1")
      .spec.pod_anti_affinity.required.push_back(affinity(kHost, selector("app", "web")));
  label(scene.pods("web", 1));
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.existing.empty());
  EXPECT_EQ(plan.claims.size(), 1u);
}

}  // namespace
}  // namespace plan::testing
