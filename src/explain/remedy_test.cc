#include "explain/remedy.h"

#include <gtest/gtest.h>

#include "explain/cluster_testing.h"

namespace explain::testing {
namespace {

using Changes = std::vector<std::string>;

k8s::SelectorTerm in_zone(const std::string& zone) {
  return {.key = "topology.kubernetes.io/zone", .op = "In", .values = {zone}, .min_values = {}};
}

TEST(Remedy, DropsTheSelectorThatNothingMeets) {
  // SCH-149
  Cluster cluster;
  cluster.pool("default");
  k8s::Pod& pod = cluster.pod("web");
  pod.spec.node_selector = {{"kubernetes.io/arch", "amd64"}, {"team", "a"}};
  EXPECT_EQ(cluster.remedy(), (Changes{"drop the node selector team=a"}));
}

TEST(Remedy, DropsTheExpressionThatNothingMeets) {
  // SCH-149
  Cluster cluster;
  cluster.pool("default");
  cluster.pod("web").spec.node_affinity.required = {{.match_expressions = {in_zone("z9")}}};
  EXPECT_EQ(cluster.remedy(),
            (Changes{"drop the required node affinity topology.kubernetes.io/zone In [z9]"}));
}

TEST(Remedy, AsksForLess) {
  // SCH-180
  Cluster cluster;
  cluster.pool("default");
  cluster.pod("web").spec.containers[0].resources.requests.set("cpu", k8s::Quantity::units(12));
  EXPECT_EQ(cluster.remedy(), (Changes{"ask for 8 of cpu instead of 12"}));
}

TEST(Remedy, LiftsALimit) {
  // SCH-158
  Cluster cluster;
  cluster.pool("default").limits = {{"nodes", k8s::Quantity()}};
  cluster.pod("web");
  EXPECT_EQ(cluster.remedy(), (Changes{"lift the limit nodes=0 of NodePool default"}));
}

TEST(Remedy, ChangesAPool) {
  // SCH-130
  Cluster cluster;
  cluster.pool("default").template_spec.requirements = {in_zone("z9")};
  cluster.pod("web");
  EXPECT_EQ(
      cluster.remedy(),
      (Changes{"drop the requirement topology.kubernetes.io/zone In [z9] of NodePool default"}));
}

TEST(Remedy, DropsAffinityToNobody) {
  // SCH-333
  Cluster cluster;
  cluster.pool("default");
  k8s::PodAffinityTerm term;
  term.topology_key = "kubernetes.io/hostname";
  term.selector = k8s::LabelSelector{.match_labels = {{"app", "db"}}, .match_expressions = {}};
  cluster.pod("web").spec.pod_affinity.required.push_back(term);
  EXPECT_EQ(cluster.remedy(),
            (Changes{"drop the required pod affinity over kubernetes.io/hostname"}));
}

TEST(Remedy, SoftensASpread) {
  // SCH-319
  Cluster cluster;
  cluster.pool("default");
  k8s::TopologySpreadConstraint spread;
  spread.topology_key = "rack";
  spread.when_unsatisfiable = "DoNotSchedule";
  spread.selector = k8s::LabelSelector();
  cluster.pod("web").spec.topology_spread.push_back(spread);
  EXPECT_EQ(cluster.remedy(), (Changes{"make the spread over rack ScheduleAnyway"}));
}

TEST(Remedy, TwoChangesWhenOneIsNotEnough) {
  // SCH-149
  Cluster cluster;
  cluster.pool("default").template_spec.taints.push_back(
      {.key = "team", .value = "a", .effect = "NoSchedule"});
  cluster.pod("web").spec.node_selector["team"] = "a";
  EXPECT_EQ(cluster.remedy(),
            (Changes{"tolerate the taint team=a:NoSchedule", "drop the node selector team=a"}));
}

TEST(Remedy, NoneWhenNothingHelps) {
  // SCH-114
  Cluster cluster;
  cluster.pod("web");
  EXPECT_EQ(cluster.remedy(), Changes());
}

}  // namespace
}  // namespace explain::testing
