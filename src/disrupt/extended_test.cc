// Extended consolidation (disrupt/extended.h), and what it overcomes of the classic methods.
#include "disrupt/extended.h"

#include <map>

#include <gtest/gtest.h>

#include "base/text.h"
#include "disrupt/bed_testing.h"
#include "disrupt/payback.h"
#include "world/names.h"

namespace disrupt::testing {
namespace {

using Names = std::vector<std::string>;

class Extended : public ::testing::Test {
 protected:
  Extended() { bed_.settings.extended = true; }

  Findings find() { return bed_.find(Method::kExtended); }

  // "a b -> t4, t4", by command.
  Names moves() {
    Names out;
    for (const Command& command : find().commands) {
      Names nodes;
      for (const Candidate& candidate : command.candidates) {
        nodes.push_back(candidate.node_name());
      }
      std::ranges::sort(nodes);
      Names types;
      for (const plan::PlannedClaim& planned : command.replacements) {
        types.push_back(planned.cheapest().instance_type);
      }
      std::ranges::sort(types);
      out.push_back(base::join(nodes, " ") +
                    (types.empty() ? "" : " -> " + base::join(types, ", ")));
    }
    return out;
  }

  void add_loaded(const std::string& name, int milli_cpu, const MachineSpec& spec = {}) {
    bed_.add_machine(name, spec);
    bed_.add_pod("pod-" + name, name, milli_cpu);
  }

  // By command; empty: it holds.
  Names verdicts(const std::vector<Command>& commands) {
    const world::SnapshotPtr now = bed_.snapshot();
    plan::PlanMemory memory;
    Pass fresh(*now, bed_.settings, memory);
    Names out;
    for (const Validated& one : validate_extended(fresh, commands)) {
      out.emplace_back(one ? "" : text_of(one.error()));
    }
    return out;
  }

  // It goes nowhere.
  k8s::Pod tied(const std::string& name, const std::string& node) {
    k8s::Pod pod = bed_.make_pod(name, node);
    pod.spec.node_selector["disk"] = "fast";
    return pod;
  }

