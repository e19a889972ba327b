// Which pods take part in a round: pending ones, and those of nodes that are going away (spec 02
// s3, s17.6).
#include <functional>

#include <gtest/gtest.h>

#include "k8s/time.h"
#include "plan/pods_testing.h"
#include "world/pods.h"

namespace plan::testing {
namespace {

constexpr k8s::TimeNs kNow = 1'800'000'000LL * 1'000'000'000LL;

class LeavingNode : public ::testing::Test {
 protected:
  LeavingNode() {
    scene_.pool("default");
    scene_.machine("node-1", "default", "test-zone-1").is_leaving = true;
    scene_.extra().now = kNow;
  }

  k8s::PodDisruptionBudget& budget(const std::string& app) {
    auto made = std::make_shared<k8s::PodDisruptionBudget>();
    made->meta.namespace_ = "default";
    made->selector = selector("app", app);
    scene_.extra().budgets.push_back(made);
    return *made;
  }

  PodsOf on_it(const std::string& name) { return bound(scene_, name, "node-1").app(name); }

  bool is_replanned() { return placed(scene_.plan()) == 1; }

  Scene scene_;
};

TEST_F(LeavingNode, ActivePodsGetNewCapacity) {
  // SCH-82, SCH-112, SCH-308
  on_it("web");
  EXPECT_TRUE(is_replanned());
}

TEST_F(LeavingNode, FinishedPodsDoNot) {
  // SCH-81
  on_it("web").each([](k8s::Pod& pod) { pod.status.phase = "Succeeded"; });
  EXPECT_FALSE(is_replanned());
}

TEST_F(LeavingNode, DaemonsDoNot) {
  // SCH-81
  on_it("web").owner("apps/v1", "DaemonSet", "agent");
  EXPECT_FALSE(is_replanned());
}

TEST_F(LeavingNode, MirrorPodsDoNot) {
  // SCH-81
  on_it("web").owner("v1", "Node", "node-1");
  EXPECT_FALSE(is_replanned());
}

TEST_F(LeavingNode, TerminatingReplicasDoNot) {
  // SCH-81
  on_it("web").owner("apps/v1", "ReplicaSet", "web").each([](k8s::Pod& pod) {
    pod.meta.deletion_time = kNow;
  });
  EXPECT_FALSE(is_replanned());
}

TEST_F(LeavingNode, TerminatingStatefulPodsDo) {
  // SCH-81
  on_it("web").owner("apps/v1", "StatefulSet", "web").each([](k8s::Pod& pod) {
    pod.meta.deletion_time = kNow;
  });
  EXPECT_TRUE(is_replanned());
}

TEST_F(LeavingNode, BudgetsThatBlockFullyKeepThemAway) {
  // SCH-82, DIS-38, DIS-39
  const std::vector<std::function<void(k8s::PodDisruptionBudget&)>> blocking{
      [](auto& b) { b.max_unavailable = {.value = 0}; },
      [](auto& b) { b.max_unavailable = {.value = 0, .is_percent = true}; },
      [](auto& b) { b.min_available = {.value = 100, .is_percent = true}; },
  };
  for (const auto& block : blocking) {
    Scene scene;
    scene.pool("default");
    scene.machine("node-1", "default", "test-zone-1").is_leaving = true;
    bound(scene, "web", "node-1").app("web");
    auto made = std::make_shared<k8s::PodDisruptionBudget>();
    made->meta.namespace_ = "default";
    made->selector = selector("app", "web");
    block(*made);
    scene.extra().budgets.push_back(made);
    EXPECT_EQ(placed(scene.plan()), 0);
  }
}

TEST_F(LeavingNode, OtherBudgetsDoNot) {
  // SCH-82
  budget("web").max_unavailable = k8s::IntOrPercent{.value = 1};
  budget("other").max_unavailable = k8s::IntOrPercent{.value = 0};
  on_it("web");
  EXPECT_TRUE(is_replanned());
}

TEST_F(LeavingNode, TwoBudgetsBlock) {
  // SCH-82
  budget("web").max_unavailable = k8s::IntOrPercent{.value = 1};
  budget("web").max_unavailable = k8s::IntOrPercent{.value = 2};
  on_it("web");
  EXPECT_FALSE(is_replanned());
}

TEST_F(LeavingNode, AnUnreadyPodMayPassABudgetThatSaysSo) {
  // SCH-82, DIS-38, T-CO9
  k8s::PodDisruptionBudget& strict = budget("web");
  strict.max_unavailable = k8s::IntOrPercent{.value = 0};
  strict.unhealthy_pod_eviction_policy = "AlwaysAllow";
  on_it("web").each(
      [](k8s::Pod& pod) { pod.status.conditions.push_back({.type = "Ready", .status = "False"}); });
  EXPECT_TRUE(is_replanned());
  budget("web").max_unavailable = k8s::IntOrPercent{.value = 1};
  EXPECT_FALSE(is_replanned());  // Nobody evicts a pod that two match.
}

TEST_F(LeavingNode, ACountThatIsTooHighIsNotSeenToBlock) {
  // DIS-38: copied from upstream, which does not count replicas.
  budget("web").min_available = k8s::IntOrPercent{.value = 100};
  on_it("web");
  EXPECT_TRUE(is_replanned());
}

TEST_F(LeavingNode, PodsThatMustNotBeDisturbedStayOut) {
  // DIS-39: until their time is over.
  on_it("web").each([](k8s::Pod& pod) {
    pod.meta.annotations["karpenter.sh/do-not-disrupt"] = "1h";
    pod.status.start_time = kNow - 59 * k8s::kMinute;
  });
  EXPECT_FALSE(is_replanned());
  scene_.extra().now = kNow + k8s::kMinute;
  EXPECT_TRUE(is_replanned());
}

TEST_F(LeavingNode, PodsThatNobodyEvictsAreNotBlocked) {
  // SCH-82
  budget("web").max_unavailable = k8s::IntOrPercent{.value = 0};
  on_it("web").tolerate("karpenter.sh/disrupted");
  EXPECT_TRUE(is_replanned());
}

struct Annotated {
  const char* value;
  bool is_active;
};

TEST_F(LeavingNode, DoNotDisruptHoldsForItsTime) {
  // SCH-83
  for (const Annotated& annotated : {Annotated{"true", true},
                                     Annotated{"2h", true},
                                     Annotated{"30m", false},
                                     Annotated{"-1h", false},
                                     Annotated{"false", false},
                                     Annotated{"nonsense", false}}) {
    k8s::Pod pod;
    pod.meta.annotations["karpenter.sh/do-not-disrupt"] = annotated.value;
    pod.status.start_time = kNow - 3600LL * 1'000'000'000LL;
    EXPECT_EQ(world::do_not_disrupt(pod, kNow).is_active, annotated.is_active) << annotated.value;
  }
}

TEST_F(LeavingNode, AllPodsOfOneNodeLandOnOneNewNode) {
  // SCH-112
  for (const char* name : {"a", "b", "c"}) {
    on_it(name);
  }
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST(Provisionable, WantsTheSchedulersWord) {
  // SCH-80, SCH-85
  Scene scene;
  scene.pool("default");
  pods(scene, "bound").each([](k8s::Pod& pod) { pod.spec.node_name = "node-1"; });
  pods(scene, "nominated").each([](k8s::Pod& pod) { pod.status.nominated_node_name = "node-1"; });
  pods(scene, "daemon").owner("apps/v1", "DaemonSet", "agent");
  pods(scene, "mirror").owner("v1", "Node", "node-1");
  pods(scene, "unseen").each([](k8s::Pod& pod) { pod.status.conditions.clear(); });
  pods(scene, "gated").each([](k8s::Pod& pod) {
    pod.status.conditions[0].reason = "SchedulingGated";
  });
  pods(scene, "other-scheduler").each([](k8s::Pod& pod) { pod.spec.scheduler_name = "mine"; });
  pods(scene, "pending");
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan),
            (std::vector<std::vector<std::string>>{{"other-scheduler", "pending"}}));
  EXPECT_TRUE(plan.unplaced.empty());
}

TEST(Provisionable, OptingOutIsSilent) {
  // SCH-86, SCH-87
  Scene scene;
  scene.pool("default");
  pods(scene, "web").need(term(kPool, "DoesNotExist", {}));
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.unplaced.at(0).is_silent);
  EXPECT_EQ(plan.unplaced[0].reason,
            "ignoring pod, configured to not run on a Karpenter provisioned node "
            "(requirement=karpenter.sh/nodepool DoesNotExist)");
}

