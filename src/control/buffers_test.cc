// capacitybuffer (spec 04 s10.2, s19.5). What a buffer comes to is tested in plan/buffers_test.cc.
#include "control/buffers.h"

#include <gtest/gtest.h>

#include "control/control_testing.h"

namespace control {
namespace {

using namespace testing;

class Buffers : public ControlTest {
 protected:
  Buffers() : buffered_world_({.class_kinds = {}, .wants_buffers = true}) {
    buffered_world_.mark_synced();
  }

  Step look() {
    const auto snapshot = buffered_world_.snapshot(now_);
    return reconcile_buffer(View{*snapshot, buffered_world_, memory_, config_, now_}, "default/b");
  }

  static k8s::CapacityBuffer make_buffer() {
    k8s::CapacityBuffer buffer;
    buffer.meta.name = "b";
    buffer.meta.namespace_ = "default";
    buffer.meta.uid = "uid-b";
    buffer.meta.generation = 1;
    buffer.meta.resource_version = "7";
    buffer.provisioning_strategy = "buffer.x-k8s.io/active-capacity";
    buffer.pod_template = "t";
    buffer.replicas = 7;
    return buffer;
  }

  static k8s::PodTemplateObject make_template() {
    k8s::PodTemplateObject object;
    object.meta.name = "t";
    object.meta.namespace_ = "default";
    object.meta.generation = 3;
    object.pod_template.spec = make_pod("p").spec;
    return object;
  }

  // As a resolved buffer stands in the API.
  static k8s::CapacityBuffer make_resolved() {
    k8s::CapacityBuffer buffer = make_buffer();
    buffer.status_replicas = 7;
    buffer.status_pod_template = "t";
    buffer.pod_template_generation = 3;
    buffer.status_strategy = buffer.provisioning_strategy;
    k8s::Condition ready;
    ready.type = "ReadyForProvisioning";
    ready.status = "True";
    ready.reason = "Resolved";
    ready.message = "Pod template resolved successfully";
    ready.observed_generation = 1;
    ready.last_transition = kNow;
    buffer.conditions = {ready};
    return buffer;
  }

  std::vector<std::string> keys_of(const k8s::Object& object) {
    std::vector<std::string> keys;
    const k8s::ObjectPtr shared(&object, [](const k8s::Object*) {});
    buffers_and_their_targets()(
        {object.kind, k8s::EventOp::kModified, shared}, buffered_world_, keys);
    return keys;
  }

  world::World buffered_world_;
};

TEST_F(Buffers, ResolutionIsWrittenBeforeItCounts) {
  // LIF-182, LIF-184
  put(buffered_world_, make_template());
  put(buffered_world_, make_buffer());
  const Step step = look();
  const k8s::WriteRequest write = write_of(step);
  EXPECT_EQ(write.subresource, "status");
  EXPECT_EQ(write.resource_version, "7");
  EXPECT_TRUE(has(write, R"("replicas":7)")) << write.body;
  EXPECT_TRUE(has(write, R"("podTemplateGeneration":3)")) << write.body;
  EXPECT_TRUE(has(write, R"("provisioningStrategy":"buffer.x-k8s.io/active-capacity")"));
  EXPECT_TRUE(has(write, R"("reason":"Resolved")"));
  EXPECT_TRUE(step.enqueue.empty());
}

TEST_F(Buffers, AResolvedBufferAsksForRoomEveryHalfMinute) {
  // LIF-184
  put(buffered_world_, make_template());
  put(buffered_world_, make_resolved());
  const Step step = look();
  EXPECT_TRUE(step.effects.empty());
  EXPECT_EQ(step.enqueue,
            (std::vector<std::pair<std::string, std::string>>{
                {std::string(kBufferTrigger), "default/b"}}));
  EXPECT_EQ(step.wake_at, now_ + 30 * k8s::kSecond);
}

TEST_F(Buffers, AMissingTemplateIsSaidAndLookedForAgain) {
  // LIF-181, LIF-184
  put(buffered_world_, make_resolved());
  const Step step = look();
  EXPECT_TRUE(has(write_of(step), "PodTemplateNotFound"));
  EXPECT_TRUE(step.enqueue.empty());
  EXPECT_EQ(step.wake_at, now_ + 30 * k8s::kSecond);
}

TEST_F(Buffers, WithoutReferenceThereIsNothingToResolve) {
  // LIF-180
  k8s::CapacityBuffer buffer = make_buffer();
  buffer.pod_template.reset();
  put(buffered_world_, buffer);
  EXPECT_TRUE(has(write_of(look()), "Neither podTemplateRef nor scalableRef is set"));
}

TEST_F(Buffers, ANewGenerationOfTheTemplateShows) {
  // LIF-182
  k8s::PodTemplateObject changed = make_template();
  changed.meta.generation = 4;
  put(buffered_world_, changed);
  put(buffered_world_, make_resolved());
  EXPECT_TRUE(has(write_of(look()), R"("podTemplateGeneration":4)"));
}

TEST_F(Buffers, AScalableRefClearsTheTemplate) {
  // LIF-182
  k8s::Workload deployment(k8s::Kind::kDeployment);
  deployment.meta.name = "web";
  deployment.meta.namespace_ = "default";
  deployment.replicas = 10;
  deployment.pod_template.spec = make_pod("p").spec;
  put(buffered_world_, deployment);
  k8s::CapacityBuffer buffer = make_resolved();
  buffer.pod_template.reset();
  buffer.replicas.reset();
  buffer.percentage = 20;
  buffer.scalable = k8s::ScalableRef{.api_group = "apps", .kind = "Deployment", .name = "web"};
  put(buffered_world_, buffer);
  const k8s::WriteRequest write = write_of(look());
  EXPECT_TRUE(has(write, R"("replicas":2)")) << write.body;
  EXPECT_TRUE(has(write, R"("podTemplateRef":null)")) << write.body;
  EXPECT_EQ(keys_of(deployment), std::vector<std::string>{"default/b"});
}

TEST_F(Buffers, ADeletedBufferGivesItsRoomBack) {
  // LIF-178, LIF-190
  const Step step = look();
  EXPECT_TRUE(step.effects.empty());
  ASSERT_EQ(step.enqueue.size(), 1U);
  EXPECT_EQ(step.enqueue[0].first, kBufferTrigger);
}

TEST_F(Buffers, TemplatesLeadToTheBuffersThatNameThem) {
  // LIF-178
  put(buffered_world_, make_buffer());
  EXPECT_EQ(keys_of(make_template()), std::vector<std::string>{"default/b"});
  k8s::PodTemplateObject elsewhere = make_template();
  elsewhere.meta.namespace_ = "other";
  EXPECT_TRUE(keys_of(elsewhere).empty());
}

}  // namespace
}  // namespace control
