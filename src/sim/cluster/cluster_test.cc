#include "sim/cluster/cluster.h"

#include <algorithm>
#include <chrono>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "k8s/codec.h"
#include "k8s/conditions.h"
#include "k8s/workload.h"
#include "sim/cluster/bed_testing.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
using k8s::Kind;

TEST(Cluster, DeploymentBecomesPodsAndScalesToNothing) {
  Bed bed;
  bed.deploy("inflate", 5, "1");
  bed.run(2s);
  ASSERT_EQ(bed.pods().size(), 5U);
  for (const auto& pod : bed.pods()) {
    EXPECT_TRUE(pod->meta.name.starts_with("inflate-"));
    ASSERT_NE(pod->meta.controller(), nullptr);
    EXPECT_EQ(pod->meta.controller()->kind, "ReplicaSet");
    EXPECT_NE(pod->meta.label("pod-template-hash"), nullptr);
  }
  bed.patch(Kind::kDeployment, "default", "inflate", R"({"spec":{"replicas":0}})");
  bed.run(40s);
  EXPECT_TRUE(bed.pods().empty());
}

TEST(Cluster, PodsKeepFieldsThatTheTypedFormDoesNotKnow) {
  Bed bed;
  bed.deploy("web", 1, "100m", R"(,"dnsConfig":{"nameservers":["10.0.0.2"]})");
  bed.run(2s);
  ASSERT_EQ(bed.pods().size(), 1U);
  const auto document =
      bed.store.find(api::type_of(Kind::kPod), "default", bed.pods().front()->meta.name);
  EXPECT_NE(document->body().at("spec").as_object().if_contains("dnsConfig"), nullptr);
}

TEST(Cluster, ChangedTemplateReplacesPods) {
  Bed bed;
  bed.join("one", "m5.xlarge");
  bed.deploy("web", 2, "100m");
  bed.run(10s);
  ASSERT_EQ(bed.pods("Running").size(), 2U);
  const std::string before = *bed.pods().front()->meta.label("pod-template-hash");
  bed.patch(Kind::kDeployment,
            "default",
            "web",
            R"({"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}})");
  bed.run(60s);
  ASSERT_EQ(bed.pods("Running").size(), 2U);
  for (const auto& pod : bed.pods()) {
    EXPECT_NE(*pod->meta.label("pod-template-hash"), before);
  }
}

TEST(Cluster, UnschedulablePodsSayWhy) {
  Bed bed;
  bed.deploy("inflate", 1, "1");
  bed.run(2s);
  EXPECT_EQ(bed.scheduling_message("inflate"), "no nodes available to schedule pods");
  bed.join("one");
  bed.deploy("large", 1, "3");
  bed.run(2s);
  EXPECT_EQ(bed.scheduling_message("large"), "0/1 nodes are available: 1 Insufficient cpu.");
}

TEST(Cluster, UnschedulablePodsAreNotToldOfEveryNode) {
  Bed bed;
  bed.deploy("large", 1, "100");
  bed.run(2s);
  const auto told = [&bed] {
    return std::ranges::count_if(
        bed.logging.log(), [](const std::string& line) { return line.contains("Unschedulable"); });
  };
  ASSERT_EQ(told(), 1);
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    bed.create(
        Kind::kNode,
        fmt::format(R"({{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{}"}}}})", name));
    bed.run(1s);
  }
  EXPECT_EQ(told(), 1);
  bed.run(11s);
  EXPECT_EQ(told(), 2);
  EXPECT_TRUE(bed.scheduling_message("large").starts_with("0/5 nodes"));
}

TEST(Cluster, APodCostsFourWritesAndItsSetsAFew) {
  // What a simulated day of 10,000 pods rests on: the number of writes, not their speed.
  Bed bed;
  bed.join("a", "m5.xlarge");
  bed.run(20s);
  const auto writes = [&bed] { return bed.logging.log().size(); };
  const std::size_t before = writes();
  bed.deploy("web", 20, "100m");
  bed.run(20s);
  ASSERT_EQ(bed.pods("Running").size(), 20U);
  EXPECT_LE(writes() - before, 20U * 4 + 60);
}

