#include "sim/cloud/ec2_cloud.h"

#include <chrono>
#include <optional>

#include <gtest/gtest.h>

#include "runtime/virtual_executor.h"
#include "sim/cluster/bed_testing.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using cloud::OfferingRef;
using Fleet = std::expected<cloud::Instance, cloud::LaunchFailure>;

const OfferingRef kSpot{"m5.large", "us-west-2a", "spot"};
const OfferingRef kOnDemand{"m5.large", "us-west-2a", "on-demand"};

struct CloudBed {
  explicit CloudBed(std::string_view fault_list = "")
      : executor({.seed = 1}),
        faults(*FaultPlan::parse(fault_list)),
        cloud(executor,
              1,
              small_catalogue(),
              Account::built_in("us-west-2",
                                {{"us-west-2a", "usw2-az1"}, {"us-west-2b", "usw2-az2"}}),
              faults) {}

  Fleet launch(const std::string& uid, std::vector<OfferingRef> offerings) {
    std::optional<Fleet> answer;
    cloud.launch({.claim_name = "claim",
                  .claim_uid = uid,
                  .class_name = "default",
                  .offerings = std::move(offerings),
                  .tags = {{"Name", "x"}}},
                 [&](Fleet fleet) { answer = std::move(fleet); });
    EXPECT_FALSE(answer.has_value()) << "answered inside the call";
    executor.run_for(5s);
    return *answer;
  }

  base::Result<cloud::Instance> get(const std::string& id) {
    std::optional<base::Result<cloud::Instance>> answer;
    cloud.get(id, [&](base::Result<cloud::Instance> got) { answer = std::move(got); });
    executor.run_for(1s);
    return *answer;
  }

  base::Result<void> terminate(const std::string& id) {
    std::optional<base::Result<void>> answer;
    cloud.terminate(id, [&](base::Result<void> got) { answer = std::move(got); });
    executor.run_for(1s);
    return *answer;
  }

  k8s::TimeNs now() const { return base::to_unix_ns(executor.clock().wall()); }

  runtime::VirtualExecutor executor;
  FaultPlan faults;
  Ec2Cloud cloud;
};

TEST(Ec2Cloud, TakesTheFirstOffering) {
  CloudBed bed;
  const Fleet fleet = bed.launch("u1", {kSpot, kOnDemand});
  ASSERT_TRUE(fleet.has_value());
  EXPECT_EQ(fleet->capacity_type, "spot");
  EXPECT_DOUBLE_EQ(fleet->price, 0.04);
  EXPECT_EQ(fleet->provider_id.size(), std::string("aws:///us-west-2a/i-0123456789abcdef0").size());
  EXPECT_EQ(fleet->tags.size(), 1U);
}

TEST(Ec2Cloud, FallsBackWhenAnOfferingIsSoldOut) {
  CloudBed bed;
  bed.cloud.sell_out(kSpot, bed.now() + 3 * kMinute);
  const Fleet fleet = bed.launch("u1", {kSpot, kOnDemand});
  ASSERT_TRUE(fleet.has_value());
  EXPECT_EQ(fleet->capacity_type, "on-demand");
  ASSERT_EQ(fleet->unavailable.size(), 1U);
  EXPECT_EQ(fleet->unavailable.front().capacity_type, "spot");
}

TEST(Ec2Cloud, NothingAvailableNamesAllOfferingsAndHealsAfterThreeMinutes) {
  // LIF-76
  CloudBed bed;
  bed.cloud.sell_out(kSpot, bed.now() + 3 * kMinute);
  const Fleet failed = bed.launch("u1", {kSpot});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().error.code, ErrorCode::kInsufficientCapacity);
  EXPECT_EQ(failed.error().unavailable.size(), 1U);
  bed.executor.run_for(3min);
  EXPECT_TRUE(bed.launch("u2", {kSpot}).has_value());
}

TEST(Ec2Cloud, SameClaimNeverLaunchesTwice) {
  CloudBed bed("lost-response=1");
  const Fleet lost = bed.launch("u1", {kSpot});
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().error.code, ErrorCode::kTimeout);
  EXPECT_EQ(bed.cloud.running().size(), 1U);
  bed.faults.stop();
  ASSERT_TRUE(bed.launch("u1", {kSpot}).has_value());
  EXPECT_EQ(bed.cloud.running().size(), 1U);
}

