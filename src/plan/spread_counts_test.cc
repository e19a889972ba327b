// Which pods a spread constraint counts, on which nodes, and over which domains (spec 02 s9.2,
// s9.3, s17.9).
#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

std::vector<int> sizes(const Counts& counts) {
  std::vector<int> result;
  for (const auto& [domain, count] : counts) {
    result.push_back(count);
  }
  std::ranges::sort(result, std::ranges::greater{});
  return result;
}

// A full node in zone 1 with two pods, changed; then three pending pods. Two of them stay in the
// other zones when the pods count, and one goes to each zone when they do not.
Counts counts_with(const std::function<void(k8s::Pod&)>& change) {
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1").status.allocatable = resources("1", "1Gi");
  bound(scene, "old", "node-1", 2).app("web").cpu("0").each(change);
  pods(scene, "web", 2).app("web").zone_spread().cpu("2");
  return scene.spread_over(scene.plan(), kZone);
}

const Counts kCounted{{"test-zone-2", 1}, {"test-zone-3", 1}};
const Counts kIgnored{{"test-zone-1", 1}, {"test-zone-2", 1}};

TEST(SpreadCounts, BoundPodsThatMatch) {
  // SCH-315
  EXPECT_EQ(counts_with([](k8s::Pod&) {}), kCounted);
}

TEST(SpreadCounts, NotOtherNamespaces) {
  // SCH-310
  EXPECT_EQ(counts_with([](k8s::Pod& pod) { pod.meta.namespace_ = "other"; }), kIgnored);
}

TEST(SpreadCounts, NotOtherLabels) {
  // SCH-314
  EXPECT_EQ(counts_with([](k8s::Pod& pod) { pod.meta.labels["app"] = "other"; }), kIgnored);
}

TEST(SpreadCounts, NotFinishedPods) {
  // SCH-315
  EXPECT_EQ(counts_with([](k8s::Pod& pod) { pod.status.phase = "Failed"; }), kIgnored);
  EXPECT_EQ(counts_with([](k8s::Pod& pod) { pod.status.phase = "Succeeded"; }), kIgnored);
}

TEST(SpreadCounts, NotTerminatingPods) {
  // SCH-315
  EXPECT_EQ(counts_with([](k8s::Pod& pod) { pod.meta.deletion_time = 1; }), kIgnored);
}

TEST(SpreadCounts, NotPodsOfUnknownNodes) {
  // SCH-315
  EXPECT_EQ(counts_with([](k8s::Pod& pod) { pod.spec.node_name = "gone"; }), kIgnored);
}

TEST(SpreadCounts, NotNodesWithoutTheKey) {
  // SCH-315
  Scene scene;
  scene.pool("default");
  k8s::Node& node = scene.node("node-1", "default", "test-zone-1");
  node.meta.labels.erase(kZone);
  bound(scene, "old", "node-1", 2).app("web");
  pods(scene, "web", 3).app("web").zone_spread();
  EXPECT_EQ(sizes(scene.spread_over(scene.plan(), kZone)), (std::vector<int>{1, 1, 1}));
}

TEST(SpreadCounts, HostnameFallsBackToTheNameOfTheNode) {
  // SCH-315
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1").meta.labels.erase(kHost);
  bound(scene, "old", "node-1").app("web");
  pods(scene, "web").app("web").host_spread();
  EXPECT_TRUE(scene.plan().existing.empty());
}

