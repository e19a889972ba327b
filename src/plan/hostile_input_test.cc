// Input that nobody should write and somebody does: contradictions, absurd quantities, huge lists.
// Each gets a reason, in bounded time and memory (the test's own time limit).
#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

std::vector<std::string> many_values(const std::string& prefix, int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(base::concat(prefix, i));
  }
  return values;
}

TEST(HostileInput, ContradictoryNodeAffinity) {
  // SCH-24
  Scene scene;
  scene.pool("default");
  pods(scene, "web").need(term(kZone, "Exists", {})).need(term(kZone, "DoesNotExist", {}));
  pods(scene, "numbers").need(term("integer", "Gt", {"5"})).need(term("integer", "Lt", {"3"}));
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 0);
  EXPECT_NE(scene.reason(plan, "web"), "");
  EXPECT_NE(scene.reason(plan, "numbers"), "");
}

// The label is absent everywhere, and absence does not satisfy somebody who asks for a value.
TEST(HostileInput, ContradictionsOverAnAbsentLabel) {
  // SCH-23, SCH-24, SCH-30
  Scene scene;
  scene.pool("default");
  pods(scene, "web").select("special", "no").need(term("special", "NotIn", {"no"}));
  pods(scene, "custom").select("team", "a").need(term("team", "DoesNotExist", {}));
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.reason(plan, "web"),
            "incompatible requirements, key special, contradicts itself");
  EXPECT_EQ(scene.reason(plan, "custom"),
            "incompatible requirements, label \"team\" does not have known values");
}

TEST(HostileInput, APreferenceThatContradictsARequirementIsDropped) {
  // SCH-29, SCH-140
  Scene scene;
  scene.pool("default").template_labels["team"] = "a";
  pods(scene, "web").need(term("team", "In", {"a"})).prefer(1, term("team", "NotIn", {"a"}));
  EXPECT_EQ(values(scene.plan().claims.at(0), "team"), (std::vector<std::string>{"a"}));
}

TEST(HostileInput, APoolThatContradictsItselfHasNoTypes) {
  // SCH-603
  Scene scene;
  scene.pool("default").template_spec.requirements = {term("team", "In", {"a", "b"}),
                                                      term("team", "NotIn", {"b", "a"})};
  pods(scene, "web");
  EXPECT_EQ(scene.reason(scene.plan(), "web"),
            "nodepool requirements filtered out all available instance types");
}

TEST(HostileInput, ContradictoryPodAffinity) {
  // SCH-331, SCH-340
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 3).app("web").near(kZone, "web").away(kZone, "web");
  pods(scene, "fine");
  const Plan plan = scene.plan();
  // The first of them starts the group; the others contradict themselves.
  EXPECT_LE(placed(plan), 2);
  EXPECT_GE(placed(plan), 1);
  for (const std::string& name : scene.unplaced_of(plan)) {
    EXPECT_NE(scene.reason(plan, name), "");
  }
}

TEST(HostileInput, UnknownOperators) {
  // SCH-87
  for (const char* op : {"", "in", "Like", "Gt=", "NotExists"}) {
    Scene scene;
    scene.pool("default");
    pods(scene, "web").need(term(kZone, op, {"test-zone-1"}));
    EXPECT_TRUE(scene.reason(scene.plan(), "web").starts_with("ignoring pod, key ")) << op;
  }
}

TEST(HostileInput, UnknownOperatorsWhereNothingValidates) {
  // SCH-87, SCH-314
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(term(kZone, "Like", {"x"}));
  pods(scene, "preferred").prefer(1, term(kZone, "Like", {"test-zone-1"}));
  pods(scene, "spread").app("web").zone_spread().each([](k8s::Pod& pod) {
    pod.spec.topology_spread[0].selector =
        k8s::LabelSelector{.match_labels = {}, .match_expressions = {term("app", "Like", {"web"})}};
  });
  pods(scene, "when").app("web").zone_spread().each([](k8s::Pod& pod) {
    pod.spec.topology_spread[0].when_unsatisfiable = "Perhaps";
  });
  const Plan plan = scene.plan();  // No crash; every pod is placed or has a reason.
  for (const std::string& name : scene.unplaced_of(plan)) {
    EXPECT_NE(scene.reason(plan, name), "");
  }
}