struct BadTerm {
  k8s::SelectorTerm term;
  const char* reason;
};

TEST(Provisionable, BadExpressionsAreNamed) {
  // SCH-87
  const std::vector<BadTerm> all{
      {term("team", "Like", {"a"}),
       "key team has an unsupported operator Like not in [DoesNotExist Exists Gt Gte In Lt Lte "
       "NotIn]"},
      {term("team", "In", {}), "key team with operator In must have a value defined"},
      {term("team", "Gt", {"x"}),
       "key team with operator Gt must have a single positive integer value"},
      {term("team", "Gt", {"-1"}), "invalid value: -1 for key team"},
      {term("team", "Lt", {"1", "2"}),
       "key team with operator Lt must have a single positive integer value"},
      {term("te am", "Exists", {}), "key te am is not a qualified name"},
      {term(kCapacity, "In", {"borrowed"}),
       "no valid values found in [borrowed] for karpenter.sh/capacity-type, expected one of: "
       "[on-demand reserved spot]"},
  };
  for (const BadTerm& bad : all) {
    Scene scene;
    scene.pool("default");
    pods(scene, "web").need(bad.term);
    EXPECT_EQ(scene.reason(scene.plan(), "web"), std::string("ignoring pod, ") + bad.reason);
  }
}

TEST(Provisionable, MatchFieldsAreRefused) {
  // SCH-87
  Scene scene;
  scene.pool("default");
  pods(scene, "web").need(term(kZone, "Exists", {})).each([](k8s::Pod& pod) {
    pod.spec.node_affinity.required[0].has_match_fields = true;
  });
  EXPECT_EQ(scene.reason(scene.plan(), "web"),
            "ignoring pod, node selector term with matchFields is not supported");
}