TEST(SpreadCounts, PodsThatDoNotMatchTheirOwnSelectorStayTogether) {
  // SCH-314, SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 5).app("other").zone_spread();
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

TEST(SpreadCounts, MatchLabelKeysSeparateRevisions) {
  // SCH-311
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(
      term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  for (const char* revision : {"1", "2"}) {
    pods(scene, base::concat("web-", revision), 2)
        .app("web")
        .label("revision", revision)
        .host_spread()
        .match_label_key("revision");
  }
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(plan.claims[0].pods.size(), 2u);
  EXPECT_EQ(plan.claims[1].pods.size(), 2u);
}

TEST(SpreadCounts, UnknownMatchLabelKeysAreIgnored) {
  // SCH-311
  Scene scene;
  scene.pool("default");
  for (const char* revision : {"1", "2"}) {
    pods(scene, base::concat("web-", revision), 2)
        .app("web")
        .label("revision", revision)
        .host_spread()
        .match_label_key("unknown");
  }
  EXPECT_EQ(scene.plan().claims.size(), 4u);
}

// Two nodes that nobody tolerates, labelled with a key of their own; one pool that offers a third
// value of it.
Scene tainted_nodes(bool is_tainted) {
  Scene scene;
  scene.pool("default").template_labels["rack"] = "c";
  for (const char* rack : {"a", "b"}) {
    k8s::Node& node = scene.node(base::concat("in-", rack), "default", "test-zone-1");
    node.meta.labels["rack"] = rack;
    node.status.allocatable = resources("100m", "64Mi");
    if (is_tainted) {
      node.taints.push_back({.key = "team", .value = "", .effect = "NoSchedule"});
    }
  }
  return scene;
}

TEST(TaintsPolicy, OfNodes) {
  // SCH-302, SCH-312, SCH-313
  const std::vector<std::pair<std::string, int>> cases{{"Ignore", 1}, {"", 1}, {"Honor", 5}};
  for (const auto& [policy, expected] : cases) {
    Scene scene = tainted_nodes(true);
    pods(scene, "web", 5).app("web").spread("rack").taints_policy(policy);
    EXPECT_EQ(placed(scene.plan()), expected) << policy;
  }
}

TEST(TaintsPolicy, OfPools) {
  // SCH-301, SCH-302
  const std::vector<std::pair<std::string, int>> cases{{"Ignore", 1}, {"Honor", 2}};
  for (const auto& [policy, expected] : cases) {
    Scene scene;
    scene.pool("default").template_labels["rack"] = "a";
    k8s::NodePool& tainted = scene.pool("tainted");
    tainted.template_labels["rack"] = "b";
    tainted.template_spec.taints.push_back({.key = "team", .value = "", .effect = "NoSchedule"});
    pods(scene, "web", 2).app("web").spread("rack").taints_policy(policy);
    EXPECT_EQ(placed(scene.plan()), expected) << policy;
  }
}

TEST(TaintsPolicy, PoolsOfExclusiveTaintsShareADomain) {
  // SCH-301, SCH-302
  Scene scene;
  const auto tainted_pool = [&](const std::string& name, const std::vector<std::string>& racks) {
    k8s::NodePool& pool = scene.pool(name);
    pool.template_spec.requirements.push_back(term("rack", "In", racks));
    pool.template_spec.taints.push_back({.key = name, .value = "", .effect = "NoSchedule"});
  };
  tainted_pool("left", {"foo", "bar"});
  tainted_pool("right", {"foo", "baz"});
  pods(scene, "left", 2).app("web").spread("rack").taints_policy("Honor").tolerate("left");
  pods(scene, "right", 4).app("web").spread("rack").taints_policy("Honor").tolerate("right");
  // Neither workload counts the nodes that it does not tolerate, as in Kubernetes.
  EXPECT_EQ(scene.spread_over(scene.plan(), "rack"), (Counts{{"bar", 1}, {"baz", 2}, {"foo", 3}}));
}

TEST(AffinityPolicy, OfNodes) {
  // SCH-312, SCH-313
  const std::vector<std::pair<std::string, int>> cases{{"Ignore", 1}, {"", 5}, {"Honor", 5}};
  for (const auto& [policy, expected] : cases) {
    Scene scene = tainted_nodes(false);
    pods(scene, "web", 5)
        .app("web")
        .spread("rack")
        .affinity_policy(policy)
        .select(kCapacity, "spot");
    EXPECT_EQ(placed(scene.plan()), expected) << policy;
  }
}

TEST(AffinityPolicy, IgnoreReallyIgnoresThePodsOwnSelector) {
  // SCH-313, SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 3)
      .app("web")
      .zone_spread()
      .affinity_policy("Ignore")
      .select(kZone, "test-zone-1");
  // The other zones stay at zero and hold the pods back, as in Kubernetes.
  EXPECT_EQ(placed(scene.plan()), 1);
}

TEST(AffinityPolicy, SelectorsLimitTheDomains) {
  // SCH-313, SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "first", 5).app("web").zone_spread().select(kZone, "test-zone-1");
  scene.launch(scene.plan());
  pods(scene, "second", 10).app("web").zone_spread().select(kZone, "test-zone-2");
  EXPECT_EQ(where(scene, scene.plan(), kZone, "web"),
            (Counts{{"test-zone-1", 5}, {"test-zone-2", 10}}));
}

TEST(AffinityPolicy, RequiredTermsLimitTheDomains) {
  // SCH-313, SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 10)
      .app("web")
      .zone_spread()
      .need(term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  EXPECT_EQ(scene.spread_over(scene.plan(), kZone),
            (Counts{{"test-zone-1", 5}, {"test-zone-2", 5}}));
}

TEST(AffinityPolicy, OpeningANewZoneFillsItFirst) {
  // SCH-313, SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "first", 6)
      .app("web")
      .zone_spread()
      .need(term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  scene.launch(scene.plan());
  pods(scene, "second").app("web").zone_spread();
  Plan plan = scene.plan();
  EXPECT_EQ(where(scene, plan, kZone, "web"),
            (Counts{{"test-zone-1", 3}, {"test-zone-2", 3}, {"test-zone-3", 1}}));
  scene.launch(plan);
  pods(scene, "third", 5).app("web").zone_spread();
  EXPECT_EQ(sizes(where(scene, scene.plan(), kZone, "web")), (std::vector<int>{4, 4, 4}));
}

TEST(AffinityPolicy, CapacityTypesAlike) {
  // SCH-313, SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "first", 3).app("web").spread(kCapacity).need(term(kCapacity, "In", {"on-demand"}));
  scene.launch(scene.plan());
  pods(scene, "second", 1).app("web").spread(kCapacity);
  Plan plan = scene.plan();
  EXPECT_EQ(where(scene, plan, kCapacity, "web"), (Counts{{"on-demand", 3}, {"spot", 1}}));
  scene.launch(plan);
  pods(scene, "third", 5).app("web").spread(kCapacity);
  EXPECT_EQ(sizes(where(scene, scene.plan(), kCapacity, "web")), (std::vector<int>{5, 4}));
}

TEST(GroupIdentity, WholeStructure) {
  // SCH-305, SCH-306
  Scene scene;
  scene.pool("default");
  // Equal selectors, different zones: each workload balances over its own.
  pods(scene, "a", 4)
      .app("web")
      .zone_spread()
      .need(term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  pods(scene, "b", 2).app("web").zone_spread().need(term(kZone, "In", {"test-zone-3"}));
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.unplaced.empty());
  EXPECT_EQ(scene.spread_over(plan, kZone),
            (Counts{{"test-zone-1", 2}, {"test-zone-2", 2}, {"test-zone-3", 2}}));
}

TEST(GroupIdentity, OrderOfASelectorDoesNotMatter) {
  // SCH-306
  Scene scene;
  scene.pool("default");
  const auto with = [&](const std::string& name, std::vector<k8s::SelectorTerm> expressions) {
    pods(scene, name, 2).app("web").label("tier", "a").host_spread().each([&](k8s::Pod& pod) {
      pod.spec.topology_spread[0].selector =
          k8s::LabelSelector{.match_labels = {}, .match_expressions = expressions};
    });
  };
  with("one", {term("app", "In", {"web", "x"}), term("tier", "In", {"a"})});
  with("two",
       {term("tier", "In", {"a"}), term("app", "In", {"x", "web"}), term("tier", "In", {"a"})});
  EXPECT_EQ(scene.plan().claims.size(), 4u);
}

}  // namespace
}  // namespace plan::testing
