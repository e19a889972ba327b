#include "ops/leader_election.h"

#include <gtest/gtest.h>

namespace ops {
namespace {

using namespace std::chrono_literals;
using Move = LeaseMove::Kind;

base::Instant at(base::Duration time) {
  return base::Instant(time);
}

base::WallTime wall(base::Duration time) {
  return base::WallTime(time);
}

k8s::Lease held_by(std::string holder, std::string version = "1") {
  k8s::Lease lease;
  lease.meta.name = "l";
  lease.meta.resource_version = std::move(version);
  lease.holder = std::move(holder);
  lease.duration_seconds = 15;
  lease.transitions = 4;
  return lease;
}

TEST(LeaseRules, MakesTheLeaseWhenThereIsNone) {
  // OPR-44
  LeaseRules rules({.identity = "me", .namespace_ = "kube-system"});
  const LeaseMove move = rules.decide(nullptr, at(0s), wall(7s));
  EXPECT_EQ(move.kind, Move::kCreate);
  EXPECT_EQ(move.lease.meta.name, "karpenter-leader-election");
  EXPECT_EQ(move.lease.holder, "me");
  EXPECT_EQ(move.lease.duration_seconds, 15);
  EXPECT_EQ(move.lease.acquire_time, 7'000'000'000);
  EXPECT_EQ(move.lease.transitions, 0);
  EXPECT_FALSE(rules.is_leading());
  rules.written(move.lease, at(0s), at(0s));
  EXPECT_TRUE(rules.is_leading());
  EXPECT_EQ(rules.deadline(), at(10s));
}

TEST(LeaseRules, WaitsOutTheTermOfAnotherByItsOwnClock) {
  // OPR-44: what the other wrote as its time does not matter.
  LeaseRules rules({.identity = "me"});
  k8s::Lease lease = held_by("other");
  lease.renew_time = 1;
  EXPECT_EQ(rules.decide(&lease, at(100s), wall(0s)).kind, Move::kWait);
  EXPECT_EQ(rules.decide(&lease, at(114s), wall(0s)).kind, Move::kWait);
  const LeaseMove move = rules.decide(&lease, at(115s), wall(9s));
  EXPECT_EQ(move.kind, Move::kUpdate);
  EXPECT_EQ(move.lease.meta.resource_version, "1");
  EXPECT_EQ(move.lease.transitions, 5);
  EXPECT_EQ(move.lease.acquire_time, 9'000'000'000);
}

TEST(LeaseRules, RenewalOfAnotherStartsItsTermAgain) {
  // OPR-44
  LeaseRules rules({.identity = "me"});
  k8s::Lease lease = held_by("other");
  EXPECT_EQ(rules.decide(&lease, at(0s), wall(0s)).kind, Move::kWait);
  lease = held_by("other", "2");
  EXPECT_EQ(rules.decide(&lease, at(14s), wall(0s)).kind, Move::kWait);
  EXPECT_EQ(rules.decide(&lease, at(28s), wall(0s)).kind, Move::kWait);
  EXPECT_EQ(rules.decide(&lease, at(29s), wall(0s)).kind, Move::kUpdate);
}

TEST(LeaseRules, TakesAReleasedLeaseAtOnce) {
  // OPR-48
  LeaseRules rules({.identity = "me"});
  const k8s::Lease lease = held_by("");
  EXPECT_EQ(rules.decide(&lease, at(0s), wall(0s)).kind, Move::kUpdate);
}

TEST(LeaseRules, RenewalKeepsTheTimeOfAcquisition) {
  // OPR-44
  LeaseRules rules({.identity = "me"});
  k8s::Lease lease = held_by("me");
  lease.acquire_time = 5;
  const LeaseMove move = rules.decide(&lease, at(0s), wall(3s));
  EXPECT_EQ(move.lease.acquire_time, 5);
  EXPECT_EQ(move.lease.renew_time, 3'000'000'000);
  EXPECT_EQ(move.lease.transitions, 4);
}

TEST(LeaseRules, ALeaderWhoseLeaseAnotherHoldsLeadsNoMore) {
  // OPR-46
  LeaseRules rules({.identity = "me"});
  rules.written(held_by("me"), at(0s), at(0s));
  const k8s::Lease lease = held_by("other", "2");
  EXPECT_EQ(rules.decide(&lease, at(2s), wall(0s)).kind, Move::kWait);
  EXPECT_FALSE(rules.is_leading());
  EXPECT_EQ(rules.release(wall(0s)), std::nullopt);
}

TEST(LeaseRules, ALateAnswerCountsFromItsQuestion) {
  // OPR-44
  LeaseRules rules({.identity = "me"});
  rules.written(held_by("me"), at(0s), at(13s));
  EXPECT_FALSE(rules.is_leading());
  rules.written(held_by("me", "2"), at(14s), at(22s));
  EXPECT_EQ(rules.deadline(), at(27s));
  rules.written(held_by("me", "3"), at(12s), at(21s));  // Overtaken on the way.
  EXPECT_EQ(rules.deadline(), at(27s));
}

TEST(LeaseRules, ReleasesWhatItHolds) {
  // OPR-48
  LeaseRules rules({.identity = "me"});
  rules.written(held_by("me", "9"), at(0s), at(0s));
  const auto lease = rules.release(wall(1s));
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->holder, "");
  EXPECT_EQ(lease->duration_seconds, 1);
  EXPECT_EQ(lease->meta.resource_version, "9");
}

}  // namespace
}  // namespace ops