TEST(Cluster, MachineJoinsWithLabelsAndTaintsOfItsClaim) {
  // LIF-82, LIF-91
  Bed bed;
  bed.create(Kind::kNodeClaim,
             R"({"apiVersion":"karpenter.sh/v1","kind":"NodeClaim","metadata":{"name":"one"},
               "spec":{"nodeClassRef":{"group":"karpenter.k8s.aws","kind":"EC2NodeClass",
               "name":"default"},"requirements":[],
               "taints":[{"key":"example.com/team","value":"a","effect":"NoSchedule"}]}})");
  bed.cloud.launch({.claim_name = "one",
                    .claim_uid = "u",
                    .class_name = "default",
                    .offerings = {{"m5.large", "us-west-2b", "spot"}},
                    .tags = {}},
                   [](const auto&) {});
  bed.run(60s);
  ASSERT_EQ(bed.nodes().size(), 1U);
  const k8s::Node& node = *bed.nodes().front();
  EXPECT_TRUE(node.meta.name.ends_with(".us-west-2.compute.internal"));
  EXPECT_TRUE(node.provider_id.starts_with("aws:///us-west-2b/i-0"));
  EXPECT_EQ(*node.meta.label("topology.kubernetes.io/zone"), "us-west-2b");
  EXPECT_EQ(*node.meta.label("node.kubernetes.io/instance-type"), "m5.large");
  EXPECT_EQ(node.status.capacity.get("cpu"), k8s::Quantity::units(2));
  EXPECT_TRUE(k8s::is_true(node.status.conditions, "Ready"));
  std::set<std::string> taints;
  for (const k8s::Taint& taint : node.taints) {
    taints.insert(taint.key);
  }
  // Ready by now, so the not-ready taint is gone.
  EXPECT_EQ(taints, (std::set<std::string>{"example.com/team", "karpenter.sh/unregistered"}));
}

TEST(Cluster, NeverJoiningMachineMakesNoNode) {
  Bed bed(1, "never-join=1");
  bed.join("one");
  bed.run(20min);
  EXPECT_TRUE(bed.nodes().empty());
}

TEST(Cluster, BindsAndRunsWhatFits) {
  Bed bed;
  bed.deploy("inflate", 3, "900m");
  bed.join("one");
  bed.run(10s);
  EXPECT_EQ(bed.pods("Running").size(), 2U);
  EXPECT_EQ(bed.pods("Pending").size(), 1U);
  for (const auto& pod : bed.pods("Running")) {
    EXPECT_TRUE(k8s::is_true(pod->status.conditions, "Ready"));
    EXPECT_NE(pod->status.start_time, 0);
  }
}

TEST(Cluster, CordonedNodeTakesNoPods) {
  Bed bed;
  const std::string node = bed.join("one");
  bed.patch(Kind::kNode, "", node, R"({"spec":{"unschedulable":true}})");
  bed.run(1s);
  bed.deploy("inflate", 1, "1");
  bed.run(5s);
  EXPECT_TRUE(bed.pods("Running").empty());
  EXPECT_EQ(bed.nodes().front()->taints.front().key, "node.kubernetes.io/unschedulable");
  bed.patch(Kind::kNode, "", node, R"({"spec":{"unschedulable":false}})");
  bed.run(5s);
  EXPECT_EQ(bed.pods("Running").size(), 1U);
}

TEST(Cluster, SpreadsOverZones) {
  Bed bed;
  bed.join("a", "m5.xlarge", "us-west-2a");
  bed.join("b", "m5.large", "us-west-2b");
  bed.deploy("web",
             4,
             "100m",
             R"(,"topologySpreadConstraints":[{"maxSkew":1,"whenUnsatisfiable":"DoNotSchedule",
               "topologyKey":"topology.kubernetes.io/zone",
               "labelSelector":{"matchLabels":{"app":"web"}}}])");
  bed.run(10s);
  std::map<std::string, int> by_node;
  for (const auto& pod : bed.pods("Running")) {
    ++by_node[pod->spec.node_name];
  }
  ASSERT_EQ(by_node.size(), 2U);
  EXPECT_EQ(by_node.begin()->second, 2);
}

TEST(Cluster, AntiAffinityKeepsPodsApart) {
  Bed bed;
  bed.join("a");
  bed.deploy("web",
             2,
             "100m",
             R"(,"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
               {"topologyKey":"kubernetes.io/hostname",
                "labelSelector":{"matchLabels":{"app":"web"}}}]}})");
  bed.run(10s);
  EXPECT_EQ(bed.pods("Running").size(), 1U);
  bed.join("b");
  bed.run(10s);
  EXPECT_EQ(bed.pods("Running").size(), 2U);
}

TEST(Cluster, DaemonsRunOnEveryRegisteredNode) {
  Bed bed;
  bed.create(Kind::kDaemonSet,
             R"({"apiVersion":"apps/v1","kind":"DaemonSet",
               "metadata":{"name":"agent","namespace":"default"},
               "spec":{"selector":{"matchLabels":{"app":"agent"}},
                 "template":{"metadata":{"labels":{"app":"agent"}},
                   "spec":{"containers":[{"name":"c","image":"agent"}]}}}})");
  const std::string a = bed.join("a");
  const std::string b = bed.join("b");
  bed.run(10s);
  std::set<std::string> nodes;
  for (const auto& pod : bed.pods("Running")) {
    nodes.insert(pod->spec.node_name);
  }
  EXPECT_EQ(nodes, (std::set<std::string>{a, b}));
}