  Bed bed_;
};

TEST_F(Extended, ImmovableNodesArePassedOver) {
  // DIS-95: the halving search stops at the first of them.
  bed_.add_machine("x", {.type = "t16"});
  bed_.put(tied("tied", "x"));
  for (const char* name : {"a", "b", "c"}) {
    add_loaded(name, 1500);
  }
  EXPECT_TRUE(bed_.find(Method::kMultiNode).commands.empty());
  EXPECT_EQ(moves(), (Names{"a", "b c"}));  // Onto x.
}

TEST_F(Extended, ThreeBecomeOne) {
  // DIS-95: two of them are not worth replacing, so that the halving search gives up.
  for (const char* name : {"a", "b", "c"}) {
    add_loaded(name, 5000);
  }
  EXPECT_TRUE(bed_.find(Method::kMultiNode).commands.empty());
  EXPECT_EQ(moves(), (Names{"a b c -> t16"}));
}

TEST_F(Extended, FiveBecomeOne) {
  // DIS-95
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    add_loaded(name, 3000, {.type = "t4"});
  }
  EXPECT_TRUE(bed_.find(Method::kMultiNode).commands.empty());
  EXPECT_EQ(moves(), (Names{"a b c d e -> t16"}));
}

TEST_F(Extended, OneMayBecomeTwo) {
  // DIS-88 forbids it; two small ones may be cheaper than a big one.
  bed_.add_machine("a", {.type = "t16"});
  for (const char* zone : {"z1", "z2"}) {
    k8s::Pod pod = bed_.make_pod(zone, "a", 1500);
    pod.spec.node_selector[std::string(world::kZoneLabel)] = zone;
    bed_.put(pod);
  }
  EXPECT_TRUE(bed_.find(Method::kSingleNode).commands.empty());
  EXPECT_EQ(moves(), (Names{"a -> t2, t2"}));
}

TEST_F(Extended, EveryPoolIsAsked) {
  // DIS-89: classic looks in the first pool that can hold the pods.
  k8s::NodePool large = bed_.make_pool("large");
  large.weight = 10;
  k8s::SelectorTerm term;
  term.key = std::string(world::kInstanceTypeLabel);
  term.op = "In";
  term.values = {"t16"};
  large.template_spec.requirements.push_back(term);
  bed_.put(large);
  add_loaded("a", 1000);
  EXPECT_TRUE(bed_.find(Method::kSingleNode).commands.empty());
  EXPECT_EQ(moves(), (Names{"a -> t2"}));
}

TEST_F(Extended, WishesGiveWayToRoom) {
  // DIS-82: classic launches for a wish, and so keeps the node.
  bed_.add_machine("a", {.type = "t2"});
  add_loaded("b", 1000, {.zone = "z2"});
  k8s::Pod pod = bed_.make_pod("web", "a", 1000);
  k8s::PreferredNodeTerm wish;
  wish.weight = 1;
  k8s::SelectorTerm term;
  term.key = std::string(world::kZoneLabel);
  term.op = "In";
  term.values = {"z1"};
  wish.preference.match_expressions.push_back(term);
  pod.spec.node_affinity.preferred.push_back(wish);
  bed_.put(pod);
  k8s::Node held = bed_.make_node("b", {.zone = "z2"});
  held.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  bed_.put(held);
  EXPECT_TRUE(bed_.find(Method::kSingleNode).commands.empty());
  EXPECT_EQ(moves(), (Names{"a"}));
}

TEST_F(Extended, PenniesDoNotPay) {
  // DIS-91 would move them for any price that is less.
  const Outlay outlay{.evictions = 18, .launches = {0.2}};
  EXPECT_GT(net_gain(0.5, outlay, kShortHorizon), 0);
  EXPECT_LT(net_gain(0.02, outlay, kShortHorizon), 0);
  EXPECT_GT(net_gain(0.02, outlay, kMostHorizon), 0);
  bed_.add_machine("a", {.type = "t4"});
  for (int i = 0; i < 18; ++i) {
    k8s::Pod pod = bed_.make_pod(base::concat("web-", i), "a", 100);
    pod.spec.priority = 2'000'000'000;  // Ten times as dear to evict.
    bed_.put(pod);
  }
  EXPECT_TRUE(moves().empty());
  bed_.now += 2 * k8s::kDay;
  EXPECT_EQ(moves(),
            (Names{"a -> t2"}));  // In the long run 0.2 dollars per hour pay even for these.
  world::World& world = bed_.world();
  auto pennies = std::make_shared<cloud::Catalogue>(*small_catalogue());
  for (cloud::InstanceType& type : pennies->types) {
    for (cloud::Offering& offering : type.offerings) {
      offering.price = 1 + offering.price / 10;
    }
  }
  world.set_catalogue("EC2NodeClass", "default", pennies);
  EXPECT_EQ(bed_.find(Method::kSingleNode).commands.size(), 1U);
  EXPECT_TRUE(moves().empty());
}

TEST_F(Extended, AMoveIsMadeOnceWaitingHasCostFourTimesAsMuch) {
  // DIS-91: rent or buy. 1.80 dollars of evictions for 0.2 dollars per hour: nine hours, so that
  // it takes 36 of quiet.
  bed_.add_machine("a", {.type = "t4"});
  for (int i = 0; i < 18; ++i) {
    k8s::Pod pod = bed_.make_pod(base::concat("web-", i), "a", 100);
    pod.spec.priority = 2'000'000'000;
    bed_.put(pod);
  }
  k8s::NodeClaim claim = bed_.make_claim("a", {.type = "t4"});
  claim.status.last_pod_event = kNow + k8s::kHour;
  bed_.put(claim);
  bed_.now = kNow + 2 * k8s::kHour;
  int looks = 0;
  for (std::optional<k8s::TimeNs> next = find().look_again; next && moves().empty(); ++looks) {
    ASSERT_GT(*next, bed_.now);
    bed_.now = *next;
    next = find().look_again;
  }
  EXPECT_EQ(moves(), (Names{"a -> t2"}));
  EXPECT_LE(looks, 3);
  EXPECT_GE(bed_.now, kNow + 37 * k8s::kHour);
  EXPECT_LE(bed_.now, kNow + 41 * k8s::kHour);
}

TEST_F(Extended, TheYoungestOfAGroupCounts) {
  // DIS-91
  for (const char* name : {"a", "b", "c"}) {
    bed_.add_machine(name);
    k8s::NodeClaim claim = bed_.make_claim(name, {});
    claim.status.last_pod_event = kNow + (name[0] - 'a') * k8s::kHour;
    bed_.put(claim);
  }
  bed_.now = kNow + k8s::kDay;
  const world::SnapshotPtr snapshot = bed_.snapshot();
  plan::PlanMemory memory;
  const Pass pass(*snapshot, bed_.settings, memory);
  Candidates all = pass.candidates(Grace::kGraceful);
  EXPECT_EQ(outlook_of(*snapshot, all).quiet_since, kNow + 2 * k8s::kHour);
  all.pop_back();
  EXPECT_EQ(outlook_of(*snapshot, all).quiet_since, kNow + k8s::kHour);
}

TEST_F(Extended, JobsEndByThemselves) {
  // DIS-91: however long the machine has been quiet.
  bed_.add_machine("a", {.type = "t4"});
  const auto add_job = [&](const std::string& name) {
    k8s::Pod pod = bed_.make_pod(name, "a", 100);
    pod.spec.priority = 2'000'000'000;  // Dear to evict.
    pod.meta.owners = {
        {.api_version = "batch/v1", .kind = "Job", .name = "j", .uid = "j", .controller = true}};
    bed_.put(pod);
  };
  for (int i = 0; i < 5; ++i) {
    add_job(base::concat("job-", i));
  }
  bed_.now += 2 * k8s::kDay;
  EXPECT_TRUE(moves().empty());
  EXPECT_FALSE(find().look_again);
  bed_.add_pod("web", "a", 100);
  EXPECT_EQ(moves(), (Names{"a -> t2"}));
}

TEST(Payback, TheHorizonIsAQuarterOfTheQuietWithinItsBounds) {
  // DIS-91
  const Outlay deletion{.evictions = 100};
  const Outlay launch{.evictions = 100, .launches = {0.1}};
  const Outlook since_now{.quiet_since = kNow};
  EXPECT_EQ(since_now.horizon(deletion, kNow), kLeastHorizon);
  EXPECT_EQ(since_now.horizon(launch, kNow), kShortHorizon);
  EXPECT_EQ(since_now.horizon(launch, kNow + 8 * k8s::kHour), 2 * k8s::kHour);
  EXPECT_EQ(since_now.horizon(launch, kNow + 365 * k8s::kDay), kMostHorizon);
  EXPECT_EQ(since_now.when(2 * k8s::kHour, launch), kNow + 8 * k8s::kHour);
  EXPECT_EQ(since_now.when(k8s::kMinute, launch), kNow);
  EXPECT_FALSE(since_now.when(13 * k8s::kHour, launch));
  const Outlook jobs{.quiet_since = kNow, .has_jobs_alone = true};
  EXPECT_EQ(jobs.horizon(deletion, kNow + k8s::kDay), kShortHorizon);
  EXPECT_FALSE(jobs.when(k8s::kHour, deletion));
}

TEST_F(Extended, NobodyLooksAgainForWhatNeverPays) {
  // DIS-75
  const world::SnapshotPtr snapshot = bed_.snapshot();
  Payback payback(*snapshot);
  EXPECT_LT(payback.gain({}, -1, {.evictions = 1}), 0);
  EXPECT_LT(payback.gain({}, 0.01, {.evictions = 100}), 0);
  EXPECT_FALSE(payback.look_again());
}

TEST_F(Extended, BudgetsHoldOverAllCommands) {
  // DIS-61
  bed_.pool.disruption.budgets[0].nodes = "3";
  bed_.put(bed_.pool);
  for (int i = 0; i < 10; ++i) {
    add_loaded(base::concat("n", i), 1000);
  }
  std::size_t going = 0;
  for (const Command& command : find().commands) {
    going += command.candidates.size();
  }
  EXPECT_EQ(going, 3U);
}

TEST_F(Extended, ValidationTakesEachCommandByItself) {
  // DIS-110, DIS-112
  for (int i = 0; i < 6; ++i) {
    add_loaded(base::concat("n", i), 1000);
  }
  bed_.put(tied("tied", "n5"));
  ASSERT_EQ(moves(), (Names{"n0", "n1 n2", "n3", "n4"}));
  const std::vector<Command> commands = find().commands;
  EXPECT_EQ(verdicts(commands), (Names{"", "", "", ""}));
  k8s::Pod held = bed_.make_pod("held", "n0");
  held.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  bed_.put(held);
  EXPECT_EQ(verdicts(commands), (Names{"churn", "", "", ""}));
  bed_.add_pod("much", "n5", 6000);
  bed_.add_pod("more", "n0", 5500);
  EXPECT_EQ(verdicts(commands), (Names{"churn", "", "", "scheduling"}));
  bed_.pool.disruption.budgets[0].nodes = "2";
  bed_.put(bed_.pool);
  EXPECT_EQ(verdicts(commands), (Names{"churn", "", "budget", "budget"}));
}

TEST_F(Extended, ValidationKeepsWhatHoldsOnlyTogether) {
  // DIS-113: six pods on two new machines; without some of them there would be room elsewhere.
  for (int i = 0; i < 6; ++i) {
    add_loaded(base::concat("n", i), 1000);
  }
  const std::vector<Command> commands = find().commands;
  std::size_t launches = 0;
  for (const Command& command : commands) {
    launches += command.replacements.size();
  }
  EXPECT_GE(launches, 2U);
  EXPECT_EQ(verdicts(commands), Names(commands.size()));
}

TEST_F(Extended, WhatWasMovedIsNotMovedBack) {
  // DIS-91: within an hour no type comes back that a move has removed.
  add_loaded("a", 1000, {.type = "t16"});
  k8s::NodeClaim old = bed_.make_claim("a", {.type = "t16"});
  old.meta.creation_time = kNow - k8s::kDay;
  bed_.put(old);
  EXPECT_EQ(moves(), (Names{"a -> t2"}));
  bed_.settings.past = {{.at = kNow - k8s::kMinute, .into = {"claim-a"}, .types = {"t2"}}};
  EXPECT_EQ(moves(), (Names{"a -> t4"}));
  bed_.settings.past[0].types = {"t2", "t4", "t8"};
  EXPECT_TRUE(moves().empty());
  bed_.settings.past[0].at = kNow - k8s::kHour;
  EXPECT_EQ(moves(), (Names{"a -> t2"}));
}

TEST_F(Extended, MachinesThatCameWithAMoveAreLeftAloneForAnHour) {
  // DIS-91: others took the room that was meant for a pod, and this was bought for it.
  add_loaded("a", 1000, {.type = "t16"});
  k8s::NodeClaim young = bed_.make_claim("a", {.type = "t16"});
  young.meta.creation_time = kNow - k8s::kMinute;
  bed_.put(young);
  EXPECT_EQ(moves(), (Names{"a -> t2"}));
  bed_.settings.past = {{.at = kNow - 2 * k8s::kMinute, .into = {}, .types = {}}};
  EXPECT_TRUE(moves().empty());
  bed_.add_machine("b");
  bed_.add_pod("web", "b", 1000);
  EXPECT_EQ(moves(), (Names{"a"}));  // Its pod has found a place.
  bed_.settings.past[0].at = kNow - k8s::kHour;
  EXPECT_EQ(moves().size(), 1U);
  young.meta.creation_time = kNow - 3 * k8s::kHour;
  bed_.put(young);
  bed_.settings.past[0].at = kNow - 2 * k8s::kMinute;
  EXPECT_EQ(moves().size(), 1U);
}

// Prices jump every ten minutes; each machine holds a pod of its own that fits every type.
class Market {
 public:
  explicit Market(std::uint64_t seed) : state_(seed) {
    bed_.settings.extended = true;
    for (int i = 0; i < 6; ++i) {
      const std::string name = base::concat("n", made_++);
      bed_.add_machine(name, {.type = "t4"});
      bed_.add_pod("pod-" + name, name, 1500);
      k8s::PodAffinityTerm apart;
      apart.topology_key = std::string(world::kHostnameLabel);
      apart.selector = k8s::LabelSelector{};
      k8s::Pod pod = bed_.make_pod("pod-" + name, name, 1500);
      pod.spec.pod_anti_affinity.required.push_back(apart);
      bed_.put(pod);
    }
  }

