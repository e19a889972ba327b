// Taints, tolerations and host ports between pods and machines (spec 02 s2.1, s2.2).
#include "k8s/taints.h"

#include <gtest/gtest.h>

#include "model/pod_shape.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

struct Case {
  k8s::Toleration toleration;
  k8s::Taint taint;
  bool is_tolerated;
};

TEST(Taints, TolerationsMatchAsInKubernetes) {
  // SCH-33
  const std::vector<Case> cases{
      {{.op = "Exists"}, {.key = "a", .value = "b", .effect = "NoExecute"}, true},
      {{.key = "a", .op = "Exists"}, {.key = "a", .value = "b", .effect = "NoSchedule"}, true},
      {{.key = "a", .op = "Exists"}, {.key = "c", .value = "b", .effect = "NoSchedule"}, false},
      {{.key = "a", .op = "", .value = "b"},
       {.key = "a", .value = "b", .effect = "NoSchedule"},
       true},
      {{.key = "a", .op = "Equal", .value = "c"},
       {.key = "a", .value = "b", .effect = "NoSchedule"},
       false},
      {{.key = "a", .op = "Exists", .value = "", .effect = "NoExecute"},
       {.key = "a", .value = "b", .effect = "NoSchedule"},
       false},
      {{.key = "a", .op = "Gt", .value = "5"},
       {.key = "a", .value = "7", .effect = "NoSchedule"},
       true},
      {{.key = "a", .op = "Lt", .value = "5"},
       {.key = "a", .value = "7", .effect = "NoSchedule"},
       false},
      {{.key = "a", .op = "Gt", .value = "x"},
       {.key = "a", .value = "7", .effect = "NoSchedule"},
       false},
  };
  for (const Case& c : cases) {
    Scene scene;
    scene.pool("default").template_spec.taints = {c.taint};
    pods(scene, "web").each([&](k8s::Pod& pod) { pod.spec.tolerations = {c.toleration}; });
    EXPECT_EQ(placed(scene.plan()) == 1, c.is_tolerated) << c.toleration.key << c.toleration.op;
  }
}

TEST(Taints, EveryOneMustBeTolerated) {
  // SCH-33
  Scene scene;
  scene.pool("default").template_spec.taints = {{.key = "a", .value = "", .effect = "NoSchedule"},
                                                {.key = "b", .value = "", .effect = "NoExecute"}};
  pods(scene, "one").tolerate("a");
  pods(scene, "both").tolerate("a").tolerate("b");
  EXPECT_EQ(scene.unplaced_of(scene.plan()), (std::vector<std::string>{"one"}));
}

TEST(Taints, EphemeralOnesAreKnownByKeyAndEffect) {
  // SCH-34
  const auto is_known = [](const char* key, const char* effect) {
    return k8s::is_known_ephemeral({.key = key, .value = "any", .effect = effect});
  };
  EXPECT_TRUE(is_known("node.kubernetes.io/not-ready", "NoExecute"));
  EXPECT_TRUE(is_known("readiness.k8s.io/cni", "NoSchedule"));
  EXPECT_TRUE(is_known("readiness.k8s.io/cni", "NoExecute"));
  EXPECT_FALSE(is_known("node.kubernetes.io/unreachable", "NoExecute"));
  EXPECT_FALSE(is_known("my.readiness.k8s.io/cni", "NoSchedule"));
  EXPECT_FALSE(is_known("karpenter.sh/unregistered", "NoSchedule"));
}

TEST(Taints, MergingKeepsTheLeft) {
  // SCH-37
  const auto merged = k8s::merge_taints({{.key = "a", .value = "1", .effect = "NoSchedule"}},
                                        {{.key = "a", .value = "2", .effect = "NoSchedule"},
                                         {.key = "a", .value = "3", .effect = "NoExecute"}});
  ASSERT_EQ(merged.size(), 2u);
  EXPECT_EQ(merged[0].value, "1");
  EXPECT_EQ(merged[1].value, "3");
}

TEST(Taints, PreferNoScheduleOnNodesAloneIsNeverTolerated) {
  // SCH-142
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1")
      .taints.push_back({.key = "team", .value = "", .effect = "PreferNoSchedule"});
  pods(scene, "web");
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.existing.empty());
  EXPECT_EQ(plan.claims.size(), 1u);
}

struct Ports {
  model::HostPort a;
  model::HostPort b;
  bool conflict;
};

TEST(HostPorts, ConflictByPortProtocolAndAddress) {
  // SCH-38, SCH-39
  const std::vector<Ports> all{
      {{"0.0.0.0", 80, "TCP"}, {"0.0.0.0", 80, "TCP"}, true},
      {{"0.0.0.0", 80, "TCP"}, {"10.0.0.1", 80, "TCP"}, true},
      {{"::", 80, "TCP"}, {"10.0.0.1", 80, "TCP"}, true},
      {{"10.0.0.1", 80, "TCP"}, {"10.0.0.1", 80, "TCP"}, true},
      {{"10.0.0.1", 80, "TCP"}, {"10.0.0.2", 80, "TCP"}, false},
      {{"0.0.0.0", 80, "TCP"}, {"0.0.0.0", 81, "TCP"}, false},
      {{"0.0.0.0", 80, "TCP"}, {"0.0.0.0", 80, "UDP"}, false},
  };
  for (const Ports& ports : all) {
    EXPECT_EQ(model::conflicts(ports.a, ports.b), ports.conflict);
    EXPECT_EQ(model::conflicts(ports.b, ports.a), ports.conflict);
    Scene scene;
    scene.pool("default");
    pods(scene, "a").host_port(ports.a.port, ports.a.ip, ports.a.protocol);
    pods(scene, "b").host_port(ports.b.port, ports.b.ip, ports.b.protocol);
    EXPECT_EQ(scene.plan().claims.size(), ports.conflict ? 2u : 1u);
  }
}

TEST(HostPorts, EqualPodsAreSeparated) {
  // SCH-40, SCH-41
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 3).host_port(80);
  EXPECT_EQ(scene.plan().claims.size(), 3u);
}

TEST(HostPorts, OfBoundPodsCount) {
  // SCH-41, SCH-150
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  bound(scene, "old", "node-1").host_port(80);
  pods(scene, "same").host_port(80);
  pods(scene, "other").host_port(81);
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.existing.size(), 1u);
  EXPECT_EQ(scene.pod_name(plan.existing[0].pods.at(0)), "other");
}

TEST(HostPorts, OfInitContainersDoNotCount) {
  // SCH-38
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 2).each([](k8s::Pod& pod) {
    pod.spec.init_containers.emplace_back().ports.push_back(
        {.container_port = 80, .host_port = 80});
  });
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

}  // namespace
}  // namespace plan::testing