TEST(Cluster, JobRunsToCompletion) {
  Bed bed;
  bed.join("a");
  bed.create(
      Kind::kJob,
      R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"sum","namespace":"default"},
               "spec":{"completions":3,"parallelism":2,"template":{
                 "spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"sum"}]}}}})");
  bed.run(5min);
  EXPECT_EQ(bed.pods("Succeeded").size(), 3U);
  EXPECT_EQ(bed.pods().size(), 3U);
}

TEST(Cluster, StatefulSetMakesOrdinalsInOrder) {
  Bed bed;
  bed.create(Kind::kStatefulSet,
             R"({"apiVersion":"apps/v1","kind":"StatefulSet",
               "metadata":{"name":"db","namespace":"default"},
               "spec":{"replicas":2,"serviceName":"db","selector":{"matchLabels":{"app":"db"}},
                 "template":{"metadata":{"labels":{"app":"db"}},
                   "spec":{"containers":[{"name":"c","image":"db"}]}}}})");
  bed.run(5s);
  ASSERT_EQ(bed.pods().size(), 1U);
  EXPECT_NE(bed.pod("db-0"), nullptr);
  bed.join("a");
  bed.run(30s);
  EXPECT_NE(bed.pod("db-1"), nullptr);
}

TEST(Cluster, DeletingDeploymentCollectsItsPods) {
  Bed bed;
  bed.deploy("inflate", 3, "1");
  bed.run(2s);
  bed.remove(Kind::kDeployment, "default", "inflate");
  bed.run(10s);
  EXPECT_TRUE(bed.pods().empty());
  EXPECT_TRUE(bed.store.collection(api::type_of(Kind::kReplicaSet)).empty());
}

TEST(Cluster, EvictionHonoursBudget) {
  Bed bed;
  bed.join("a");
  bed.deploy("web", 2, "100m");
  bed.create(Kind::kPodDisruptionBudget,
             R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget",
               "metadata":{"name":"web","namespace":"default"},
               "spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"web"}}}})");
  bed.run(20s);
  const auto running = bed.pods("Running");
  ASSERT_EQ(running.size(), 2U);
  const auto evict = [&](const k8s::Pod& pod) {
    k8s::WriteRequest request = create_request(key_of(pod), {});
    request.verb = k8s::Verb::kEvict;
    return bed.write(std::move(request));
  };
  EXPECT_TRUE(evict(*running[0]).has_value());
  const auto refused = evict(*running[1]);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, base::ErrorCode::kThrottled);
  bed.run(60s);
  EXPECT_EQ(bed.pods("Running").size(), 2U);
  EXPECT_EQ(bed.pod(running[0]->meta.name), nullptr);
}

TEST(Cluster, VanishedMachineTakesItsNodeAndPodsAlong) {
  // LIF-103
  Bed bed;
  bed.deploy("inflate", 1, "1");
  const std::string node = bed.join("a");
  bed.run(10s);
  ASSERT_EQ(bed.pods("Running").size(), 1U);
  const std::string pod = bed.pods().front()->meta.name;
  bed.cloud.kill(bed.nodes().front()->provider_id);
  bed.run(60s);
  EXPECT_TRUE(bed.nodes().empty());
  EXPECT_EQ(bed.pod(pod), nullptr);
  EXPECT_EQ(bed.pods("Pending").size(), 1U);
}

TEST(Cluster, IdleHourWritesNothing) {
  Bed bed;
  bed.join("a");
  bed.deploy("inflate", 5, "900m");
  bed.run(2min);
  const std::size_t before = bed.logging.log().size();
  bed.run(1h);
  EXPECT_EQ(bed.logging.log().size(), before);
}

std::vector<std::string> busy_run(std::uint64_t seed) {
  Bed bed(seed, "slow-join,spot-interruption");
  bed.deploy("inflate", 5, "900m");
  bed.join("a");
  bed.join("b", "m5.xlarge");
  bed.run(15min);
  bed.patch(Kind::kDeployment, "default", "inflate", R"({"spec":{"replicas":1}})");
  bed.run(5min);
  return bed.logging.log();
}

TEST(Cluster, SameSeedSameWrites) {
  EXPECT_EQ(busy_run(7), busy_run(7));
  EXPECT_NE(busy_run(7), busy_run(8));
}

}  // namespace
}  // namespace sim