  // How often a move turned back what another had done within the hour.
  int run(bool remembers) {
    int returns = 0;
    for (int round = 0; round < 72; ++round) {
      jump();
      bed_.now += 10 * k8s::kMinute;
      for (const Command& command : bed_.find(Method::kExtended).commands) {
        returns += turns_back(command) ? 1 : 0;
        carry_out(command);
      }
      bed_.settings.past = remembers ? past_ : std::vector<PastMove>{};
    }
    return returns;
  }

  std::size_t moves() const { return past_.size(); }

 private:
  void jump() {
    auto next = std::make_shared<cloud::Catalogue>(*small_catalogue());
    for (cloud::InstanceType& type : next->types) {
      state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
      for (cloud::Offering& offering : type.offerings) {
        offering.price = 0.1 + static_cast<double>(state_ >> 54) / 1024;
      }
    }
    bed_.world().set_catalogue("EC2NodeClass", "default", next);
  }

  bool turns_back(const Command& command) const {
    return std::ranges::any_of(past_, [&](const PastMove& move) {
      const bool is_its = std::ranges::any_of(command.candidates, [&](const Candidate& candidate) {
        return move.into.contains(candidate.claim_name());
      });
      return is_its && bed_.now - move.at < k8s::kHour &&
             std::ranges::any_of(
                 command.replacements,
                 [&](const plan::PlannedClaim& planned) {
                   return std::ranges::any_of(
                       planned.instance_types(),
                       [&](const std::string& type) { return move.types.contains(type); });
                 });
    });
  }