TEST(Ec2Cloud, TerminatedInstanceIsGoneAfterShuttingDown) {
  // LIF-104
  CloudBed bed;
  const std::string id = bed.launch("u1", {kOnDemand})->provider_id;
  EXPECT_TRUE(bed.terminate(id).has_value());
  ASSERT_TRUE(bed.get(id).has_value());
  EXPECT_TRUE(bed.get(id)->is_terminating);
  bed.executor.run_for(1min);
  EXPECT_EQ(bed.get(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(bed.terminate(id).error().code, ErrorCode::kNotFound);
}

TEST(Ec2Cloud, ThrottlesWhenAskedTo) {
  CloudBed bed("throttle=1");
  EXPECT_EQ(bed.launch("u1", {kSpot}).error().error.code, ErrorCode::kThrottled);
  EXPECT_EQ(bed.get("x").error().code, ErrorCode::kThrottled);
}

TEST(Ec2Cloud, InterruptionIsToldTwoMinutesAhead) {
  CloudBed bed;
  std::optional<Ec2Cloud::Interruption> told;
  bed.cloud.watch_interruptions([&](const auto& interruption) { told = interruption; });
  const std::string id = bed.launch("u1", {kSpot})->provider_id;
  bed.cloud.interrupt(id);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->at - bed.now(), 2 * kMinute);
  bed.executor.run_for(1min);
  EXPECT_EQ(bed.cloud.running().size(), 1U);
  bed.executor.run_for(2min);
  EXPECT_TRUE(bed.cloud.running().empty());
}

TEST(Ec2Cloud, PrivateNamesFollowTheRegion) {
  EXPECT_EQ(Ec2Cloud::private_dns_name("10.0.1.2", "eu-west-1"),
            "ip-10-0-1-2.eu-west-1.compute.internal");
  EXPECT_EQ(Ec2Cloud::private_dns_name("10.0.1.2", "us-east-1"), "ip-10-0-1-2.ec2.internal");
}

k8s::ResourceSelectorTerm tagged(const std::string& key, const std::string& value) {
  k8s::ResourceSelectorTerm term;
  term.tags = {{key, value}};
  return term;
}

k8s::ResourceSelectorTerm term_with(std::string k8s::ResourceSelectorTerm::* member,
                                    std::string value) {
  k8s::ResourceSelectorTerm term;
  term.*member = std::move(value);
  return term;
}

k8s::EC2NodeClass node_class() {
  k8s::EC2NodeClass result;
  result.meta.name = "default";
  result.role = "KarpenterNodeRole";
  result.ami_terms = {term_with(&k8s::ResourceSelectorTerm::alias, "al2023@latest")};
  result.subnet_terms = {tagged("karpenter.sh/discovery", "demo")};
  result.security_group_terms = {tagged("karpenter.sh/discovery", "demo")};
  return result;
}

Account account() {
  return Account::built_in("us-west-2", {{"us-west-2a", "usw2-az1"}, {"us-west-2b", "usw2-az2"}});
}

TEST(Account, ResolvesBuiltInSelectorsWithoutNotes) {
  // AWN-44
  const auto resolved = account().resolve(node_class());
  ASSERT_TRUE(resolved.has_value());
  EXPECT_EQ(resolved->subnets.size(), 2U);
  EXPECT_EQ(resolved->security_groups.size(), 1U);
  EXPECT_EQ(resolved->images.size(), 5U);
  EXPECT_TRUE(resolved->instance_profile.starts_with("demo_"));
  EXPECT_TRUE(resolved->notes.empty());
}

TEST(Account, MakesWhatASelectorDoesNotFindAndSaysSo) {
  k8s::EC2NodeClass wanted = node_class();
  wanted.subnet_terms = {tagged("karpenter.sh/discovery", "my-cluster")};
  wanted.security_group_terms = {term_with(&k8s::ResourceSelectorTerm::id, "sg-0123")};
  wanted.ami_terms = {term_with(&k8s::ResourceSelectorTerm::name, "my-image-*")};
  Account mine = account();
  const auto resolved = mine.resolve(wanted);
  ASSERT_TRUE(resolved.has_value());
  EXPECT_EQ(resolved->subnets.size(), 2U);
  EXPECT_EQ(resolved->security_groups.front().id, "sg-0123");
  EXPECT_EQ(resolved->images.size(), 2U);
  EXPECT_EQ(resolved->notes.size(), 3U);
  // They are there from now on.
  EXPECT_TRUE(mine.resolve(wanted)->notes.empty());
}

TEST(Account, UnknownAliasFamilyIsInvalid) {
  // AWN-42
  k8s::EC2NodeClass wanted = node_class();
  wanted.ami_terms = {term_with(&k8s::ResourceSelectorTerm::alias, "plan9@latest")};
  const auto resolved = account().resolve(wanted);
  ASSERT_FALSE(resolved.has_value());
  EXPECT_EQ(resolved.error().code, ErrorCode::kInvalid);
}

TEST(Account, BadDocumentNamesTheField) {
  const auto bad = Account::parse("subnets:\n- zone: [1]\n", "account.yaml", "us-west-2", {});
  ASSERT_FALSE(bad.has_value());
  EXPECT_NE(bad.error().detail.find("account.yaml: subnets[0].zone: expected text"),
            std::string::npos)
      << bad.error().detail;
}

TEST(FaultPlan, ListRoundTrips) {
  const auto plan = FaultPlan::parse("throttle=0.5, slow-join");
  ASSERT_TRUE(plan.has_value());
  EXPECT_DOUBLE_EQ(plan->probability(Fault::kThrottle), 0.5);
  EXPECT_EQ(FaultPlan::parse(plan->text())->text(), plan->text());
  EXPECT_EQ(FaultPlan::parse("trottle").error().code, ErrorCode::kInvalid);
  EXPECT_FALSE(FaultPlan::parse("throttle=2").has_value());
}

TEST(FaultPlan, SwarmDependsOnTheSeedAlone) {
  EXPECT_EQ(FaultPlan::swarm(3).text(), FaultPlan::swarm(3).text());
  EXPECT_NE(FaultPlan::swarm(3).text(), FaultPlan::swarm(4).text());
}

}  // namespace
}  // namespace sim
