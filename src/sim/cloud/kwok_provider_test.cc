// The KWOK provider against the embedded API server.
#include <gtest/gtest.h>

#include "cloud/kwok/catalogue.h"
#include "cloud/kwok/provider.h"
#include "k8s/time.h"
#include "runtime/log_sinks.h"
#include "sim/apiserver/cluster_testing.h"
#include "sim/apiserver/sim_kube.h"

namespace sim {
namespace {

using base::ErrorCode;
using cloud::Instance;
using k8s::Kind;
using namespace std::chrono_literals;

constexpr std::string_view kClaim = R"({"apiVersion":"karpenter.sh/v1","kind":"NodeClaim",
  "metadata":{"name":"default-abcde","labels":{"karpenter.sh/nodepool":"default","team":"a"},
              "annotations":{"note":"x"}},
  "spec":{"nodeClassRef":{"group":"karpenter.kwok.sh","kind":"KWOKNodeClass","name":"default"},
    "requirements":[{"key":"kubernetes.io/os","operator":"In","values":["linux"]},
                    {"key":"acme.com/rack","operator":"In","values":["r1"]}],
    "resources":{"requests":{"cpu":"900m","pods":"2"}}}})";

struct Bed {
  api::TestCluster cluster;
  api::SimKube kube{cluster.registry, cluster.executor};
  runtime::RecordingLogSink log;
  std::unique_ptr<cloud::kwok::Provider> provider = make();

  std::unique_ptr<cloud::kwok::Provider> make() {
    return std::make_unique<cloud::kwok::Provider>(
        cluster.executor,
        kube,
        cloud::kwok::Provider::Options{.catalogue = cloud::kwok::embedded_catalogue(), .log = log});
  }

  void add_class(std::string_view spec = "{}", std::string_view extra = "") {
    cluster.call("POST",
                 "/apis/karpenter.kwok.sh/v1alpha1/kwoknodeclasses",
                 std::string(R"({"apiVersion":"karpenter.kwok.sh/v1alpha1","kind":"KWOKNodeClass",
                   "metadata":{"name":"default"},"spec":)") +
                     std::string(spec) + std::string(extra) + "}");
  }

  void add_claim() { cluster.call("POST", "/apis/karpenter.sh/v1/nodeclaims", kClaim); }

  std::expected<Instance, cloud::LaunchFailure> launch() {
    const auto claim = cluster.store.find(api::type_of(Kind::kNodeClaim), "", "default-abcde");
    std::expected<Instance, cloud::LaunchFailure> out;
    provider->launch({.claim_name = "default-abcde",
                      .claim_uid = std::string(claim == nullptr ? "" : claim->uid()),
                      .class_name = "default",
                      .offerings = {{"c-1x-amd64-linux", "test-zone-b", "spot"},
                                    {"s-1x-amd64-linux", "test-zone-b", "spot"}}},
                     [&](auto result) { out = std::move(result); });
    cluster.executor.run_for(10ms);
    return out;
  }

  std::vector<std::string> nodes() const {
    std::vector<std::string> names;
    for (const auto& [key, node] : cluster.store.collection(api::type_of(Kind::kNode))) {
      names.emplace_back(node->name());
    }
    return names;
  }

  std::string node_field(std::string_view path) const {
    return cluster.field(Kind::kNode, "", nodes().at(0), path);
  }

  // The code of the answer, "ok" for none.
  template <typename Answer>
  std::string outcome(const Answer& answer) {
    return answer ? "ok" : std::string(base::to_string(answer.error().code));
  }

  std::string terminate(const std::string& id) {
    std::string out;
    provider->terminate(id, [&](const base::Result<void>& answer) { out = outcome(answer); });
    cluster.executor.run_for(10ms);
    return out;
  }

  std::string get(const std::string& id) {
    std::string out;
    provider->get(id, [&](const base::Result<Instance>& answer) { out = outcome(answer); });
    cluster.executor.run_for(10ms);
    return out;
  }
};

