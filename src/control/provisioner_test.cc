// When the provisioner plans: what opens a batch, and what does not.
#include "control/provisioner.h"

#include <gtest/gtest.h>

#include "act/ports_testing.h"
#include "control/control_testing.h"
#include "runtime/log_sinks.h"
#include "runtime/virtual_executor.h"

namespace control {
namespace {

using testing::set_condition;

// Creates what it is asked to create, at once.
class CreatingApi : public act::testing::IdleApi {
 public:
  explicit CreatingApi(world::World& world) : world_(world) {}

  void write(k8s::WriteRequest request, WriteDone done) override {
    if (request.key.kind == k8s::Kind::kNodeClaim) {
      claims.push_back(request.key.name);
      testing::put(world_, testing::make_launched_claim(request.key.name));
    } else if (request.key.kind == k8s::Kind::kEvent) {
      events.push_back(request.body);
    }
    done(nullptr);
  }

  std::vector<std::string> claims;
  std::vector<std::string> events;

 private:
  world::World& world_;
};

class ProvisionerTest : public testing::ControlTest {
 protected:
  ProvisionerTest() {
    engine_.add(provisioner_.pod_trigger());
    provisioner_.on_plan = [this](const auto&, const auto&) { ++plans_; };
  }

  // As the scheduler does each time that it finds no place.
  void say_unschedulable(const std::string& name) {
    k8s::Pod pod = testing::make_pod(name);
    set_condition(pod.status.conditions, "PodScheduled", "False");
    pod.status.conditions.back().reason = "Unschedulable";
    engine_.on_event(
        {k8s::Kind::kPod, k8s::EventOp::kModified, std::make_shared<const k8s::Pod>(pod)});
  }

  runtime::VirtualExecutor executor_;
  runtime::NullLogSink sink_;
  runtime::Metrics metrics_;
  CreatingApi api_{world_};
  act::testing::IdleCloud cloud_;
  act::Actor actor_{{.api = api_, .cloud = cloud_, .resolver = nullptr}, executor_};
  runtime::Logger log_{sink_, "test"};
  Engine engine_{executor_, actor_, world_, config_, metrics_, log_};
  Provisioner provisioner_{executor_, actor_, world_, engine_, config_, runtime::Rng(1), log_};
  int plans_ = 0;
};

TEST_F(ProvisionerTest, APodWhoseMachineIsOnItsWayOpensNoBatch) {
  // SCH-100, SCH-104
  say_unschedulable("a");
  executor_.run_for(std::chrono::milliseconds(1100));
  ASSERT_EQ(api_.claims.size(), 1U);
  EXPECT_EQ(plans_, 1);
  for (int i = 0; i < 3; ++i) {
    say_unschedulable("a");
    executor_.run_for(std::chrono::seconds(2));
  }
  EXPECT_EQ(plans_, 1);
  executor_.run_for(std::chrono::seconds(6));
  EXPECT_EQ(plans_, 2);  // It is asked for again, should something have gone wrong.
}

TEST_F(ProvisionerTest, APodThatIsKeptOutOfItsMachineOpensOneNowAndThen) {
  // SCH-100: somebody taints every new node.
  say_unschedulable("a");
  executor_.run_for(std::chrono::milliseconds(1100));
  ASSERT_EQ(api_.claims.size(), 1U);
  testing::put(world_, testing::make_initialized_claim(api_.claims[0]));
  k8s::Node node = testing::make_ready_node(api_.claims[0]);
  node.taints.push_back({.key = "hostile", .value = "", .effect = "NoExecute"});
  node.status.allocatable.set("pods", k8s::Quantity::units(10));
  testing::put(world_, node);
  for (int i = 0; i < 3; ++i) {
    say_unschedulable("a");
    executor_.run_for(std::chrono::seconds(2));
  }
  EXPECT_EQ(plans_, 1);
  executor_.run_for(std::chrono::seconds(6));
  EXPECT_EQ(plans_, 2);
}

TEST_F(ProvisionerTest, APodWhosePlaceWasTakenOpensOne) {
  // SCH-100: the scheduler puts pods where it likes.
  say_unschedulable("a");
  executor_.run_for(std::chrono::milliseconds(1100));
  ASSERT_EQ(api_.claims.size(), 1U);
  k8s::NodeClaim ready = testing::make_initialized_claim(api_.claims[0]);
  testing::put(world_, ready);
  testing::put(world_, testing::make_ready_node(api_.claims[0]));
  for (const char* other : {"b", "c", "d", "e"}) {
    testing::put(world_, testing::make_pod(other, "node-" + api_.claims[0]));
  }
  say_unschedulable("a");
  executor_.run_for(std::chrono::milliseconds(1100));
  EXPECT_EQ(plans_, 2);
}

TEST_F(ProvisionerTest, APodWhoseMachineWillNotComeOpensOne) {
  // SCH-100
  say_unschedulable("a");
  executor_.run_for(std::chrono::milliseconds(1100));
  ASSERT_EQ(api_.claims.size(), 1U);
  testing::remove(world_, testing::make_launched_claim(api_.claims[0]));
  say_unschedulable("a");
  executor_.run_for(std::chrono::milliseconds(1100));
  EXPECT_EQ(api_.claims.size(), 2U);
}

TEST_F(ProvisionerTest, APoolThatNoInstanceTypeMeetsIsToldSoOncePerMinute) {
  // SCH-130
  k8s::NodePool pool = testing::make_pool("moon");
  pool.template_spec.requirements.push_back(
      {.key = "node.kubernetes.io/instance-type", .op = "In", .values = {"moon.large"}});
  testing::put(world_, pool);
  for (const char* pod : {"a", "b"}) {
    say_unschedulable(pod);
    executor_.run_for(std::chrono::seconds(5));
  }
  const auto told = [](const std::string& body) {
    return body.contains("\"reason\":\"NoCompatibleInstanceTypes\"") &&
           body.contains("\"name\":\"moon\"") &&
           body.contains("filtered out all compatible available instance types");
  };
  EXPECT_GT(plans_, 1);
  EXPECT_EQ(std::ranges::count_if(api_.events, told), 1);
}

}  // namespace
}  // namespace control
