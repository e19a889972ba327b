// What is remembered of single machines changes no answer: looks with a memory against looks
// without one, over clusters that change at random.
#include "disrupt/refusals.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"
#include "disrupt/bed_testing.h"
#include "world/names.h"

namespace disrupt::testing {
namespace {

struct Seen {
  std::vector<std::string> said;  // Of each machine, in order, then the commands.
  std::uint64_t probes = 0;
};

Seen look(Bed& bed, plan::PlanMemory& memory, Refusals* refusals) {
  const world::SnapshotPtr snapshot = bed.snapshot();
  Pass pass(*snapshot, bed.settings, memory, refusals);
  const Findings found = find(Method::kSingleNode, pass);
  Seen out{.said = {}, .probes = pass.probes()};
  for (const Note& note : found.notes) {
    out.said.push_back(base::concat(snapshot->nodes[note.node].name(), ": ", note.text));
  }
  for (const Command& command : found.commands) {
    std::string text = base::concat(command.decision(), " ", command.savings);
    for (const Candidate& candidate : command.candidates) {
      text += " " + candidate.claim_name();
    }
    for (const auto& replacement : command.replacements) {
      text += " -> " + base::join(replacement.instance_types(), ",");
    }
    out.said.push_back(text);
  }
  return out;
}

class Refused : public ::testing::Test {
 protected:
  // With what is remembered; held against a look without it.
  Seen look() {
    Seen seen = testing::look(bed_, memory_, &refusals_);
    plan::PlanMemory fresh;
    EXPECT_EQ(seen.said, testing::look(bed_, fresh, nullptr).said);
    return seen;
  }

  // Two machines of the cheapest kind that hold their pods, with room for `milli_cpu`.
  void add_full_machines(int milli_cpu) {
    for (const char* name : {"a", "b"}) {
      bed_.add_machine(name, {.type = "t2"});
      bed_.add_pod(base::concat(name, "-web"), name, 2000 - milli_cpu);
    }
  }

  Bed bed_;
  plan::PlanMemory memory_;
  Refusals refusals_;
};

TEST_F(Refused, IsNotAskedAgainWhileNothingHasASay) {
  // DIS-75, DIS-76
  add_full_machines(100);
  EXPECT_EQ(look().probes, 2U);
  EXPECT_EQ(look().probes, 0U);
  bed_.add_pod("c-web", "b", 50);  // No room is left for anybody else as there was none before.
  EXPECT_EQ(look().probes, 1U);
}

TEST_F(Refused, IsAskedAgainWhenRoomAppears) {
  // DIS-75, DIS-88
  add_full_machines(100);
  EXPECT_TRUE(look().said.back().starts_with("b: "));
  bed_.add_machine("c", {.type = "t8"});
  bed_.add_pod("c-web", "c", 6000);
  EXPECT_TRUE(look().said.back().starts_with("delete "));
}

TEST_F(Refused, IsAskedAgainWhenPoolsChange) {
  // DIS-75, DIS-91
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a", 1000);
  bed_.pool.template_spec.requirements[0].values = {"spot"};
  bed_.pool.limits.set("cpu", k8s::Quantity::units(8));
  bed_.put(bed_.pool);
  EXPECT_FALSE(look().said.back().starts_with("replace "));
  bed_.pool.limits.set("cpu", k8s::Quantity::units(64));
  bed_.put(bed_.pool);
  EXPECT_TRUE(look().said.back().starts_with("replace "));
}

TEST_F(Refused, IsAskedAgainWhenPricesChange) {
  // DIS-75, DIS-91
  bed_.add_machine("a", {.type = "t2"});
  bed_.add_pod("web", "a", 1000);
  EXPECT_FALSE(look().said.back().starts_with("replace "));
  cloud::Catalogue cheaper = *small_catalogue();
  for (cloud::Offering& offering : cheaper.types.back().offerings) {
    offering.price /= 10;
  }
  bed_.world().set_catalogue(
      "EC2NodeClass", "default", std::make_shared<const cloud::Catalogue>(cheaper));
  EXPECT_TRUE(look().said.back().starts_with("replace "));
}

// A cluster to which one thing after the other happens.
class Life {
 public:
  Life(Bed& bed, std::uint64_t seed) : bed_(bed), state_(seed) {
    bed_.pool.limits.set("cpu", k8s::Quantity::units(200));
    bed_.put(bed_.pool);
    for (int i = 0; i < 6; ++i) {
      add_machine();
      fill();
    }
  }

