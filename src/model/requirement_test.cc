#include "model/requirement.h"

#include <gtest/gtest.h>

#include "model/pod_shape.h"
#include "model/requirement_set.h"

namespace model {
namespace {

using Values = std::vector<std::string>;

class Algebra : public ::testing::Test {
 protected:
  Requirement make(Operator op, Values values = {}) {
    return make_requirement(words_, "key", op, values);
  }

  std::string both(const Requirement& a, const Requirement& b) {
    EXPECT_EQ(text(words_, intersection(words_, a, b)), text(words_, intersection(words_, b, a)));
    EXPECT_EQ(has_intersection(words_, a, b), !intersection(words_, a, b).is_none());
    return text(words_, intersection(words_, a, b));
  }

  Vocabulary words_;
  Requirement exists_ = make(Operator::kExists);
  Requirement none_ = make(Operator::kDoesNotExist);
  Requirement a_ = make(Operator::kIn, {"A"});
  Requirement ab_ = make(Operator::kIn, {"A", "B"});
  Requirement not_a_ = make(Operator::kNotIn, {"A"});
  Requirement one_nine_ = make(Operator::kIn, {"1", "9"});
  Requirement not_one_two_ = make(Operator::kNotIn, {"1", "2"});
  Requirement above_one_ = make(Operator::kGt, {"1"});
  Requirement above_nine_ = make(Operator::kGt, {"9"});
  Requirement below_one_ = make(Operator::kLt, {"1"});
  Requirement below_nine_ = make(Operator::kLt, {"9"});
};

TEST_F(Algebra, IntersectsLists) {
  // SCH-13
  EXPECT_EQ(both(exists_, a_), "key In [A]");
  EXPECT_EQ(both(none_, exists_), "key DoesNotExist");
  EXPECT_EQ(both(a_, not_a_), "key DoesNotExist");
  EXPECT_EQ(both(ab_, not_a_), "key In [B]");
  EXPECT_EQ(both(not_a_, not_one_two_), "key NotIn [1 2 A]");
}

TEST_F(Algebra, IntersectsBounds) {
  // SCH-13
  EXPECT_EQ(both(a_, above_one_), "key DoesNotExist");
  EXPECT_EQ(both(one_nine_, above_one_), "key In [9]");
  EXPECT_EQ(both(not_a_, above_one_), "key Exists >=2");
  EXPECT_EQ(both(not_one_two_, above_nine_), "key Exists >=10");
  EXPECT_EQ(both(above_one_, below_nine_), "key Exists >=2 <=8");
  EXPECT_EQ(both(above_nine_, below_one_), "key DoesNotExist");
}

TEST_F(Algebra, ExcludingEveryIntegerOfARangeLeavesNothing) {
  // SCH-15
  const Requirement range =
      intersection(words_, make(Operator::kGte, {"1"}), make(Operator::kLte, {"2"}));
  EXPECT_EQ(both(range, not_one_two_), "key DoesNotExist");
}

TEST_F(Algebra, ExtremeBoundsAreEmpty) {
  // SCH-4, SCH-5
  EXPECT_TRUE(make(Operator::kGt, {"9223372036854775807"}).is_none());
  EXPECT_TRUE(make(Operator::kLt, {"-9223372036854775808"}).is_none());
  EXPECT_TRUE(make(Operator::kGt, {"x"}).is_none());
}

TEST_F(Algebra, AnyValueIsAdmissible) {
  // SCH-11
  EXPECT_EQ(any_value(words_, ab_), "A");
  EXPECT_EQ(any_value(words_, not_one_two_), "0");
  EXPECT_EQ(any_value(words_, above_nine_), "10");
  EXPECT_EQ(any_value(words_, none_), "");
  EXPECT_TRUE(has(words_, below_one_, words_.intern(any_value(words_, below_one_))));
}

TEST_F(Algebra, ShowsFiveValues) {
  // SCH-12
  EXPECT_EQ(text(words_, make(Operator::kIn, {"g", "f", "e", "d", "c", "b", "a"})),
            "key In [a b c d e and 2 others]");
}

TEST_F(Algebra, SerialisesBoundsAndExclusions) {
  // SCH-17, SCH-18, SCH-19
  Requirement bounded = intersection(words_, above_one_, below_nine_);
  bounded = intersection(words_, bounded, make(Operator::kNotIn, {"5"}));
  const auto entries = to_api(words_, bounded);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].op, "Gte");
  EXPECT_EQ(entries[1].values, Values{"8"});
  EXPECT_EQ(entries[2].op, "NotIn");
}

TEST(Sets, UndefinedLabelsPassOnlyAsAbsent) {
  // SCH-23
  Vocabulary words;
  const cloud::LabelSchema schema = cloud::LabelSchema::core();
  SetTable sets(words, schema);
  const auto set = [&](std::string_view key, Operator op, Values values) {
    return sets.add(sets.empty(), make_requirement(words, key, op, values));
  };
  const auto fits = [&](SetId incoming) {
    return sets.combine(sets.empty(), incoming, Undefined::kWellKnown).is_valid();
  };
  EXPECT_FALSE(fits(set("custom", Operator::kIn, {"a"})));
  EXPECT_FALSE(fits(set("custom", Operator::kExists, {})));
  EXPECT_TRUE(fits(set("custom", Operator::kNotIn, {"a"})));
  EXPECT_TRUE(fits(set("custom", Operator::kDoesNotExist, {})));
  EXPECT_TRUE(fits(set("kubernetes.io/arch", Operator::kIn, {"arm64"})));
}

TEST(Sets, GuessesTypos) {
  // SCH-25
  Vocabulary words;
  const cloud::LabelSchema schema = cloud::LabelSchema::core();
  SetTable sets(words, schema);
  const SetId zone = sets.add(sets.empty(), make_requirement(words, "zone", Operator::kExists, {}));
  EXPECT_EQ(sets.why_incompatible(sets.empty(), zone, Undefined::kWellKnown),
            "label \"zone\" does not have known values (typo of \"topology.kubernetes.io/zone\"?)");
}

TEST(PodShapes, EqualSpecificationsShareOneShape) {
  // SCH-606
  PodShapes shapes;
  k8s::Pod pod;
  pod.meta.name = "a";
  const auto first = shapes.intern(pod);
  pod.meta.name = "b";
  EXPECT_EQ(shapes.intern(pod), first);
  pod.spec.node_selector["x"] = "y";
  EXPECT_NE(shapes.intern(pod), first);
}

}  // namespace
}  // namespace model
