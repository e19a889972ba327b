// node.termination and the eviction queue beyond the main road (spec 04 s6, s19.3).
#include "control/node_termination.h"

#include <gtest/gtest.h>

#include "control/control_testing.h"
#include "k8s/time.h"
#include "world/pods.h"

namespace control {
namespace {

using namespace testing;

class NodeTermination : public ControlTest {
 protected:
  // A machine on its way out, tainted already; `deadline` as the claim's annotation has it.
  void put_going(std::optional<k8s::TimeNs> deadline = {}, const std::string& drained = "Unknown") {
    k8s::NodeClaim claim = make_initialized_claim("a");
    claim.meta.deletion_time = kNow;
    set_condition(claim.status.conditions, "Drained", drained, kNow);
    if (deadline) {
      claim.meta.annotations[std::string(world::kTerminationTimestampAnnotation)] =
          k8s::format_time(*deadline);
    }
    put(world_, claim);
    k8s::Node node = make_ready_node("a");
    node.meta.deletion_time = kNow;
    node.taints = {world::disrupted_taint()};
    node.meta.labels[std::string(world::kExcludeLoadBalancerLabel)] = "karpenter";
    put(world_, node);
  }

  Step look() { return run(reconcile_termination, "node-a"); }

  // The pods that the drain enqueues now, by name.
  std::vector<std::string> drained_now(std::optional<k8s::TimeNs> deadline = {}) {
    const auto snapshot = world_.snapshot(now_);
    const auto& row = snapshot->nodes[*world_.find_node("node-a")];
    std::vector<std::string> names;
    for (const world::PodId id : plan_drain(*snapshot, row, deadline).evict) {
      names.push_back(snapshot->pods[id].pod->meta.name);
    }
    return names;
  }

  static k8s::Pod daemon(k8s::Pod pod) {
    pod.meta.owners.push_back({.api_version = "apps/v1",
                               .kind = "DaemonSet",
                               .name = "d",
                               .uid = "uid-d",
                               .controller = true,
                               .block_owner_deletion = true});
    return pod;
  }

  static k8s::Pod critical(k8s::Pod pod) {
    pod.spec.priority_class_name = "system-cluster-critical";
    return pod;
  }

  void put_attachment(const std::string& name, const std::string& volume) {
    k8s::VolumeAttachment attachment;
    attachment.meta.name = name;
    attachment.node_name = "node-a";
    attachment.volume_name = volume;
    put(world_, attachment);
  }