  void step() {
    bed_.now += static_cast<k8s::TimeNs>(below(20)) * k8s::kSecond;
    switch (below(8)) {
      case 0:
        add_machine();
        return fill();
      case 1:
        return change_machine();
      case 2:
        return add_pending();
      case 3:
      case 4:
        return remove_pod();
      case 5:
        return limit();
      default:
        return add_pod();
    }
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return base::mix64(++state_) % bound; }

  std::string some_machine() { return base::concat("m", below(machines_)); }

  MachineSpec spec_of(const std::string& machine) const {
    static constexpr const char* kTypes[] = {"t2", "t4", "t8", "t16"};
    static constexpr const char* kZones[] = {"z1", "z2", "z3"};
    const std::uint64_t draw = base::hash64(machine);
    return {.type = kTypes[draw % 4], .zone = kZones[draw / 4 % 3]};
  }

  k8s::Pod next_pod(const std::string& node) {
    static constexpr int kSizes[] = {300, 700, 1500, 2500};
    k8s::Pod pod = bed_.make_pod(base::concat("p", pods_.size()), node, kSizes[below(4)]);
    pod.meta.creation_time = bed_.now;
    switch (below(12)) {
      case 0:  // Topology has a say.
        pod.spec.topology_spread.push_back(
            {.max_skew = 1,
             .topology_key = std::string(world::kZoneLabel),
             .when_unsatisfiable = "DoNotSchedule",
             .selector =
                 k8s::LabelSelector{.match_labels = pod.meta.labels, .match_expressions = {}}});
        break;
      case 1:
        pod.spec.node_selector[std::string(world::kZoneLabel)] = "z1";
        break;
      default:
        break;
    }
    return pod;
  }

  // The last machine, so that it has room for nobody else.
  void fill() {
    const std::string machine = base::concat("m", machines_ - 1);
    const auto cores = base::parse_int(spec_of(machine).type.substr(1)).value_or(0);
    pods_.push_back(bed_.make_pod(
        base::concat("p", pods_.size()), machine, static_cast<int>(cores) * 1000 - 200));
    bed_.put(pods_.back());
  }

  void add_machine() {
    const std::string name = base::concat("m", machines_++);
    bed_.add_machine(name, spec_of(name));
  }

  // It settles, is not well, or goes.
  void change_machine() {
    const std::string name = some_machine();
    k8s::NodeClaim claim = bed_.make_claim(name, spec_of(name));
    k8s::Node node = bed_.make_node(name, spec_of(name));
    switch (below(4)) {
      case 0:
        claim.status.last_pod_event = bed_.now;
        break;
      case 1:
        node.status.conditions.clear();
        world::testing::set_condition(node.status.conditions, "Ready", "False");
        break;
      case 2:
        claim.meta.deletion_time = bed_.now;
        break;
      default:
        break;
    }
    bed_.put(claim);
    bed_.put(node);
  }

  void add_pod() {
    pods_.push_back(next_pod(some_machine()));
    bed_.put(pods_.back());
  }

  void add_pending() {
    k8s::Pod pod = next_pod("");
    pod.status.phase = "Pending";
    pod.status.conditions.push_back(
        {.type = "PodScheduled", .status = "False", .reason = "Unschedulable"});
    pods_.push_back(pod);
    bed_.put(pod);
  }

  void remove_pod() {
    if (!pods_.empty()) {
      world::testing::remove(bed_.world(), pods_[below(pods_.size())]);
    }
  }

  void limit() {
    bed_.pool.limits.set("cpu", k8s::Quantity::units(static_cast<std::int64_t>(below(300))));
    bed_.put(bed_.pool);
  }

  Bed& bed_;
  std::uint64_t state_;
  std::size_t machines_ = 0;
  std::vector<k8s::Pod> pods_;
};

TEST(RefusedOverTime, ChangesNoAnswer) {
  // DIS-75, DIS-80, DIS-88, SCH-148
  std::uint64_t asked = 0;
  std::uint64_t asked_without = 0;
  std::size_t commands = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Bed bed;
    Life life(bed, seed * 1000);
    plan::PlanMemory memory;
    Refusals refusals;
    for (int step = 0; step < 60; ++step) {
      life.step();
      const Seen with = look(bed, memory, &refusals);
      const Seen without = look(bed, memory, nullptr);
      ASSERT_EQ(with.said, without.said) << "seed " << seed << ", step " << step;
      asked += with.probes;
      asked_without += without.probes;
      commands += with.said.empty() || with.said.back()[0] == 'm' ? 0U : 1U;
    }
  }
  EXPECT_GT(asked_without - asked, 1000U);  // Or there is nothing to compare.
  EXPECT_GT(commands, 100U);
}

}  // namespace
}  // namespace disrupt::testing
