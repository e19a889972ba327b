// Who may be disrupted, and the exact words for who may not (spec 03 s3).
#include <gtest/gtest.h>

#include "disrupt/bed_testing.h"
#include "world/names.h"

namespace disrupt::testing {
namespace {

const std::string kGuard(world::kDoNotDisruptAnnotation);

class CandidateChecks : public ::testing::Test {
 protected:
  CandidateChecks() { bed_.add_machine("a"); }

  k8s::Pod guarded(const std::string& value) {
    k8s::Pod pod = bed_.make_pod("web", "a");
    pod.meta.annotations[kGuard] = value;
    pod.status.start_time = kNow;
    return pod;
  }

  void set_grace_period() {
    k8s::NodeClaim claim = bed_.make_claim("a");
    claim.spec.termination_grace_period = 0;
    bed_.put(claim);
  }

  Bed bed_;
};

TEST_F(CandidateChecks, InitialisedMachinesOfAPoolPass) {
  // DIS-20
  EXPECT_EQ(bed_.blocked("a"), "");
}

TEST_F(CandidateChecks, CommandsHoldTheirNodes) {
  // DIS-20
  bed_.settings.busy = {"claim-a"};
  EXPECT_EQ(bed_.blocked("a"), "candidate is already being disrupted");
}

TEST_F(CandidateChecks, OtherPeoplesNodesAreLeftAlone) {
  // DIS-20
  bed_.put(bed_.make_node("b"));
  EXPECT_EQ(bed_.blocked("b"), "node isn't managed by karpenter");
}

TEST_F(CandidateChecks, ClaimsNeedANode) {
  // DIS-20
  bed_.put(bed_.make_claim("b"));
  EXPECT_EQ(bed_.blocked("b"), "nodeclaim does not have an associated node");
}

TEST_F(CandidateChecks, NodesMustBeInitialised) {
  // DIS-20
  k8s::Node node = bed_.make_node("a");
  node.meta.labels.erase(std::string(world::kInitializedLabel));
  bed_.put(node);
  EXPECT_EQ(bed_.blocked("a"), "node isn't initialized");
}

TEST_F(CandidateChecks, GoingMachinesGoAnyway) {
  // DIS-20, DIS-22
  bed_.world().add_intent({.kind = world::IntentKind::kDeletion, .claim = "claim-a", .until = 0});
  EXPECT_EQ(bed_.blocked("a"), "node is deleting or marked for deletion");
}

TEST_F(CandidateChecks, NominatedNodesExpectPods) {
  // DIS-20
  bed_.world().add_intent(
      {.kind = world::IntentKind::kNomination, .claim = "claim-a", .until = kNow + 1});
  EXPECT_EQ(bed_.blocked("a"), "node is nominated for a pending pod");
}

TEST_F(CandidateChecks, OnlyTrueGuardsANode) {
  // DIS-20, DIS-21
  k8s::Node node = bed_.make_node("a");
  for (const char* value : {"false", "1h", "TRUE"}) {
    node.meta.annotations[kGuard] = value;
    bed_.put(node);
    EXPECT_EQ(bed_.blocked("a"), "");
  }
  node.meta.annotations[kGuard] = "true";
  bed_.put(node);
  EXPECT_EQ(bed_.blocked("a"),
            "disruption is blocked through the \"karpenter.sh/do-not-disrupt\" annotation");
}

TEST_F(CandidateChecks, PoolsMustBeKnown) {
  // DIS-20
  k8s::Node node = bed_.make_node("a");
  node.meta.labels.erase(std::string(world::kPoolLabel));
  bed_.put(node);
  EXPECT_EQ(bed_.blocked("a"), "node doesn't have required label (label=karpenter.sh/nodepool)");
  bed_.add_machine("b", {.pool = "other"});
  EXPECT_EQ(bed_.blocked("b"), "nodepool not found (NodePool=other)");
}

TEST_F(CandidateChecks, GuardedPodsBlock) {
  // DIS-24, DIS-34, T-CF1
  bed_.put(guarded("true"));
  const std::string blocked = "pod has \"karpenter.sh/do-not-disrupt\" annotation (Pod=ns/web)";
  EXPECT_EQ(bed_.blocked("a"), blocked);
  k8s::Pod daemon = guarded("true");
  daemon.meta.owners.push_back({.api_version = "apps/v1", .kind = "DaemonSet", .name = "d"});
  bed_.put(daemon);
  EXPECT_EQ(bed_.blocked("a"), blocked);
  k8s::Pod done = guarded("true");
  done.status.phase = "Failed";
  bed_.put(done);
  EXPECT_EQ(bed_.blocked("a"), "");
}

TEST_F(CandidateChecks, GuardsMayEnd) {
  // DIS-34, T-DE8..10
  bed_.put(guarded("2m"));
  EXPECT_NE(bed_.blocked("a"), "");
  bed_.now = kNow + 3 * k8s::kMinute;
  EXPECT_EQ(bed_.blocked("a"), "");
  bed_.put(guarded("invalid"));
  EXPECT_EQ(bed_.blocked("a"), "");
}

TEST_F(CandidateChecks, BudgetsOfPodsBlockByTheirStatus) {
  // DIS-24, DIS-37
  bed_.add_pod("web", "a");
  k8s::PodDisruptionBudget pdb = bed_.make_pdb("pdb");
  bed_.put(pdb);
  EXPECT_EQ(bed_.blocked("a"), "pdb prevents pod evictions (PodDisruptionBudget=[ns/pdb])");
  pdb.disruptions_allowed = 1;
  bed_.put(pdb);
  EXPECT_EQ(bed_.blocked("a"), "");
  pdb.meta.name = "second";
  bed_.put(pdb);
  EXPECT_EQ(bed_.blocked("a"),
            "eviction does not support multiple PDBs (PodDisruptionBudget(s)=[ns/pdb ns/second])");
}

TEST_F(CandidateChecks, UnhealthyPodsMayBeLetGo) {
  // DIS-37, T-RE12
  k8s::Pod sick = bed_.make_pod("web", "a");
  world::testing::set_condition(sick.status.conditions, "Ready", "False");
  bed_.put(sick);
  k8s::PodDisruptionBudget pdb = bed_.make_pdb("pdb");
  pdb.unhealthy_pod_eviction_policy = "AlwaysAllow";
  bed_.put(pdb);
  EXPECT_EQ(bed_.blocked("a"), "");
}

TEST_F(CandidateChecks, BudgetsOfOtherNamespacesDoNotMatter) {
  // DIS-37, T-RE13
  bed_.add_pod("web", "a");
  k8s::PodDisruptionBudget pdb = bed_.make_pdb("pdb");
  pdb.meta.namespace_ = "other";
  bed_.put(pdb);
  EXPECT_EQ(bed_.blocked("a"), "");
}

TEST_F(CandidateChecks, DriftOverridesPodsWithAGracePeriod) {
  // DIS-25, T-CF2, T-CF3
  bed_.put(guarded("true"));
  EXPECT_NE(bed_.blocked("a", Grace::kEventual), "");
  set_grace_period();
  EXPECT_EQ(bed_.blocked("a", Grace::kEventual), "");
  EXPECT_NE(bed_.blocked("a", Grace::kGraceful), "");
}

TEST_F(CandidateChecks, MissingLabelsDoNotMatterHere) {
  // DIS-23, DIS-28, T-CF6
  k8s::Node node = bed_.make_node("a");
  node.meta.labels.erase(std::string(world::kZoneLabel));
  bed_.put(node);
  EXPECT_EQ(bed_.blocked("a"), "");
}

TEST_F(CandidateChecks, PoolsWithoutTypesLoseOnlyTheirOwnMachines) {
  // DIS-13, T-RE9, T-RE10: none are sold for the class of "bare", and nothing is known of "lost".
  for (const char* name : {"bare", "lost"}) {
    k8s::NodePool pool = bed_.make_pool(name);
    pool.template_spec.node_class.name = name;
    bed_.put(pool);
    bed_.add_machine(std::string("in-") + name, {.pool = name});
  }
  bed_.world().set_catalogue("EC2NodeClass", "bare", std::make_shared<cloud::Catalogue>());
  EXPECT_EQ(bed_.blocked("in-bare"), "nodepool not found (NodePool=bare)");
  EXPECT_EQ(bed_.blocked("in-lost"), "nodepool not found (NodePool=lost)");
  EXPECT_EQ(nodes_of(bed_.find(Method::kEmptiness)), std::vector<std::string>{"a"});
}

TEST_F(CandidateChecks, KnowWhatTheirMachineIs) {
  // DIS-23, DIS-27: what the labels of the node say, whatever the cloud sells.
  bed_.add_machine("b", {.type = "t99", .zone = "z2", .capacity = "spot"});
  const auto snapshot = bed_.snapshot();
  const auto candidate = [&](const std::string& name) {
    return *judge(*snapshot, PodGuards(*snapshot), {}, *bed_.world().find_node(name)).candidate;
  };
  EXPECT_EQ(candidate("a").type->name, "t8");
  EXPECT_EQ(candidate("a").label(world::kCapacityTypeLabel), "on-demand");
  EXPECT_EQ(candidate("b").type, nullptr);
  EXPECT_EQ(candidate("b").label(world::kZoneLabel), "z2");
  EXPECT_EQ(candidate("b").label(world::kCapacityTypeLabel), "spot");
  EXPECT_DOUBLE_EQ(candidate("b").price, 0);
  EXPECT_DOUBLE_EQ(candidate("b").disruption_cost, 1);
}

TEST_F(CandidateChecks, CostsAddUp) {
  // DIS-28, DIS-29, DIS-41, DIS-44
  bed_.add_pod("web", "a");
  k8s::Pod precious = bed_.make_pod("precious", "a");
  precious.spec.priority = 1 << 25;
  bed_.put(precious);
  const auto snapshot = bed_.snapshot();
  const Judgement judgement =
      judge(*snapshot, PodGuards(*snapshot), {}, *bed_.world().find_node("a"));
  EXPECT_DOUBLE_EQ(judgement.candidate->disruption_cost, 4);
  EXPECT_DOUBLE_EQ(judgement.candidate->price, 0.8);
  EXPECT_DOUBLE_EQ(judgement.candidate->savings_ratio(), 0.2);
}

}  // namespace
}  // namespace disrupt::testing
