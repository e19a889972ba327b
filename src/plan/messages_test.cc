// Why a pod is not placed, to the letter (spec 02 s7.2).
#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

// A type of 4 cores whose offerings are all in zone z1.
cloud::InstanceType plain(const std::string& name, int cpu, const std::string& zone = "z1") {
  return make_type(name, cpu, 2 * cpu, 20, {zone});
}

constexpr const char* kPoolText =
    "karpenter.k8s.aws/ec2nodeclass In [default], karpenter.sh/initialized In [true], "
    "karpenter.sh/nodepool In [default], karpenter.sh/registered In [true]";

std::string sentence(const std::string& reason) {
  return reason.substr(0, reason.find(", requirements="));
}

struct Row {
  const char* name;
  bool wants_other_arch;
  bool wants_much;
  bool wants_spot_in_z9;
  const char* text;
};

TEST(Messages, OneRowPerCombinationOfWhatFails) {
  // SCH-180, SCH-182, SCH-183
  const std::vector<Row> rows{
      {"all",
       true,
       true,
       true,
       "no instance type met the scheduling requirements or had enough resources or had a required "
       "offering"},
      {"architecture", true, false, false, "no instance type met all requirements"},
      {"size", false, true, false, "no instance type has enough resources"},
      {"architecture and size",
       true,
       true,
       false,
       "no instance type met the scheduling requirements or had enough resources"},
  };
  for (const Row& row : rows) {
    Scene scene(make_catalogue({plain("a", 4), plain("b", 8)}));
    scene.pool("default");
    PodsOf web = pods(scene, "web");
    if (row.wants_other_arch) {
      web.select(kArch, "riscv");
    }
    if (row.wants_much) {
      web.cpu("100");
    }
    if (row.wants_spot_in_z9) {
      web.select(kZone, "z9");
    }
    EXPECT_EQ(sentence(scene.reason(scene.plan(), "web")), row.text) << row.name;
  }
}

// A type says a zone that it does not sell in, so that labels and offerings differ.
cloud::InstanceType claims_zones(const std::string& name,
                                 int cpu,
                                 const std::vector<std::string>& zones) {
  cloud::InstanceType type = plain(name, cpu);
  for (cloud::TypeLabel& label : type.labels) {
    if (label.key == kZone) {
      label.values = zones;
    }
  }
  return type;
}

TEST(Messages, NoOffering) {
  // SCH-183
  Scene scene(make_catalogue({claims_zones("a", 4, {"z1", "z2"})}));
  scene.pool("default");
  pods(scene, "web").select(kZone, "z2");
  pods(scene, "large").select(kZone, "z2").cpu("50");
  pods(scene, "other").select(kZone, "z2").select(kArch, "riscv");
  const Plan plan = scene.plan();
  // A type without offering cannot fit either: fitting is per offering.
  EXPECT_EQ(sentence(scene.reason(plan, "web")),
            "no instance type had enough resources or had a required offering");
  EXPECT_EQ(sentence(scene.reason(plan, "large")),
            "no instance type had enough resources or had a required offering");
  EXPECT_EQ(sentence(scene.reason(plan, "other")),
            "no instance type met the scheduling requirements or had enough resources or had a "
            "required offering");
}

TEST(Messages, DifferentTypesFailDifferently) {
  // SCH-183
  // a: right architecture, too small. b: large enough, wrong architecture.
  cloud::InstanceType b = make_type("b", 16, 32, 20, {"z1"}, "arm64");
  Scene scene(make_catalogue({plain("a", 4), b}));
  scene.pool("default");
  pods(scene, "web").cpu("8").select(kArch, "amd64");
  EXPECT_EQ(
      sentence(scene.reason(scene.plan(), "web")),
      "no instance type which had enough resources and the required offering met the scheduling "
      "requirements");
}

TEST(Messages, TooSmallWhereItIsSold) {
  // SCH-183
  // a is sold in z1 and too small there; b would fit, but is of another zone by label and offer.
  Scene scene(make_catalogue({plain("a", 4), plain("b", 16, "z2")}));
  scene.pool("default");
  pods(scene, "web").cpu("8").select(kZone, "z1");
  EXPECT_EQ(sentence(scene.reason(scene.plan(), "web")), "no instance type has enough resources");
}

TEST(Messages, WholeText) {
  // SCH-22, SCH-184, SCH-610
  Scene scene(make_catalogue({plain("a", 4)}));
  scene.pool("default");
  pods(scene, "web").cpu("8").memory("1536Mi").select(kZone, "z1");
  EXPECT_EQ(scene.reason(scene.plan(), "web"),
            std::string("no instance type has enough resources, requirements=") + kPoolText +
                ", topology.kubernetes.io/zone In [z1], "
                "resources={\"cpu\":\"8\",\"memory\":\"1536Mi\",\"pods\":\"1\"}");
}

TEST(Messages, DaemonsAreInTheResources) {
  // SCH-184
  Scene scene(make_catalogue({plain("a", 4)}));
  scene.pool("default");
  scene.daemon("agent");
  pods(scene, "web").cpu("8").memory("1Gi");
  EXPECT_TRUE(scene.reason(scene.plan(), "web")
                  .ends_with("resources={\"cpu\":\"8500m\",\"memory\":\"1152Mi\",\"pods\":\"2\"}"));
}

