// How commands of disruption are carried out (spec 03 s9), step by step.
#include "control/disruption_queue.h"

#include "control/disruption_testing.h"
#include "control/static_pools.h"

namespace control {
namespace {

using namespace testing;

class Queue : public DisruptionScene {
 protected:
  // Of two replicas.
  k8s::NodePool put_static_pool(std::int64_t most_nodes) {
    k8s::NodePool pool = make_pool("default");
    pool.replicas = 2;
    pool.limits.set("nodes", k8s::Quantity::units(most_nodes));
    put(world_, pool);
    return pool;
  }
};

TEST_F(Queue, TaintsMarksAndDeletes) {
  // DIS-151, DIS-155, T-QU10
  add_machine("a");
  const std::string id = start();
  auto written = writes(run(queue_, id));
  ASSERT_EQ(written.size(), 1U);
  EXPECT_TRUE(written[0].body.contains("karpenter.sh/disrupted"));
  show_marks("a");
  const Step step = run(queue_, id);
  written = writes(step);
  ASSERT_EQ(written.size(), 1U);
  EXPECT_EQ(written[0].verb, k8s::Verb::kDelete);
  EXPECT_EQ(events(step),
            (std::vector<std::string>{"DisruptionTerminating: Disrupting Node: Empty",
                                      "DisruptionTerminating: Disrupting NodeClaim: Empty"}));
  EXPECT_TRUE(world_.has_intent(world::IntentKind::kDeletion, "a"));
}

TEST_F(Queue, ReplacementsComeFirst) {
  // DIS-152, DIS-153, DIS-154, T-QU4, T-QU8
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const std::string id = start();
  show_marks("a");
  const auto created = writes(run(queue_, id));
  ASSERT_EQ(created.size(), 1U);
  EXPECT_EQ(created[0].verb, k8s::Verb::kCreate);
  EXPECT_FALSE(world_.has_intent(world::IntentKind::kDeletion, "a"));  // T-QU3
  EXPECT_TRUE(writes(run(queue_, id)).empty());                        // The echo is on its way.
  k8s::NodeClaim replacement = make_launched_claim(created[0].key.name);
  put(world_, replacement);
  const Step waiting = run(queue_, id);
  EXPECT_TRUE(writes(waiting).empty());
  EXPECT_EQ(events(waiting).at(0), "DisruptionLaunching: Launching NodeClaim: Underutilized");
  EXPECT_TRUE(world_.has_intent(world::IntentKind::kDeletion, "a"));
  set_condition(replacement.status.conditions, "Initialized", "True");
  put(world_, replacement);
  EXPECT_EQ(writes(run(queue_, id)).at(0).verb, k8s::Verb::kDelete);
}

TEST_F(Queue, LostReplacementsRollBack) {
  // DIS-157, DIS-4, T-QU2
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const std::string id = start();
  show_marks("a");
  const std::string name = writes(run(queue_, id)).at(0).key.name;
  const k8s::NodeClaim replacement = make_launched_claim(name);
  put(world_, replacement);
  run(queue_, id);
  remove(world_, replacement);
  run(queue_, id);
  EXPECT_EQ(disruption_.queue().size(), 0U);
  EXPECT_FALSE(world_.has_intent(world::IntentKind::kDeletion, "a"));
  const auto cleaned = writes(pass());
  ASSERT_EQ(cleaned.size(), 2U);
  EXPECT_EQ(cleaned[0].key.name, "node-a");
  EXPECT_FALSE(cleaned[0].body.contains("karpenter.sh/disrupted"));
}

TEST_F(Queue, ReplacementsThatNeverComeUpTimeOut) {
  // DIS-156, T-QU5, T-QU7
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const std::string id = start();
  show_marks("a");
  const std::string name = writes(run(queue_, id)).at(0).key.name;
  put(world_, make_launched_claim(name));
  now_ += 9 * k8s::kMinute;
  run(queue_, id);
  EXPECT_EQ(disruption_.queue().size(), 1U);
  now_ += 2 * k8s::kMinute;
  run(queue_, id);
  EXPECT_EQ(disruption_.queue().size(), 0U);
}

TEST_F(Queue, TheNextCommandWaitsUntilBudgetsSeeTheLast) {
  // DIS-56, DIS-153
  allow("1");
  add_drifted("a");
  add_drifted("b");
  const std::string id = pass().enqueue.at(0).second;
  now_ += k8s::kMillisecond;
  EXPECT_TRUE(pass().enqueue.empty());  // Its taint is on its way.
  show_marks("a");
  const Step settled = run(queue_, id);
  EXPECT_EQ(settled.enqueue.at(0).first, "disruption");
  EXPECT_TRUE(pass().enqueue.empty());  // Now the budget says so.
  EXPECT_EQ(disruption_.queue().size(), 1U);
}

TEST_F(Queue, CommandsHoldTheirCandidates) {
  // DIS-20, DIS-150, DIS-163
  add_machine("a");
  start();
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
  pass();
  now_ += config_.validation_wait;
  pass();
  EXPECT_EQ(disruption_.queue().size(), 1U);
  EXPECT_EQ(logs_.count("disrupting node(s)"), 1U);
}

TEST_F(Queue, CommandsAreAsOldAsTheirStart) {
  // DIS-10, DIS-156: the wait for their validation does not count.
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const std::string id = start();
  EXPECT_EQ(id.size(), 36U);
  EXPECT_EQ(std::ranges::count(id, '-'), 4);
  show_marks("a");
  put(world_, make_launched_claim(writes(run(queue_, id)).at(0).key.name));
  now_ += 10 * k8s::kMinute;
  run(queue_, id);
  EXPECT_EQ(disruption_.queue().size(), 1U);
  now_ += 1;
  run(queue_, id);
  EXPECT_EQ(disruption_.queue().size(), 0U);
}

TEST_F(Queue, RoomInAStaticPoolIsPromisedToOne) {
  // DIS-143, DIS-145: and given back when the command is given up, whatever it had done.
  const k8s::NodePool pool = put_static_pool(3);
  add_drifted("a");
  add_drifted("b");
  const auto count = [&] {
    const world::SnapshotPtr snapshot = world_.snapshot(now_);
    return count_claims(
        {.snapshot = *snapshot, .world = world_, .memory = memory_, .config = config_, .now = now_},
        "default");
  };
  const std::string id = pass().enqueue.at(0).second;
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});  // There is room for one more.
  EXPECT_EQ(count().pending, 1);
  EXPECT_EQ(count().reserved, 1);
  EXPECT_EQ(grant_nodes(pool, count(), 1), 0);
  now_ += 11 * k8s::kMinute;  // The taint could not be written.
  run(queue_, id);
  EXPECT_EQ(count().active, 2);
  EXPECT_EQ(grant_nodes(pool, count(), 1), 1);
}

