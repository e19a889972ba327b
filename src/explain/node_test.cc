// Why nodes stay, with the numbers (spec 03 s3 to s6).
#include "explain/node.h"

#include <gtest/gtest.h>

#include "disrupt/bed_testing.h"

namespace explain {
namespace {

class ExplainNode : public testing::Test {
 protected:
  NodeVerdict verdict(const std::string& name) {
    const auto snapshot = bed_.snapshot();
    disrupt::Pass pass(*snapshot, bed_.settings, memory_);
    auto found = explain_node(pass, name);
    EXPECT_TRUE(found.has_value());
    return found.value_or(NodeVerdict{});
  }

  disrupt::testing::Bed bed_;
  plan::PlanMemory memory_;
};

TEST_F(ExplainNode, NamesTheCheapestAlternative) {
  // DIS-91
  bed_.add_machine("a", {.type = "t2", .capacity = "spot"});
  bed_.add_pod("web", "a", 1500);
  const NodeVerdict found = verdict("a");
  EXPECT_TRUE(found.fate == NodeFate::kNoCheaperFit || found.fate == NodeFate::kNotFlexible)
      << to_text(found);
  ASSERT_TRUE(found.alternative.has_value());
  EXPECT_EQ(found.alternative->instance_type, "t2");
  EXPECT_EQ(found.pods, 1U);
}

TEST_F(ExplainNode, SaysWhatItWouldSave) {
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a", 500);
  const NodeVerdict found = verdict("a");
  EXPECT_EQ(found.fate, NodeFate::kDisrupted) << to_text(found);
  EXPECT_GT(found.savings, 0);
}

TEST_F(ExplainNode, SaysWhichPodObjects) {
  // DIS-24
  bed_.add_machine("a");
  bed_.add_pod("web", "a");
  bed_.put(bed_.make_pdb("guard"));
  const NodeVerdict found = verdict("a");
  EXPECT_EQ(found.fate, NodeFate::kBlockedByPod);
  EXPECT_TRUE(found.reason.contains("guard")) << found.reason;
}

TEST_F(ExplainNode, SaysThatTheBudgetIsSpent) {
  // DIS-57
  bed_.pool.disruption.budgets = {{.reasons = {}, .nodes = "0"}};
  bed_.put(bed_.pool);
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a", 500);
  const NodeVerdict found = verdict("a");
  EXPECT_EQ(found.fate, NodeFate::kBudget) << to_text(found);
  EXPECT_EQ(found.budgets.at(2).allowed, 0);
}

TEST_F(ExplainNode, SaysWhatThePoolDoesNotWant) {
  // DIS-71
  bed_.pool.disruption.consolidation_policy = "WhenEmpty";
  bed_.put(bed_.pool);
  bed_.add_machine("a");
  bed_.add_pod("web", "a");
  EXPECT_EQ(verdict("a").fate, NodeFate::kPolicy);
}

TEST_F(ExplainNode, UnknownNamesAreAnError) {
  const auto snapshot = bed_.snapshot();
  disrupt::Pass pass(*snapshot, bed_.settings, memory_);
  EXPECT_EQ(explain_node(pass, "b").error().code, base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace explain