  Step evict(const std::string& pod) { return run(reconcile_eviction, "default/" + pod); }
};

using Names = std::vector<std::string>;

TEST_F(NodeTermination, EachTierWaitsForTheOneBefore) {
  // LIF-140
  put_going();
  const std::vector<k8s::Pod> pods{make_pod("plain", "node-a"),
                                   daemon(make_pod("daemon", "node-a")),
                                   critical(make_pod("critical", "node-a")),
                                   daemon(critical(make_pod("critical-daemon", "node-a")))};
  for (const k8s::Pod& pod : pods) {
    put(world_, pod);
  }
  for (k8s::Pod pod : pods) {
    EXPECT_EQ(drained_now(), Names{pod.meta.name});
    pod.meta.deletion_time = now_;  // Leaving is not gone.
    put(world_, pod);
    EXPECT_EQ(drained_now(), Names{pod.meta.name});
    remove(world_, pod);
  }
  EXPECT_TRUE(drained_now().empty());
}

TEST_F(NodeTermination, DeadlineTakesPodsOfAllTiersAtOnce) {
  // LIF-139
  put_going();
  put(world_, make_pod("plain", "node-a"));
  k8s::Pod late = critical(make_pod("late", "node-a"));
  late.spec.termination_grace_seconds = 300;
  put(world_, late);
  EXPECT_EQ(drained_now(now_ + 100 * k8s::kSecond), (Names{"late", "plain"}));
}

TEST_F(NodeTermination, APodInTheQueueIsLeftToItUnlessADeadlineMayComeCloser) {
  // LIF-144, LIF-146
  put_going();
  const k8s::Pod pod = make_pod("plain", "node-a");
  put(world_, pod);
  EXPECT_EQ(look().enqueue.size(), 1U);
  memory_.evictions[pod.meta.uid] = {};
  EXPECT_TRUE(look().enqueue.empty());
  put_going(now_ + 100 * k8s::kSecond);
  EXPECT_EQ(look().enqueue.size(), 1U);
}

TEST_F(NodeTermination, SomePodsNeitherLeaveNorBlock) {
  // LIF-142
  put_going();
  k8s::Pod tolerating = make_pod("tolerating", "node-a");
  tolerating.spec.tolerations.push_back({.key = "karpenter.sh/disrupted", .op = "Exists"});
  k8s::Pod mirror = make_pod("mirror", "node-a");
  mirror.meta.owners.push_back({.api_version = "v1",
                                .kind = "Node",
                                .name = "node-a",
                                .uid = "uid-node-a",
                                .controller = true,
                                .block_owner_deletion = false});
  k8s::Pod done = make_pod("done", "node-a");
  done.status.phase = "Succeeded";
  k8s::Pod stuck = make_pod("stuck", "node-a");
  stuck.meta.deletion_time = now_ - 2 * k8s::kMinute;
  for (const k8s::Pod& pod : {tolerating, mirror, done, stuck}) {
    put(world_, pod);
  }
  EXPECT_TRUE(drained_now().empty());
  k8s::Pod unschedulable = make_pod("unschedulable", "node-a");
  unschedulable.spec.tolerations.push_back(
      {.key = "node.kubernetes.io/unschedulable", .op = "Exists"});
  put(world_, unschedulable);
  EXPECT_EQ(drained_now(), Names{"unschedulable"});
}

TEST_F(NodeTermination, AnEmptyNodeStillWaitsFiveSeconds) {
  // LIF-132
  put_going();
  EXPECT_TRUE(writes_of(look()).empty());
  EXPECT_EQ(look().wake_at, now_ + k8s::kSecond);
  now_ += 5 * k8s::kSecond;
  EXPECT_TRUE(has(writes_of(look()).at(0), R"("type":"Drained")"));
}

TEST_F(NodeTermination, VolumesAreWaitedForUntilTheDeadline) {
  // LIF-134
  const k8s::TimeNs deadline = kNow + k8s::kMinute;
  put_going(deadline, "True");
  put_attachment("va", "pv");
  const Step waiting = look();
  EXPECT_TRUE(has(write_of(waiting), "AwaitingVolumeDetachment"));
  EXPECT_EQ(action_of<act::Terminate>(waiting), nullptr);
  EXPECT_EQ(waiting.wake_at, now_ + k8s::kSecond);
  now_ = deadline + k8s::kSecond;
  const Step late = look();
  EXPECT_TRUE(has(write_of(late), "TerminationGracePeriodElapsed"));
  EXPECT_NE(action_of<act::Terminate>(late), nullptr);
}

TEST_F(NodeTermination, VolumesOfPodsThatStayDoNotCount) {
  // LIF-133
  put_going({}, "True");
  put_attachment("va", "pv");
  k8s::PersistentVolumeClaim claim;
  claim.meta.name = "data";
  claim.meta.namespace_ = "default";
  claim.volume_name = "pv";
  put(world_, claim);
  k8s::Pod staying = make_pod("staying", "node-a");
  staying.spec.tolerations.push_back({.op = "Exists"});
  k8s::Volume volume;
  volume.name = "v";
  volume.claim_name = "data";
  staying.spec.volumes.push_back(volume);
  put(world_, staying);
  EXPECT_NE(action_of<act::Terminate>(look()), nullptr);
}

TEST_F(NodeTermination, ADeadNodeWhoseInstanceIsGoneNeedsNoDrain) {
  // LIF-124
  put_going();
  k8s::Node node = make_ready_node("a");
  node.meta.deletion_time = kNow;
  set_condition(node.status.conditions, "Ready", "Unknown");
  put(world_, node);
  put(world_, make_pod("p", "node-a"));
  EXPECT_NE(action_of<act::GetInstance>(look()), nullptr);
  memory_.instances["id-a"] = {.is_gone = true, .at = now_};
  EXPECT_TRUE(has(write_of(look()), R"("finalizers":null)"));
}

TEST_F(NodeTermination, AReadyNodeIsDrainedWhateverTheCloudSays) {
  // LIF-124
  put_going();
  put(world_, make_pod("p", "node-a"));
  memory_.instances["id-a"] = {.is_gone = true, .at = now_};
  EXPECT_EQ(look().evictions.size(), 1U);
}

TEST_F(NodeTermination, ADeadlineThatCannotBeReadStopsEverything) {
  // LIF-125
  put_going();
  k8s::NodeClaim claim = make_initialized_claim("a");
  claim.meta.deletion_time = kNow;
  claim.meta.annotations[std::string(world::kTerminationTimestampAnnotation)] = "soon";
  put(world_, claim);
  const Step step = look();
  EXPECT_TRUE(step.effects.empty());
  ASSERT_EQ(step.logs.size(), 1U);
  EXPECT_EQ(step.logs[0].level, runtime::LogLevel::kError);
}

TEST_F(NodeTermination, TheFinalizerGoesWhenTheInstanceHas) {
  // LIF-136, LIF-137, LIF-129
  k8s::NodeClaim claim = make_initialized_claim("a");
  put_going({}, "True");
  claim.meta.deletion_time = kNow;
  for (const char* type : {"Drained", "VolumesDetached", "InstanceTerminating"}) {
    set_condition(claim.status.conditions, type, "True");
  }
  put(world_, claim);
  memory_.instances["id-a"] = {.is_terminating = true, .at = now_};
  EXPECT_EQ(look().wake_at, now_ + 5 * k8s::kSecond);
  memory_.instances["id-a"] = {.is_gone = true, .at = now_};
  EXPECT_TRUE(has(write_of(look()), R"("finalizers":null)"));
}

TEST_F(NodeTermination, EvictionNamesThePodItMeans) {
  // LIF-147
  put_going();
  put(world_, make_pod("p", "node-a"));
  memory_.evictions["uid-pod-p"];
  const k8s::WriteRequest write = write_of(evict("p"));
  EXPECT_EQ(write.verb, k8s::Verb::kEvict);
  EXPECT_EQ(write.uid, "uid-pod-p");
}

TEST_F(NodeTermination, ANewPodOfTheSameNameIsSafe) {
  // LIF-146
  put_going();
  memory_.evictions["uid-of-another"];
  put(world_, make_pod("p", "node-a"));
  EXPECT_TRUE(evict("p").effects.empty());
}

TEST_F(NodeTermination, RefusalsAreToldApart) {
  // LIF-148
  put_going();
  put(world_, make_pod("p", "node-a"));
  Memory::Eviction& eviction = memory_.evictions["uid-pod-p"];
  eviction = {.attempts = 1, .last = now_, .error = base::Error{base::ErrorCode::kThrottled, "x"}};
  const auto message = [&] {
    const Step step = evict("p");
    const auto* event = action_of<act::PublishEvent>(step);
    return event == nullptr ? std::string() : event->message;
  };
  EXPECT_EQ(message(), "Failed to drain node, evicting pod violates a PDB (Pod=default/p)");
  eviction.error = base::Error{base::ErrorCode::kUnavailable,
                               "This pod has more than one PodDisruptionBudget, which the eviction "
                               "subresource does not support."};
  EXPECT_EQ(message(),
            "Failed to drain node, eviction does not support multiple PDBs (Pod=default/p)");
  eviction.error = base::Error{base::ErrorCode::kUnavailable, "connection refused"};
  EXPECT_EQ(message(), "");
}

TEST_F(NodeTermination, ForcedPodsGetTheTimeThatIsLeft) {
  // LIF-149
  put_going();
  k8s::Pod pod = make_pod("p", "node-a");
  pod.spec.termination_grace_seconds = 300;
  put(world_, pod);
  memory_.evictions["uid-pod-p"] = {.deadline = now_ + 200 * k8s::kSecond};
  const Step step = evict("p");
  EXPECT_EQ(write_of(step).verb, k8s::Verb::kDelete);
  EXPECT_EQ(write_of(step).grace_seconds, 200);
  EXPECT_EQ(reasons_of(step), Names{"Disrupted"});
  now_ += k8s::kHour;
  EXPECT_EQ(write_of(evict("p")).grace_seconds, 1);
}

TEST_F(NodeTermination, ALongGoodbyeIsCutShortOnce) {
  // LIF-149
  put_going();
  k8s::Pod pod = make_pod("p", "node-a");
  pod.meta.deletion_time = now_ + 600 * k8s::kSecond;
  pod.meta.deletion_grace_seconds = 600;
  put(world_, pod);
  memory_.evictions["uid-pod-p"] = {.deadline = now_ + 210 * k8s::kSecond};
  EXPECT_EQ(write_of(evict("p")).grace_seconds, 210);
  now_ += 300 * k8s::kSecond;  // Past the deadline: it was given one second already.
  pod.meta.deletion_grace_seconds = 1;
  put(world_, pod);
  EXPECT_TRUE(evict("p").effects.empty());
}

TEST_F(NodeTermination, DoNotDisruptIsWaitedForToItsEnd) {
  // LIF-146
  put_going();
  k8s::Pod pod = make_pod("p", "node-a");
  pod.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "1m";
  pod.status.start_time = now_ - 56 * k8s::kSecond;
  put(world_, pod);
  memory_.evictions["uid-pod-p"];
  const Step early = evict("p");
  EXPECT_TRUE(early.effects.empty());
  EXPECT_EQ(early.wake_at, now_ + 4 * k8s::kSecond);
  now_ = early.wake_at;
  EXPECT_EQ(write_of(evict("p")).verb, k8s::Verb::kEvict);
}

}  // namespace
}  // namespace control