TEST(KwokProvider, LaunchMakesTheNode) {
  // LIF-241, LIF-243, LIF-244, OPR-133
  Bed bed;
  bed.add_class();
  bed.add_claim();

  const auto instance = bed.launch();

  ASSERT_TRUE(instance.has_value()) << instance.error().error.detail;
  ASSERT_EQ(bed.nodes().size(), 1U);
  EXPECT_EQ(instance->provider_id, "kwok://" + bed.nodes()[0]);
  EXPECT_TRUE(bed.nodes()[0].starts_with("kwok-default-abcde-")) << bed.nodes()[0];
  EXPECT_EQ(instance->instance_type, "c-1x-amd64-linux");
  EXPECT_EQ(bed.node_field("spec.providerID"), instance->provider_id);
  EXPECT_EQ(bed.node_field("status.phase"), "Pending");
  EXPECT_EQ(bed.node_field("status.capacity.cpu"), "900m");
  EXPECT_EQ(bed.node_field("status.allocatable.cpu"), "900m");  // 1 less 100m.
  EXPECT_EQ(bed.node_field("status.allocatable.ephemeral-storage"), "20Gi");
  EXPECT_NE(bed.node_field("spec.taints").find("karpenter.sh/unregistered"), std::string::npos);
  const auto found = bed.cluster.store.find(api::type_of(Kind::kNode), "", bed.nodes()[0]);
  const k8s::ObjectMeta& meta = found->typed()->meta;
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"karpenter.sh/nodepool", "default"},
           {"team", "a"},
           {"acme.com/rack", "r1"},
           {"node.kubernetes.io/instance-type", "c-1x-amd64-linux"},
           {"kubernetes.io/arch", "amd64"},
           {"karpenter.kwok.sh/instance-family", "c"},
           {"topology.kubernetes.io/zone", "test-zone-b"},
           {"karpenter.sh/capacity-type", "spot"},
           {"eks-node-viewer/instance-price", "0.019003"},
           {"kwok-partition", "a"},
           {"kubernetes.io/hostname", "default-abcde"},
           {"kwok.x-k8s.io/node", "fake"}}) {
    ASSERT_NE(meta.label(key), nullptr) << key;
    EXPECT_EQ(*meta.label(key), value) << key;
  }
  EXPECT_EQ(*meta.annotation("kwok.x-k8s.io/node"), "fake");
  EXPECT_EQ(*meta.annotation("note"), "x");
}

TEST(KwokProvider, NodeComesAfterTheRegistrationDelay) {
  // LIF-241
  Bed bed;
  bed.add_class(R"({"nodeRegistrationDelay":"1m"})");
  bed.add_claim();

  EXPECT_TRUE(bed.launch().has_value());
  bed.cluster.executor.run_for(59s);
  EXPECT_TRUE(bed.nodes().empty());
  bed.cluster.executor.run_for(1s);
  EXPECT_EQ(bed.nodes().size(), 1U);
}

TEST(KwokProvider, LaunchingAgainAfterARestartMakesNoSecondNode) {
  Bed bed;
  bed.add_class();
  bed.add_claim();
  const auto first = bed.launch();
  bed.provider = bed.make();

  const auto second = bed.launch();

  EXPECT_EQ(first->provider_id, second->provider_id);
  EXPECT_EQ(bed.nodes().size(), 1U);
}

TEST(KwokProvider, MissingNodeClassIsLackOfCapacity) {
  // LIF-241
  Bed bed;
  bed.add_claim();

  const auto result = bed.launch();

  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().error.code, ErrorCode::kInsufficientCapacity);
  EXPECT_TRUE(result.error().error.detail.starts_with("resolving node class from nodeclaim, "));
}

TEST(KwokProvider, TerminationEndsInNotFound) {
  // LIF-245, LIF-246
  Bed bed;
  bed.add_class();
  bed.add_claim();
  const auto instance = bed.launch();
  EXPECT_EQ(bed.get(instance->provider_id), "ok");

  EXPECT_EQ(bed.terminate(instance->provider_id), "not found");

  EXPECT_EQ(bed.get(instance->provider_id), "not found");
  EXPECT_TRUE(bed.nodes().empty()) << "nobody else would remove an unregistered node";
  EXPECT_EQ(bed.terminate(instance->provider_id), "not found");
}

TEST(KwokProvider, TerminationTakesBackANodeToCome) {
  Bed bed;
  bed.add_class(R"({"nodeRegistrationDelay":"1m"})");
  bed.add_claim();
  const auto instance = bed.launch();

  bed.terminate(instance->provider_id);
  bed.cluster.executor.run_for(5min);

  EXPECT_TRUE(bed.nodes().empty());
}

TEST(KwokProvider, NodesThatAreNotReadyForTenMinutesAreSick) {
  // LIF-247
  Bed bed;
  std::string statuses;
  for (const cloud::RepairPolicy& policy : bed.provider->repair_policies()) {
    EXPECT_EQ(policy.condition, "Ready");
    EXPECT_EQ(policy.toleration, 10 * k8s::kMinute);
    statuses += policy.status + " ";
  }
  EXPECT_EQ(statuses, "False Unknown ");
}

TEST(KwokProvider, ListsItsNodesOnly) {
  // LIF-246
  Bed bed;
  bed.add_class();
  bed.add_claim();
  const auto launched = bed.launch();
  bed.cluster.call(
      "POST", "/api/v1/nodes", R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"other"}})");
  bed.provider = bed.make();

  std::vector<Instance> listed;
  bed.provider->list([&](auto answer) { listed = *answer; });
  bed.cluster.executor.run_for(10ms);

  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].provider_id, launched->provider_id);
  EXPECT_EQ(listed[0].instance_type, "c-1x-amd64-linux");
  EXPECT_EQ(listed[0].zone, "test-zone-b");
  EXPECT_EQ(listed[0].capacity_type, "spot");
}

}  // namespace
}  // namespace sim
