// Drift of claims (spec 03 s12, T-CO2..4).
#include "control/drift.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "control/claim_conditions.h"
#include "control/control_testing.h"
#include "control/event_keys.h"
#include "k8s/time.h"
#include "world/pool_hash.h"

namespace control {
namespace {

using namespace testing;

class Drift : public ControlTest {
 protected:
  Drift() {
    claim_.meta.labels["size"] = "5";
    claim_.meta.labels[std::string(world::kInstanceTypeLabel)] = "m5.large";
    claim_.meta.labels[std::string(world::kZoneLabel)] = "a";
    claim_.meta.labels[std::string(world::kCapacityTypeLabel)] = "on-demand";
  }

  std::string drift() {
    const auto snapshot = world_.snapshot(now_);
    return find_drift(View{*snapshot, world_, memory_, config_, now_}, *snapshot->pools[0], claim_);
  }

  std::string drift_by(const std::string& key,
                       const std::string& op,
                       std::vector<std::string> values) {
    k8s::NodePool pool = make_pool("default");
    pool.template_spec.requirements = {
        {.key = key, .op = op, .values = std::move(values), .min_values = {}}};
    put(world_, pool);
    return drift();
  }

  k8s::NodeClaim claim_ = make_initialized_claim("a");
};

TEST_F(Drift, RequirementsAreHeldAgainstTheLabels) {
  // DIS-191
  const std::string drifted = "RequirementsDrifted";
  EXPECT_EQ(drift_by("size", "In", {"5", "6"}), "");
  EXPECT_EQ(drift_by("size", "In", {"6"}), drifted);
  EXPECT_EQ(drift_by("size", "Exists", {}), "");
  EXPECT_EQ(drift_by("size", "DoesNotExist", {}), drifted);
  EXPECT_EQ(drift_by("size", "Gt", {"10"}), drifted);
  EXPECT_EQ(drift_by("size", "Lt", {"1"}), drifted);
  EXPECT_EQ(drift_by("size", "Gte", {"5"}), "");
  EXPECT_EQ(drift_by("color", "In", {"red"}), drifted);
  EXPECT_EQ(drift_by("color", "NotIn", {"red"}), "");
}

TEST_F(Drift, OldLabelNamesMeanTheNewOnes) {
  // DIS-191, SCH-2
  EXPECT_EQ(drift_by("failure-domain.beta.kubernetes.io/zone", "In", {"a"}), "");
  EXPECT_EQ(drift_by("failure-domain.beta.kubernetes.io/zone", "In", {"b"}), "RequirementsDrifted");
}

TEST_F(Drift, TheTemplateComesBeforeTheRequirements) {
  // DIS-189, DIS-190
  k8s::NodePool pool = make_pool("default");
  pool.meta.annotations = {{std::string(world::kPoolHashAnnotation), "1"},
                           {std::string(world::kPoolHashVersionAnnotation), "v3"}};
  pool.template_spec.requirements = {
      {.key = "size", .op = "In", .values = {"6"}, .min_values = {}}};
  put(world_, pool);
  claim_.meta.annotations = {{std::string(world::kPoolHashAnnotation), "2"},
                             {std::string(world::kPoolHashVersionAnnotation), "v3"}};
  EXPECT_EQ(drift(), "NodePoolDrifted");
  claim_.meta.annotations[std::string(world::kPoolHashVersionAnnotation)] = "v2";
  EXPECT_EQ(drift(), "RequirementsDrifted");
}

TEST_F(Drift, ATypeThatIsSoldNoMoreCountsAfterAnHour) {
  // DIS-192
  claim_.meta.labels[std::string(world::kInstanceTypeLabel)] = "m4.large";
  EXPECT_EQ(drift(), "");
  now_ += 2 * k8s::kHour;
  EXPECT_EQ(drift(), "InstanceTypeNotFound");
  claim_.meta.labels.erase(std::string(world::kInstanceTypeLabel));
  EXPECT_EQ(drift(), "InstanceTypeNotFound");
}

TEST_F(Drift, AnOfferingThatIsSoldNoMoreCounts) {
  // DIS-192
  now_ += 2 * k8s::kHour;
  EXPECT_EQ(drift(), "");
  claim_.meta.labels[std::string(world::kCapacityTypeLabel)] = "reserved";
  EXPECT_EQ(drift(), "");  // On demand will do.
  claim_.meta.labels[std::string(world::kCapacityTypeLabel)] = "spot";
  EXPECT_EQ(drift(), "InstanceTypeNotFound");
}

TEST_F(Drift, UnknownTypesAreNoDrift) {
  // DIS-192
  world_.set_catalogue("EC2NodeClass", "default", nullptr);
  now_ += 2 * k8s::kHour;
  EXPECT_EQ(drift(), "");
}

TEST_F(Drift, AnImageThatTheClassNoLongerGivesCounts) {
  // AWI-333, DIS-193
  claim_.meta.labels["kubernetes.io/arch"] = "amd64";
  claim_.status.image_id = "ami-1";
  k8s::EC2NodeClass node_class;
  node_class.meta.name = claim_.spec.node_class.name;
  const auto image = [](std::string id, std::string arch) {
    return k8s::ResolvedImage{.id = std::move(id),
                              .name = {},
                              .requirements = {{.key = "kubernetes.io/arch",
                                                .op = "In",
                                                .values = {std::move(arch)},
                                                .min_values = {}}}};
  };
  node_class.status_amis = {image("ami-2", "arm64"), image("ami-1", "amd64")};
  put(world_, node_class);
  EXPECT_EQ(drift(), "");
  node_class.status_amis = {image("ami-3", "amd64"), image("ami-1", "amd64")};
  put(world_, node_class);
  EXPECT_EQ(drift(), "AMIDrift");
  claim_.status.image_id.clear();  // Launched by somebody who did not say.
  EXPECT_EQ(drift(), "");
}

TEST_F(Drift, UnlaunchedClaimsLoseTheCondition) {
  // DIS-189
  set_condition(claim_.status.conditions, "Launched", "Unknown");
  set_condition(claim_.status.conditions, "Drifted", "True");
  put(world_, claim_);
  const k8s::WriteRequest write = write_of(run(reconcile_claim_conditions, "a"));
  EXPECT_EQ(write.subresource, "status");
  EXPECT_FALSE(has(write, "Drifted"));
}

TEST_F(Drift, AnotherReasonKeepsItsAge) {
  // DIS-194: who has drifted for longest goes first, whatever the reason is by now.
  k8s::Condition& before = claim_.status.conditions.emplace_back();
  before.type = "Drifted";
  before.status = "True";
  before.reason = before.message = "AMIDrift";
  before.last_transition = kNow - k8s::kHour;
  put(world_, claim_);
  k8s::NodePool pool = make_pool("default");
  pool.template_spec.requirements = {
      {.key = "size", .op = "In", .values = {"6"}, .min_values = {}}};
  put(world_, pool);
  const k8s::WriteRequest write = write_of(run(reconcile_claim_conditions, "a"));
  EXPECT_TRUE(
      has(write,
          base::concat(R"("lastTransitionTime":")",
                       k8s::format_time(kNow - k8s::kHour),
                       R"(","reason":"RequirementsDrifted","message":"RequirementsDrifted")")))
      << write.body;
}

TEST_F(Drift, BothConditionsComeInOneWrite) {
  // DIS-185
  k8s::NodePool pool = make_pool("default");
  pool.template_spec.requirements = {
      {.key = "size", .op = "In", .values = {"6"}, .min_values = {}}};
  put(world_, pool);
  put(world_, claim_);
  const Step step = run(reconcile_claim_conditions, "a");
  const k8s::WriteRequest write = write_of(step);
  EXPECT_TRUE(has(write, R"("type":"Drifted")"));
  EXPECT_TRUE(has(write, R"("type":"Consolidatable")"));
  EXPECT_EQ(write.resource_version, "1");
  EXPECT_EQ(step.wake_at, now_ + 5 * k8s::kMinute);
  for (const k8s::DurationNs quiet : {3 * k8s::kMinute, 10 * k8s::kMinute}) {
    pool.disruption.consolidate_after = quiet;
    put(world_, pool);
    EXPECT_EQ(run(reconcile_claim_conditions, "a").wake_at,
              now_ + std::min(quiet, 5 * k8s::kMinute));
  }
}

TEST_F(Drift, ClaimsThatNobodyOwnsKeepTheirConditions) {
  // DIS-184
  set_condition(claim_.status.conditions, "Drifted", "True");
  set_condition(claim_.status.conditions, "Consolidatable", "False");
  const auto is_left_alone = [&](const k8s::NodeClaim& claim) {
    put(world_, claim);
    const Step step = run(reconcile_claim_conditions, "a");
    return step.effects.empty() && step.wake_at == 0;
  };
  EXPECT_FALSE(is_left_alone(claim_));
  k8s::NodeClaim going = claim_;
  going.meta.deletion_time = now_;
  EXPECT_TRUE(is_left_alone(going));
  k8s::NodeClaim lost = claim_;
  lost.meta.labels[std::string(world::kPoolLabel)] = "gone";
  EXPECT_TRUE(is_left_alone(lost));
  lost.meta.labels.erase(std::string(world::kPoolLabel));
  EXPECT_TRUE(is_left_alone(lost));
}

TEST_F(Drift, ClaimsAreLookedAtWhenWhatTheyFollowChanges) {
  // DIS-184: the pool's template, and the images of the class.
  put(world_, claim_);
  k8s::NodeClaim stranger = make_initialized_claim("b");
  stranger.meta.labels[std::string(world::kPoolLabel)] = "other";
  stranger.spec.node_class.name = "other";
  put(world_, stranger);
  const KeysOf keys = claims_pools_and_classes();
  const auto keys_of = [&](const auto& object) {
    std::vector<std::string> found;
    keys({object.kind,
          k8s::EventOp::kModified,
          std::make_shared<std::remove_cvref_t<decltype(object)>>(object)},
         world_,
         found);
    return found;
  };
  const std::vector<std::string> both{"a"};
  const std::vector<std::string> none;
  EXPECT_EQ(keys_of(claim_), both);
  k8s::NodePool pool = make_pool("default");
  EXPECT_EQ(keys_of(pool), both);
  pool.status_resources.set("cpu", k8s::Quantity::units(4));
  EXPECT_EQ(keys_of(pool), none);
  pool.meta.generation = 2;
  EXPECT_EQ(keys_of(pool), both);
  k8s::EC2NodeClass node_class;
  node_class.meta.name = "default";
  EXPECT_EQ(keys_of(node_class), both);
  set_condition(node_class.conditions, "Ready", "False");
  EXPECT_EQ(keys_of(node_class), none);
  node_class.status_amis = {{.id = "ami-2", .name = {}, .requirements = {}}};
  EXPECT_EQ(keys_of(node_class), both);
  k8s::KWOKNodeClass same_name;
  same_name.meta.name = "default";
  EXPECT_EQ(keys_of(same_name), none);
}

TEST_F(Drift, WhatIsSoldIsLookedUpEveryTime) {
  // DIS-195, improved: upstream looks once in 30 minutes.
  now_ += 2 * k8s::kHour;
  EXPECT_EQ(drift(), "");
  world_.set_catalogue("EC2NodeClass", "default", std::make_shared<const cloud::Catalogue>());
  EXPECT_EQ(drift(), "InstanceTypeNotFound");
}

TEST_F(Drift, ALabelRollsThePoolAndARequirementThatIsGoneDoesNot) {
  // DIS-195: copied, since users count on both.
  EXPECT_EQ(drift_by("size", "In", {"6"}), "RequirementsDrifted");
  k8s::NodePool pool = make_pool("default");
  const auto put_hashed = [&] {
    pool.meta.annotations = {{std::string(world::kPoolHashAnnotation), world::pool_hash(pool)},
                             {std::string(world::kPoolHashVersionAnnotation), "v3"}};
    put(world_, pool);
  };
  put_hashed();
  claim_.meta.annotations = pool.meta.annotations;
  EXPECT_EQ(drift(), "");
  pool.template_labels["team"] = "web";
  put_hashed();
  EXPECT_EQ(drift(), "NodePoolDrifted");
}

TEST_F(Drift, StaticClaimsAreNeverConsolidatable) {
  // DIS-188
  k8s::NodePool pool = make_pool("default");
  pool.replicas = 1;
  put(world_, pool);
  put(world_, claim_);
  EXPECT_TRUE(run(reconcile_claim_conditions, "a").effects.empty());
}

}  // namespace
}  // namespace control
