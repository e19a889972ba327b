// The work queue: who writes when, and what comes after a lost race.
#include "control/engine.h"

#include <gtest/gtest.h>

#include "act/ports_testing.h"
#include "control/changes.h"
#include "runtime/log_sinks.h"
#include "runtime/virtual_executor.h"
#include "world/world_testing.h"

namespace control {
namespace {

// Keeps writes until the test answers them.
class HeldApi : public act::testing::IdleApi {
 public:
  void get(const k8s::ObjectKey&, ReadDone done) override { done(stored); }

  void write(k8s::WriteRequest request, WriteDone done) override {
    requests.push_back(std::move(request));
    answers.push_back(std::move(done));
  }

  std::vector<k8s::WriteRequest> requests;
  std::vector<WriteDone> answers;
  k8s::ObjectPtr stored;
};

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    world_.mark_synced();
    claim_ = world::testing::make_claim("a");
    claim_.meta.resource_version = "1";
    show();
    for (const char* name : {"first", "second"}) {
      Controller controller;
      controller.name = name;
      controller.reconcile = [this, name](const View& view, const std::string& key) {
        ++runs_[name];
        const auto& now = *view.snapshot.nodes[*view.world.find_claim(key)].claim;
        k8s::NodeClaim next = now;
        next.meta.annotations.insert_or_assign(name, "yes");
        Step step;
        write_main(step, name, now, next, Lock::kYes);
        return step;
      };
      engine_.add(std::move(controller));
    }
  }

  void show() {
    engine_.on_event({k8s::Kind::kNodeClaim,
                      k8s::EventOp::kModified,
                      std::make_shared<const k8s::NodeClaim>(claim_)});
  }

  // What the server makes of the write.
  void accept(std::size_t write, const char* annotation) {
    claim_.meta.annotations.insert_or_assign(annotation, "yes");
    claim_.meta.resource_version += "1";
    api_.answers.at(write)(std::make_shared<const k8s::NodeClaim>(claim_));
    executor_.run_ready();
  }

  runtime::VirtualExecutor executor_;
  runtime::NullLogSink sink_;
  runtime::Metrics metrics_;
  HeldApi api_;
  act::testing::IdleCloud cloud_;
  Config config_;
  world::World world_;
  act::Actor actor_{{.api = api_, .cloud = cloud_, .resolver = nullptr}, executor_};
  Engine engine_{executor_, actor_, world_, config_, metrics_, runtime::Logger(sink_, "test")};
  k8s::NodeClaim claim_;
  std::map<std::string, int> runs_;
};

TEST_F(EngineTest, TwoControllersWriteToAnObjectOneAfterTheOther) {
  // LIF-72
  engine_.enqueue("first", "a");
  engine_.enqueue("second", "a");
  executor_.run_ready();
  ASSERT_EQ(api_.requests.size(), 1U);  // The second would lose the race.
  accept(0, "first");
  ASSERT_EQ(api_.requests.size(), 2U);
  EXPECT_EQ(api_.requests[1].resource_version, "11");
  EXPECT_EQ(runs_["second"], 2);
}

TEST_F(EngineTest, TheWatchOfAnOwnWriteIsNoNews) {
  // LIF-72
  Controller observer;
  observer.name = "observer";
  observer.reconcile = [this](const View&, const std::string&) {
    ++runs_["observer"];
    return Step();
  };
  observer.keys = [](const k8s::ObjectEvent& event, const world::World&, auto& keys) {
    keys.push_back(event.object->meta.name);
  };
  engine_.add(std::move(observer));
  engine_.enqueue("first", "a");
  executor_.run_ready();
  accept(0, "first");
  EXPECT_EQ(runs_["observer"], 1);
  show();
  executor_.run_ready();
  EXPECT_EQ(runs_["observer"], 1);
  claim_.meta.resource_version = "12";
  show();
  executor_.run_ready();
  EXPECT_EQ(runs_["observer"], 2);
}

TEST_F(EngineTest, AfterALostRaceTheObjectIsReadAgain) {
  // DIS-2, LIF-72: the watch is behind.
  engine_.enqueue("first", "a");
  executor_.run_ready();
  claim_.meta.resource_version = "2";
  api_.stored = std::make_shared<const k8s::NodeClaim>(claim_);
  api_.answers.at(0)(base::fail(base::ErrorCode::kConflict, "modified"));
  executor_.run_ready();
  ASSERT_EQ(api_.requests.size(), 2U);
  EXPECT_EQ(api_.requests[1].resource_version, "2");
}

TEST_F(EngineTest, AnObjectThatChangesAllTheTimeIsLeftAloneForAWhile) {
  // OPR-42
  api_.stored = std::make_shared<const k8s::NodeClaim>(claim_);
  engine_.enqueue("first", "a");
  for (std::size_t i = 0; i < 5; ++i) {
    executor_.run_ready();
    ASSERT_EQ(api_.requests.size(), i + 1);
    api_.answers.at(i)(base::fail(base::ErrorCode::kConflict, "modified"));
  }
  executor_.run_ready();
  EXPECT_EQ(api_.requests.size(), 5U);
  executor_.run_for(std::chrono::seconds(1));
  EXPECT_EQ(api_.requests.size(), 6U);
}

TEST_F(EngineTest, OtherFailuresAreTriedAgainAfterAPause) {
  // OPR-42
  engine_.enqueue("first", "a");
  executor_.run_ready();
  engine_.enqueue("first", "a");
  api_.answers.at(0)(base::fail(base::ErrorCode::kInternal, "no"));
  executor_.run_ready();
  EXPECT_EQ(api_.requests.size(), 1U);
  executor_.run_for(std::chrono::seconds(1));
  EXPECT_EQ(api_.requests.size(), 2U);
}

TEST_F(EngineTest, NothingIsReconciledBeforeTheListsAreComplete) {
  // OPR-33, LIF-112: a class that was not told of yet is not gone.
  world::World world;
  Engine engine(executor_, actor_, world, config_, metrics_, runtime::Logger(sink_, "test"));
  int runs = 0;
  Controller observer;
  observer.name = "observer";
  observer.reconcile = [&](const View& view, const std::string&) {
    EXPECT_TRUE(view.world.has_lists());
    ++runs;
    return Step();
  };
  engine.add(std::move(observer));
  engine.enqueue("observer", "a");
  for (const k8s::Kind kind : world.kinds()) {
    executor_.run_ready();
    EXPECT_EQ(runs, 0);
    engine.on_event({kind, k8s::EventOp::kSynced, nullptr});
  }
  executor_.run_ready();
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace control