  void carry_out(const Command& command) {
    std::vector<std::string> names;
    for (const plan::PlannedClaim& planned : command.replacements) {
      const std::string name = base::concat("n", made_++);
      names.push_back("claim-" + name);
      bed_.add_machine(name, {.type = planned.cheapest().instance_type});
      for (const world::PodId id : planned.pods) {
        k8s::Pod pod = *bed_.snapshot()->pods[id].pod;
        pod.spec.node_name = name;
        bed_.put(pod);
      }
    }
    past_.push_back(past_move(command, names, bed_.now));
    for (const Candidate& candidate : command.candidates) {
      world::testing::remove(bed_.world(), *candidate.row->claim);
      world::testing::remove(bed_.world(), *candidate.row->node);
    }
  }

  Bed bed_;
  std::uint64_t state_;
  int made_ = 0;
  std::vector<PastMove> past_;
};

TEST(ExtendedMarket, NoMoveIsTakenBackWithinTheHour) {
  // DIS-91: prices that jump about must not send pods to and fro.
  int would_return = 0;
  std::size_t moves = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Market calm(seed);
    EXPECT_EQ(calm.run(true), 0) << "seed " << seed;
    moves += calm.moves();
    would_return += Market(seed).run(false);
  }
  EXPECT_GT(moves, 20U);
  EXPECT_GT(would_return, 0);  // Else this proves nothing.
}

}  // namespace
}  // namespace disrupt::testing