TEST(Provisionable, EveryTermIsLookedAtAndEveryErrorTold) {
  // SCH-87
  Scene scene;
  scene.pool("default");
  pods(scene, "web")
      .or_need(term(kZone, "In", {"test-zone-1"}))
      .or_need(term("team", "Like", {}))
      .or_need(term("a b", "Exists", {}));
  EXPECT_EQ(
      scene.reason(scene.plan(), "web"),
      "ignoring pod, key team has an unsupported operator Like not in [DoesNotExist Exists Gt Gte "
      "In Lt Lte NotIn]; key a b is not a qualified name");
}

TEST(Provisionable, PreferredTermsAndPodAffinityAreNotValidated) {
  // SCH-87
  Scene scene;
  scene.pool("default");
  pods(scene, "web").prefer(1, term(kHost, "In", {"x"})).rather_near("te am", "web");
  EXPECT_EQ(placed(scene.plan()), 1);
}

TEST(Provisionable, PodsOfADeviceRequestWait) {
  // SCH-84, SCH-145, SCH-400
  Scene scene;
  scene.pool("default");
  pods(scene, "pod-level").each([](k8s::Pod& pod) {
    pod.spec.resource_claims.push_back({.name = "gpu"});
  });
  pods(scene, "container").each([](k8s::Pod& pod) {
    pod.spec.containers[0].resources.claims.emplace_back("gpu");
  });
  pods(scene, "plain");
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 1);
  for (const char* name : {"pod-level", "container"}) {
    EXPECT_EQ(scene.reason(plan, name),
              "pod has Dynamic Resource Allocation requirements that are not yet supported by "
              "Karpenter");
  }
}

}  // namespace
}  // namespace plan::testing