TEST(HostileInput, NegativeQuantities) {
  // SCH-61
  Scene scene;
  scene.pool("default");
  pods(scene, "web").cpu("-1").memory("-1Gi");
  pods(scene, "other").cpu("1");
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan) + static_cast<int>(plan.unplaced.size()), 2);
  EXPECT_EQ(scene.reason(plan, "other"), "");
}

TEST(HostileInput, ANegativeRequestGivesNobodyRoom) {
  // SCH-61
  Scene scene(make_catalogue({make_type("a", 4, 8, 10)}));
  scene.pool("default");
  pods(scene, "negative").cpu("-100").host_port(1);
  pods(scene, "large").cpu("50");
  EXPECT_NE(scene.reason(scene.plan(), "large"), "");
}

TEST(HostileInput, AbsurdQuantities) {
  // SCH-62
  for (const char* quantity : {"9223372036854775807", "1E", "999999999999999999", "8Ei", "1e18"}) {
    Scene scene;
    scene.pool("default");
    scene.node("node-1", "default", "test-zone-1");
    pods(scene, "web", 3).cpu(quantity).memory(quantity);
    const Plan plan = scene.plan();
    EXPECT_EQ(placed(plan), 0) << quantity;
    EXPECT_TRUE(scene.reason(plan, "web-0").starts_with("no instance type has enough resources"))
        << quantity;
  }
}

TEST(HostileInput, AbsurdLimits) {
  // SCH-158
  Scene scene;
  scene.pool("negative").limits = {{"cpu", k8s::Quantity::units(-5)}};
  scene.pool("huge").limits = {{"cpu", *k8s::Quantity::parse("8Ei")},
                               {"memory", *k8s::Quantity::parse("8Ei")}};
  pods(scene, "web");
  EXPECT_EQ(scene.plan().claims.at(0).pool()->meta.name, "huge");
}

TEST(HostileInput, AbsurdSpreads) {
  // SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "zero", 2).app("web").zone_spread(0);
  pods(scene, "negative", 2).app("web").zone_spread(-7);
  pods(scene, "huge", 2).app("web").zone_spread(2147483647);
  pods(scene, "domains", 2).app("web").zone_spread().min_domains(2147483647);
  pods(scene, "no-key", 2).app("web").spread("");
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan) + static_cast<int>(plan.unplaced.size()), 10);
}