TEST_F(Queue, WhatStaticPoolsHaveJustMadeTakesTheRoom) {
  // DIS-143: the claim came while the planner was at it.
  put_static_pool(2);
  add_drifted("a");
  look();
  ASSERT_TRUE(disruption_.is_asking());
  put(world_, make_launched_claim("new"));
  pass();
  EXPECT_TRUE(disruption_.queue().held().empty());
  remove(world_, make_launched_claim("new"));
  now_ += config_.disruption_period;
  pass();
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
}

TEST_F(Queue, SuccessIsLoggedAndTheCandidatesStayMarked) {
  // DIS-158, DIS-159
  add_machine("a");
  const std::string id = start();
  show_marks("a");
  run(queue_, id);
  remove(world_, claim("a"));
  run(queue_, id);
  EXPECT_EQ(logs_.count("command succeeded"), 1U);
  EXPECT_EQ(disruption_.queue().size(), 0U);
  EXPECT_TRUE(run(queue_, id).effects.empty());  // It is forgotten.
}

TEST_F(Queue, CommandsOutliveTheirFirstCandidate) {
  // DIS-161, improved
  add_machine("a");
  add_machine("b");
  const std::string id = start();
  ASSERT_EQ(disruption_.queue().held(), (disrupt::ClaimNames{"a", "b"}));
  remove(world_, node("a"));
  remove(world_, claim("a"));
  show_marks("b");
  const auto written = writes(run(queue_, id));
  ASSERT_EQ(written.size(), 1U);
  EXPECT_EQ(written[0].verb, k8s::Verb::kDelete);
  EXPECT_EQ(written[0].key.name, "b");
}

TEST_F(Queue, WhatWasTakenBackMayBeChosenAgain) {
  // DIS-160
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const std::string id = start();
  show_marks("a");
  run(queue_, id);
  now_ += 11 * k8s::kMinute;
  run(queue_, id);
  ASSERT_EQ(disruption_.queue().size(), 0U);
  add_machine("a");  // Its marks are gone.
  EXPECT_NE(start(), id);
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
}

TEST_F(Queue, PoolsRestWhoseDriftFailed) {
  // DIS-141, improved: else the oldest machine of a pool without capacity keeps all others waiting.
  k8s::NodePool other = make_pool("other");
  other.disruption.budgets[0].nodes = "100%";
  put(world_, other);
  const auto fail = [&] {
    add_drifted("a");
    put(world_, make_pod("web", "node-a"));
    const Step decided = pass();
    EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
    now_ += 11 * k8s::kMinute;
    run(queue_, decided.enqueue.at(0).second);
    EXPECT_EQ(disruption_.queue().size(), 0U);
  };
  fail();
  pass();
  EXPECT_EQ(disruption_.queue().size(), 0U);
  k8s::NodeClaim stranger = claim("b");
  stranger.meta.labels["karpenter.sh/nodepool"] = "other";
  set_condition(stranger.status.conditions, "Drifted", "True");
  k8s::Node beside = node("b");
  beside.meta.labels["karpenter.sh/nodepool"] = "other";
  put(world_, stranger);
  put(world_, beside);
  k8s::Pod pod = make_pod("second", "node-b");
  put(world_, pod);
  pass();
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"b"});
}

TEST_F(Queue, ThePauseOfAPoolGrows) {
  // DIS-141, improved
  for (const k8s::DurationNs pause : {1 * k8s::kMinute, 2 * k8s::kMinute, 4 * k8s::kMinute}) {
    add_drifted("a");
    put(world_, make_pod("web", "node-a"));
    const std::string id = pass().enqueue.at(0).second;
    now_ += 11 * k8s::kMinute;
    run(queue_, id);
    add_drifted("a");
    EXPECT_LE(pass().wake_at, now_ + pause);
    EXPECT_EQ(disruption_.queue().size(), 0U);
    now_ += pause - 1;
    pass();
    EXPECT_EQ(disruption_.queue().size(), 0U);
    now_ += 1;
  }
}

}  // namespace
}  // namespace control