TEST(Messages, DaemonsOfSomeTypesMakeARange) {
  // SCH-184
  Scene scene(make_catalogue({plain("a", 4), make_type("b", 4, 8, 20, {"z1"}, "arm64")}));
  scene.pool("default");
  PodsOf({&scene.daemon("agent")}).select(kArch, "arm64");
  pods(scene, "web").cpu("8").memory("1Gi");
  EXPECT_TRUE(scene.reason(scene.plan(), "web")
                  .ends_with("resources=min={\"cpu\":\"8\",\"memory\":\"1Gi\",\"pods\":\"1\"}, "
                             "max={\"cpu\":\"8500m\",\"memory\":\"1152Mi\",\"pods\":\"2\"}"));
}

TEST(Messages, AMillionCoresAreATypo) {
  // SCH-183
  Scene scene(make_catalogue({plain("a", 4)}));
  scene.pool("default");
  pods(scene, "web").cpu("1M");
  EXPECT_TRUE(
      scene.reason(scene.plan(), "web").ends_with(" (CPU request >= 1 Million, m vs M typo?)"));
}

TEST(Messages, TaintsNameTheTaint) {
  // SCH-33, SCH-611
  const std::vector<std::pair<k8s::Taint, std::string>> cases{
      {{.key = "team", .value = "a", .effect = "NoSchedule"}, "team=a:NoSchedule"},
      {{.key = "team", .value = "", .effect = "NoExecute"}, "team:NoExecute"},
  };
  for (const auto& [taint, text] : cases) {
    Scene scene;
    scene.pool("default").template_spec.taints.push_back(taint);
    pods(scene, "web");
    EXPECT_EQ(scene.reason(scene.plan(), "web"), "did not tolerate taint (taint=" + text + ")");
  }
}

TEST(Messages, UnknownLabelsHintAtTypos) {
  // SCH-25
  Scene scene;
  scene.pool("default");
  pods(scene, "web").select("zone", "test-zone-1");
  EXPECT_EQ(scene.reason(scene.plan(), "web"),
            "incompatible requirements, label \"zone\" does not have known values (typo of "
            "\"topology.kubernetes.io/zone\"?)");
}

TEST(Messages, SpreadsTellTheirCounts) {
  // SCH-317
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(
      term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  scene.node("node-3", "default", "test-zone-3").status.allocatable = resources("100m", "128Mi");
  bound(scene, "old", "node-3").app("web");
  pods(scene, "web", 6).app("web").zone_spread();
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.unplaced.size(), 2u);
  EXPECT_EQ(plan.unplaced[0].reason,
            "unsatisfiable topology constraint for topology spread, "
            "key=topology.kubernetes.io/zone (counts = test-zone-1: 2, test-zone-2: 2, "
            "test-zone-3: 1, podDomains = topology.kubernetes.io/zone Exists, nodeDomains = "
            "topology.kubernetes.io/zone In [test-zone-1 test-zone-2]");
}

TEST(Messages, ManyDomainsAreCut) {
  // SCH-317
  Scene scene;
  k8s::NodePool& pool = scene.pool("default");
  std::vector<std::string> racks;
  for (int i = 10; i < 50; ++i) {
    racks.push_back("r" + std::to_string(i));
  }
  pool.template_spec.requirements.push_back(term("rack", "In", racks));
  pods(scene, "web").near("rack", "nobody");
  const std::string reason = scene.reason(scene.plan(), "web");
  EXPECT_NE(reason.find("(counts = r10: 0, r11: 0, "), std::string::npos) << reason;
  EXPECT_NE(reason.find(
                "r34: 0 and 15 other(s), podDomains = rack Exists, nodeDomains = rack In [r10 r11 "
                "r12 r13 r14 and 35 others]"),
            std::string::npos)
      << reason;
}

TEST(Obstructions, ArePerPoolAndPerGroupOfNodes) {
  // SCH-149, SCH-150
  Scene scene;
  scene.options.explain_nodes = true;
  scene.pool("tainted").template_spec.taints.push_back(
      {.key = "team", .value = "a", .effect = "NoSchedule"});
  scene.pool("limited").limits = {{"nodes", k8s::Quantity()}};
  scene.pool("elsewhere").template_spec.requirements.push_back(term(kZone, "In", {"test-zone-1"}));
  scene.pool("small").template_spec.requirements.push_back(term(kType, "In", {"fake-it-0"}));
  scene.node("node-1", "small", "test-zone-2");
  scene.node("node-2", "small", "test-zone-2");
  scene.node("node-3", "small", "test-zone-1");
  pods(scene, "web").select(kZone, "test-zone-2").cpu("3");
  bound(scene, "busy", "node-1").cpu("2");
  bound(scene, "busier", "node-2").cpu("3");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.unplaced.size(), 1u);
  const Obstructions& found = *plan.unplaced[0].obstructions;
  std::vector<std::pair<std::string, Obstacle>> pools;
  for (const PoolObstruction& pool : found.pools) {
    pools.emplace_back(pool.pool, pool.what.kind);
  }
  EXPECT_EQ(
      pools,
      (std::vector<std::pair<std::string, Obstacle>>{{"tainted", Obstacle::kTaints},
                                                     {"small", Obstacle::kResources},
                                                     {"limited", Obstacle::kNodeLimit},
                                                     {"elsewhere", Obstacle::kRequirements}}));
  ASSERT_EQ(found.nodes.size(), 2u);
  EXPECT_EQ(found.nodes[0].nodes, (std::vector<std::string>{"node-1", "node-2"}));
  EXPECT_EQ(found.nodes[0].what.kind, Obstacle::kResources);
  EXPECT_EQ(found.nodes[1].what.kind, Obstacle::kRequirements);
}

TEST(Obstructions, AreSharedByEqualPods) {
  // SCH-185
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 100).cpu("50");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.unplaced.size(), 100u);
  EXPECT_EQ(plan.unplaced.front().obstructions, plan.unplaced.back().obstructions);
}

}  // namespace
}  // namespace plan::testing