TEST(HostileInput, TenThousandValues) {
  // SCH-13, SCH-316
  Scene scene;
  k8s::NodePool& pool = scene.pool("default");
  pool.template_spec.requirements.push_back(term("rack", "In", many_values("r", 10'000)));
  pods(scene, "not-in").need(term("rack", "NotIn", many_values("r", 9'999)));
  pods(scene, "spread", 20).app("web").spread("rack");
  pods(scene, "loner", 20).app("away").away("rack", "away");
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.unplaced.empty());
  EXPECT_EQ(where(scene, plan, "rack", "web").size(), 20u);
  EXPECT_EQ(where(scene, plan, "rack", "away").size(), 20u);
}

TEST(HostileInput, AThousandConstraintsOnAPod) {
  // SCH-310, SCH-330
  Scene scene;
  scene.pool("default");
  PodsOf web = pods(scene, "web", 2).app("web");
  for (int i = 0; i < 1000; ++i) {
    web.spread(i % 2 == 0 ? kZone : kHost, 1 + i);
  }
  EXPECT_EQ(placed(scene.plan()), 2);
}

TEST(HostileInput, AThousandPreferences) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  PodsOf web = pods(scene, "web", 2).app("web");
  for (int i = 0; i < 250; ++i) {
    web.prefer(i, term(kZone, "In", {base::concat("nowhere-", i)}));
    web.rather_near(kZone, base::concat("nobody-", i), i);
    web.rather_away(kZone, "web", i);
    web.spread(base::concat("unknown-", i)).anyway();
  }
  EXPECT_EQ(placed(scene.plan()), 2);
}

TEST(HostileInput, AThousandRequiredTerms) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  PodsOf web = pods(scene, "web");
  for (int i = 0; i < 1000; ++i) {
    web.or_need(term(kZone, "In", {base::concat("nowhere-", i)}));
  }
  web.or_need(term(kZone, "In", {"test-zone-2"}));
  EXPECT_EQ(scene.plan().claims.at(0).cheapest().zone, "test-zone-2");
}

TEST(HostileInput, AHundredPools) {
  // SCH-115, SCH-149
  Scene scene;
  for (int i = 0; i < 100; ++i) {
    k8s::NodePool& pool = scene.pool(base::concat("pool-", i));
    pool.weight = i;
    pool.template_spec.taints.push_back(
        {.key = base::concat("team-", i), .value = "", .effect = "NoSchedule"});
  }
  pods(scene, "nobody");
  pods(scene, "last").tolerate("team-0");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).pool()->meta.name, "pool-0");
  EXPECT_GT(scene.reason(plan, "nobody").size(), 100u * 20u);
}

// Volumes whose topologies multiply: without a bound their product would not end.
TEST(HostileInput, VolumesWhoseAlternativesMultiply) {
  // SCH-50
  Scene scene;
  scene.pool("default");
  PodsOf web = pods(scene, "web");
  for (int i = 0; i < 20; ++i) {
    const std::string name = base::concat("disk-", i);
    auto storage = std::make_shared<k8s::StorageClass>();
    storage->meta.name = name;
    storage->provisioner = "ebs.csi.aws.com";
    storage->binding_mode = "WaitForFirstConsumer";
    for (int j = 0; j < 10; ++j) {
      storage->allowed_topologies.push_back(
          {term(base::concat("key-", i), "In", {base::concat("v", j)})});
    }
    scene.extra().storage_classes.push_back(storage);
    auto claim = std::make_shared<k8s::PersistentVolumeClaim>();
    claim->meta.name = name;
    claim->meta.namespace_ = "default";
    claim->storage_class = name;
    scene.extra().volume_claims.push_back(claim);
    web.volume(name);
  }
  EXPECT_EQ(
      scene.reason(scene.plan(), "web"),
      "failed getting volume topology requirements, the volumes of the pod have more than 4096 "
      "combinations of topologies");
}

// Two volumes that can only be where the other is not, either way round.
TEST(HostileInput, VolumesThatChaseEachOther) {
  // SCH-50
  Scene scene;
  scene.pool("default");
  PodsOf web = pods(scene, "web");
  for (const auto& [name, zones] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"a", {"test-zone-1"}}, {"b", {"test-zone-2"}}, {"c", {"test-zone-3", "test-zone-1"}}}) {
    auto volume = std::make_shared<k8s::PersistentVolume>();
    volume->meta.name = name;
    for (const std::string& zone : zones) {
      volume->node_affinity.push_back({.match_expressions = {term(kZone, "In", {zone})}});
    }
    scene.extra().volumes.push_back(volume);
    auto claim = std::make_shared<k8s::PersistentVolumeClaim>();
    claim->meta.name = name;
    claim->meta.namespace_ = "default";
    claim->volume_name = name;
    claim->meta.annotations["pv.kubernetes.io/bind-completed"] = "yes";
    scene.extra().volume_claims.push_back(claim);
    web.volume(name);
  }
  const Plan plan = scene.plan();
  EXPECT_TRUE(scene.reason(plan, "web").starts_with("no instance type met") ||
              scene.reason(plan, "web").starts_with("incompatible volume requirements"))
      << scene.reason(plan, "web");
}

TEST(HostileInput, PodsThatFollowEachOtherInARing) {
  // SCH-333
  Scene scene;
  scene.pool("default");
  pods(scene, "a").app("a").near(kZone, "b");
  pods(scene, "b").app("b").near(kZone, "c");
  pods(scene, "c").app("c").near(kZone, "a");
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(HostileInput, LongTexts) {
  // SCH-87
  Scene scene;
  scene.pool("default");
  const std::string huge(1'000'000, 'x');
  pods(scene, "key").select(huge, "v");
  pods(scene, "value").select("key", huge);
  pods(scene, "label").app(huge).spread(kZone, 1, huge);
  EXPECT_EQ(placed(scene.plan()), 1);
}

TEST(HostileInput, AnEmptyPod) {
  // SCH-58
  Scene scene;
  scene.pool("default");
  pods(scene, "web").each([](k8s::Pod& pod) { pod.spec.containers.clear(); });
  EXPECT_EQ(placed(scene.plan()), 1);
}

}  // namespace
}  // namespace plan::testing
