#include "disrupt/emptiness.h"

#include <gtest/gtest.h>

#include "world/names.h"
#include "world/world.h"

namespace disrupt {
namespace {

constexpr k8s::TimeNs kNow = 1'700'000'000LL * 1'000'000'000;

template <typename T>
void put(world::World& world, T object) {
  const k8s::Kind kind = object.kind;
  world.apply({kind, k8s::EventOp::kModified, std::make_shared<const T>(std::move(object))});
}

k8s::Condition condition(const std::string& type) {
  k8s::Condition out;
  out.type = type;
  out.status = "True";
  return out;
}

// A pool with machines a, b, ... that are ready, initialised and consolidatable.
class Emptiness : public ::testing::Test {
 protected:
  Emptiness() {
    pool_.meta.name = "default";
    pool_.template_spec.node_class = {.group = "g", .kind = "EC2NodeClass", .name = "c"};
    pool_.disruption.budgets = {};
    put(world_, pool_);
    auto catalogue = std::make_shared<cloud::Catalogue>();
    catalogue->types.emplace_back();
    world_.set_catalogue("EC2NodeClass", "c", catalogue);
    world_.mark_synced();
  }

  k8s::NodeClaim claim(const std::string& name) {
    k8s::NodeClaim out;
    out.meta.name = name;
    out.meta.uid = name;
    out.spec.node_class = pool_.template_spec.node_class;
    out.meta.labels[std::string(world::kPoolLabel)] = "default";
    out.status.provider_id = "id-" + name;
    out.status.conditions = {condition("Consolidatable")};
    return out;
  }

  k8s::Node node(const std::string& name) {
    k8s::Node out;
    out.meta.name = "node-" + name;
    out.provider_id = "id-" + name;
    out.meta.labels = {{std::string(world::kPoolLabel), "default"},
                       {std::string(world::kRegisteredLabel), "true"},
                       {std::string(world::kInitializedLabel), "true"}};
    out.status.conditions = {condition("Ready")};
    return out;
  }

  void add_machine(const std::string& name) {
    put(world_, claim(name));
    put(world_, node(name));
  }

  k8s::Pod pod(const std::string& name, const std::string& node) {
    k8s::Pod out;
    out.meta.name = name;
    out.meta.namespace_ = "ns";
    out.meta.labels["app"] = "web";
    out.spec.node_name = node;
    out.status.phase = "Running";
    return out;
  }

  EmptinessReport find() { return find_empty_nodes(*world_.snapshot(kNow), {}); }

  world::World world_;
  k8s::NodePool pool_;
};

TEST_F(Emptiness, TakesNodesWithoutPodsThatNeedAPlace) {
  // DIS-96, DIS-45
  add_machine("a");
  add_machine("b");
  put(world_, pod("p", "node-a"));
  k8s::Pod daemon = pod("d", "node-b");
  daemon.meta.owners = {{.api_version = "apps/v1",
                         .kind = "DaemonSet",
                         .name = "d",
                         .uid = "d",
                         .controller = true,
                         .block_owner_deletion = false}};
  put(world_, daemon);
  const EmptinessReport report = find();
  ASSERT_EQ(report.command.candidates.size(), 1U);
  EXPECT_EQ(report.command.candidates[0].node_name, "node-b");
}

TEST_F(Emptiness, StaysWithinTheBudget) {
  // DIS-61, DIS-57
  pool_.disruption.budgets = {k8s::Budget{}};
  pool_.disruption.budgets[0].nodes = "2";
  put(world_, pool_);
  for (const char* name : {"a", "b", "c"}) {
    add_machine(name);
  }
  EXPECT_EQ(find().command.candidates.size(), 2U);
  k8s::Node broken = node("c");
  broken.status.conditions.clear();
  put(world_, broken);
  EXPECT_EQ(find().command.candidates.size(), 1U);
}

TEST_F(Emptiness, ReportsPoolsThatMayLoseNothing) {
  // DIS-60
  pool_.disruption.budgets = {k8s::Budget{}};
  pool_.disruption.budgets[0].nodes = "0";
  put(world_, pool_);
  add_machine("a");
  const EmptinessReport report = find();
  EXPECT_TRUE(report.command.is_empty());
  EXPECT_EQ(report.exhausted_pools, std::vector<std::string>{"default"});
}

TEST_F(Emptiness, WaitsForTheConditionAndNomination) {
  // DIS-72, DIS-20
  add_machine("a");
  k8s::NodeClaim fresh = claim("a");
  fresh.status.conditions.clear();
  put(world_, fresh);
  EXPECT_TRUE(find().command.is_empty());
  add_machine("a");
  world_.add_intent({.kind = world::IntentKind::kNomination, .claim = "a", .until = kNow + 1});
  const EmptinessReport report = find();
  EXPECT_TRUE(report.command.is_empty());
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.notes[0].blocked.text, "node is nominated for a pending pod");
}

TEST_F(Emptiness, HonoursDoNotDisruptOfNodesAndPods) {
  // DIS-20, DIS-24
  put(world_, claim("a"));
  k8s::Node guarded = node("a");
  guarded.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  put(world_, guarded);
  EXPECT_TRUE(find().command.is_empty());
  put(world_, node("a"));
  k8s::Pod precious = pod("p", "node-a");
  precious.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  put(world_, precious);
  const EmptinessReport report = find();
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.notes[0].blocked.text,
            R"(pod has "karpenter.sh/do-not-disrupt" annotation (Pod=ns/p))");
}

TEST_F(Emptiness, ConsolidationCanBeTurnedOff) {
  // DIS-72
  pool_.disruption.consolidate_after = std::nullopt;
  put(world_, pool_);
  add_machine("a");
  const EmptinessReport report = find();
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_TRUE(report.notes[0].is_unconsolidatable);
  EXPECT_EQ(report.notes[0].blocked.text, "NodePool \"default\" has consolidation disabled");
}

TEST_F(Emptiness, ValidationDropsWhatHasBecomeBusy) {
  // DIS-111
  add_machine("a");
  add_machine("b");
  const Command command = find().command;
  ASSERT_EQ(command.candidates.size(), 2U);
  put(world_, pod("p", "node-a"));
  add_machine("c");
  const Command valid = validate(*world_.snapshot(kNow), command, {});
  ASSERT_EQ(valid.candidates.size(), 1U);
  EXPECT_EQ(valid.candidates[0].claim, "b");
}

TEST_F(Emptiness, PdbsBlockByTheirStatus) {
  // DIS-37
  add_machine("a");
  k8s::PodDisruptionBudget pdb;
  pdb.meta.namespace_ = "ns";
  pdb.meta.name = "pdb";
  pdb.selector = k8s::LabelSelector{};
  put(world_, pdb);
  const k8s::Pod web = pod("p", "node-a");
  EXPECT_EQ(pdb_block(*world_.snapshot(kNow), web),
            "pdb prevents pod evictions (PodDisruptionBudget=[ns/pdb])");
  pdb.disruptions_allowed = 1;
  put(world_, pdb);
  EXPECT_EQ(pdb_block(*world_.snapshot(kNow), web), "");
  pdb.meta.name = "second";
  put(world_, pdb);
  EXPECT_EQ(pdb_block(*world_.snapshot(kNow), web),
            "eviction does not support multiple PDBs (PodDisruptionBudget(s)=[ns/pdb ns/second])");
}

}  // namespace
}  // namespace disrupt
