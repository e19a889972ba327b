#include "explain/why.h"

#include <gtest/gtest.h>

#include "explain/cluster_testing.h"

namespace explain::testing {
namespace {

TEST(Why, SaysThatThereIsNoPool) {
  // SCH-114
  Cluster cluster;
  cluster.pod("web");
  EXPECT_EQ(cluster.why(),
            "pod default/web stays pending. It asks for cpu 1, memory 1Gi, pods 1.\n"
            "  new nodes:\n"
            "    - there is no NodePool\n");
}

TEST(Why, SaysWhereThePodGoes) {
  // SCH-145
  Cluster cluster;
  cluster.pool("default");
  cluster.pod("web");
  EXPECT_EQ(
      cluster.why(),
      "pod default/web is placed on new claim 1 of NodePool default, with 0 other pod(s) and 3 "
      "instance type(s) to choose from.\n");
  cluster.node("node-1");
  EXPECT_EQ(cluster.why(), "pod default/web is placed on the existing node node-1.\n");
}

TEST(Why, ShowsWhatFailedAtEachPoolAndNodeAndWhatWouldHelp) {
  // SCH-149, SCH-150
  Cluster cluster;
  cluster.pool("default").template_spec.taints.push_back(
      {.key = "team", .value = "a", .effect = "NoSchedule"});
  for (const char* name : {"node-1", "node-2", "node-3", "node-4", "node-5"}) {
    cluster.node(name);
  }
  cluster.pod("web").spec.containers[0].resources.requests.set("cpu", k8s::Quantity::units(6));
  EXPECT_EQ(cluster.why(),
            "pod default/web stays pending. It asks for cpu 6, memory 1Gi, pods 1.\n"
            "  existing nodes:\n"
            "    - node-1, node-2, node-3 and 2 more: [resources] exceeds node resources\n"
            "  new nodes:\n"
            "    - NodePool default: [taints] did not tolerate taint (taint=team=a:NoSchedule)\n"
            "  it would be placed (planned again to be sure):\n"
            "    - tolerate the taint team=a:NoSchedule\n");
}

TEST(Why, TellsWhatWasGivenUp) {
  // SCH-140
  Cluster cluster;
  cluster.pool("default");
  k8s::Pod& pod = cluster.pod("web");
  pod.spec.node_selector["team"] = "a";
  pod.spec.node_affinity.preferred.push_back({.weight = 1, .preference = {}});
  const std::string text = cluster.why();
  EXPECT_NE(text.find("  given up before, without success:\n"
                      "    - removed heaviest preferred node affinity term\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("    - NodePool default: [requirements] incompatible requirements, label "
                      "\"team\" does not have known values\n"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace explain::testing
