// The requirement algebra over a table of fixtures: every operator against every other (spec 02
// s1.1-1.4, s17.1).
#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "model/requirement.h"

namespace model {
namespace {

using Values = std::vector<std::string>;

struct Fixture {
  const char* name;
  Operator op;
  Values values;
};

const std::vector<Fixture>& fixtures() {
  static const std::vector<Fixture> all{
      {"Exists", Operator::kExists, {}},
      {"DoesNotExist", Operator::kDoesNotExist, {}},
      {"In A", Operator::kIn, {"A"}},
      {"In B", Operator::kIn, {"B"}},
      {"In A|B", Operator::kIn, {"A", "B"}},
      {"NotIn A", Operator::kNotIn, {"A"}},
      {"In 1", Operator::kIn, {"1"}},
      {"In 9", Operator::kIn, {"9"}},
      {"In 1|9", Operator::kIn, {"1", "9"}},
      {"NotIn 1|2", Operator::kNotIn, {"1", "2"}},
      {"Gt 1", Operator::kGt, {"1"}},
      {"Gt 9", Operator::kGt, {"9"}},
      {"Lt 1", Operator::kLt, {"1"}},
      {"Lt 9", Operator::kLt, {"9"}},
      {"Gte 1", Operator::kGte, {"1"}},
      {"Gte 9", Operator::kGte, {"9"}},
      {"Lte 1", Operator::kLte, {"1"}},
      {"Lte 9", Operator::kLte, {"9"}},
  };
  return all;
}

const Values& probes() {
  static const Values all{"A", "B", "C", "0", "1", "2", "5", "8", "9", "10", "-3", "+7"};
  return all;
}

class Table : public ::testing::Test {
 protected:
  Requirement make(const Fixture& fixture, std::optional<std::int64_t> min_values = {}) {
    return make_requirement(words_, "key", fixture.op, fixture.values, min_values);
  }

  template <typename Check>
  void for_each_pair(Check check) {
    for (const Fixture& a : fixtures()) {
      for (const Fixture& b : fixtures()) {
        SCOPED_TRACE(std::string(a.name) + " x " + b.name);
        check(make(a), make(b));
      }
    }
  }

  Vocabulary words_;
};

TEST_F(Table, AnIntersectionHasWhatBothHave) {
  // SCH-9, SCH-13
  for_each_pair([&](const Requirement& a, const Requirement& b) {
    const Requirement both = intersection(words_, a, b);
    for (const std::string& probe : probes()) {
      const Symbol value = words_.intern(probe);
      EXPECT_EQ(has(words_, both, value), has(words_, a, value) && has(words_, b, value)) << probe;
    }
  });
}

TEST_F(Table, IntersectionIsCommutativeAndIdempotent) {
  // SCH-14
  for_each_pair([&](const Requirement& a, const Requirement& b) {
    EXPECT_EQ(intersection(words_, a, b), intersection(words_, b, a));
    const Requirement both = intersection(words_, a, b);
    EXPECT_EQ(intersection(words_, both, both), both);
  });
}

TEST_F(Table, HasIntersectionAgreesWithTheIntersection) {
  // SCH-15, SCH-16
  for_each_pair([&](const Requirement& a, const Requirement& b) {
    EXPECT_EQ(has_intersection(words_, a, b), !intersection(words_, a, b).is_none());
  });
  const Requirement none = make({"", Operator::kDoesNotExist, {}});
  EXPECT_FALSE(has_intersection(words_, none, none));
}

TEST_F(Table, AnIntersectionKeepsTheLargerMinValues) {
  // SCH-13
  for (const Fixture& a : fixtures()) {
    for (const Fixture& b : fixtures()) {
      EXPECT_EQ(intersection(words_, make(a, 3), make(b, 5)).min_values, 5);
      EXPECT_EQ(intersection(words_, make(a, 3), make(b)).min_values, 3);
    }
  }
}

TEST_F(Table, AnyValueIsAValueOfTheRequirement) {
  // SCH-11
  for_each_pair([&](const Requirement& a, const Requirement& b) {
    const Requirement both = intersection(words_, a, b);
    const std::string value = any_value(words_, both);
    EXPECT_EQ(value.empty(), both.is_none());
    EXPECT_TRUE(value.empty() || has(words_, both, words_.intern(value))) << value;
  });
}

TEST_F(Table, BoundsAdmitIntegersOnly) {
  // SCH-10
  for (const char* bound : {"Gt 1", "Lt 9", "Gte 1", "Lte 9"}) {
    const Requirement r =
        make(*std::ranges::find(fixtures(), std::string_view(bound), &Fixture::name));
    EXPECT_FALSE(has(words_, r, words_.intern("A"))) << bound;
    EXPECT_FALSE(has(words_, r, words_.intern(" 5"))) << bound;
    EXPECT_FALSE(has(words_, r, words_.intern("5.0"))) << bound;
    EXPECT_TRUE(has(words_, r, words_.intern("5"))) << bound;
    EXPECT_TRUE(has(words_, r, words_.intern("+5"))) << bound;
  }
}

struct Shown {
  const char* fixture;
  Operator op;
  const char* text;
  std::vector<k8s::SelectorTerm> api;
};

k8s::SelectorTerm entry(std::string op, Values values) {
  return {.key = "key", .op = std::move(op), .values = std::move(values), .min_values = {}};
}

TEST_F(Table, EveryFixtureHasItsOperatorTextAndEntries) {
  // SCH-1, SCH-7, SCH-12, SCH-17
  const std::vector<Shown> all{
      {"Exists", Operator::kExists, "key Exists", {entry("Exists", {})}},
      {"DoesNotExist", Operator::kDoesNotExist, "key DoesNotExist", {entry("DoesNotExist", {})}},
      {"In A", Operator::kIn, "key In [A]", {entry("In", {"A"})}},
      {"In A|B", Operator::kIn, "key In [A B]", {entry("In", {"A", "B"})}},
      {"NotIn A", Operator::kNotIn, "key NotIn [A]", {entry("NotIn", {"A"})}},
      {"NotIn 1|2", Operator::kNotIn, "key NotIn [1 2]", {entry("NotIn", {"1", "2"})}},
      {"Gt 1", Operator::kExists, "key Exists >=2", {entry("Gte", {"2"})}},
      {"Gt 9", Operator::kExists, "key Exists >=10", {entry("Gte", {"10"})}},
      {"Lt 1", Operator::kExists, "key Exists <=0", {entry("Lte", {"0"})}},
      {"Lt 9", Operator::kExists, "key Exists <=8", {entry("Lte", {"8"})}},
      {"Gte 1", Operator::kExists, "key Exists >=1", {entry("Gte", {"1"})}},
      {"Lte 9", Operator::kExists, "key Exists <=9", {entry("Lte", {"9"})}},
  };
  for (const Shown& shown : all) {
    const auto fixture =
        std::ranges::find(fixtures(), std::string_view(shown.fixture), &Fixture::name);
    const Requirement r = make(*fixture);
    EXPECT_EQ(r.op(), shown.op) << shown.fixture;
    EXPECT_EQ(text(words_, r), shown.text);
    EXPECT_EQ(to_api(words_, r), shown.api) << shown.fixture;
  }
}

TEST_F(Table, EntriesCarryMinValues) {
  // SCH-17, SCH-18
  Requirement bounded =
      intersection(words_, make({"", Operator::kGt, {"1"}}, 2), make({"", Operator::kLt, {"9"}}));
  const auto entries = to_api(words_, bounded);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].op, "Gte");
  EXPECT_EQ(entries[1].op, "Lte");
  EXPECT_EQ(entries[0].min_values, 2);
  EXPECT_EQ(entries[1].min_values, 2);
  EXPECT_EQ(text(words_, bounded), "key Exists >=2 <=8 minValues 2");
}

TEST_F(Table, RepeatedAndEmptyListsAreNormal) {
  // SCH-6
  EXPECT_EQ(make({"", Operator::kIn, {}}), make({"", Operator::kDoesNotExist, {}}));
  EXPECT_EQ(make({"", Operator::kNotIn, {}}), make({"", Operator::kExists, {}}));
  EXPECT_EQ(make({"", Operator::kIn, {"A", "A"}}), make({"", Operator::kIn, {"A"}}));
}

TEST_F(Table, NothingIsLeftOfContradictionsNotEvenAbsence) {
  // SCH-13, SCH-24
  const auto both = [&](const char* a, const char* b) {
    const auto named = [](const char* name) {
      return *std::ranges::find(fixtures(), std::string_view(name), &Fixture::name);
    };
    return intersection(words_, make(named(a)), make(named(b)));
  };
  for (const auto& [a, b] : {std::pair("In A", "In B"),
                             std::pair("In A", "NotIn A"),
                             std::pair("In A", "DoesNotExist"),
                             std::pair("Exists", "DoesNotExist"),
                             std::pair("Gt 9", "Lt 1"),
                             std::pair("In A", "Gt 1")}) {
    EXPECT_TRUE(both(a, b).is_impossible()) << a << " x " << b;
    EXPECT_FALSE(both(a, b).allows_absence()) << a << " x " << b;
    EXPECT_EQ(text(words_, both(a, b)), "key DoesNotExist");
  }
  EXPECT_FALSE(both("NotIn A", "DoesNotExist").is_impossible());
  EXPECT_FALSE(both("DoesNotExist", "DoesNotExist").is_impossible());
}

TEST_F(Table, AnImpossibleBoundDropsMinValues) {
  // SCH-4
  const std::string most = std::to_string(std::numeric_limits<std::int64_t>::max());
  const Requirement r = make({"", Operator::kGt, {most}}, 4);
  EXPECT_TRUE(r.is_none());
  EXPECT_EQ(r.min_values, std::nullopt);
}

TEST_F(Table, ALoneExcludedIntegerIsUnsatisfiable) {
  // SCH-11, SCH-15
  Requirement one =
      intersection(words_, make({"", Operator::kGte, {"1"}}), make({"", Operator::kLte, {"1"}}));
  one = intersection(words_, one, make({"", Operator::kNotIn, {"1"}}));
  EXPECT_TRUE(one.is_none());
  EXPECT_EQ(any_value(words_, one), "");
}

TEST_F(Table, TenThousandValuesAreOrdinary) {
  // SCH-12, SCH-13
  Values many;
  for (int i = 0; i < 10'000; ++i) {
    many.push_back("v" + std::to_string(i));
  }
  const Requirement in = make({"", Operator::kIn, many});
  const Requirement out = make({"", Operator::kNotIn, many});
  EXPECT_TRUE(intersection(words_, in, out).is_none());
  EXPECT_EQ(text(words_, in), "key In [v0 v1 v10 v100 v1000 and 9995 others]");
}

}  // namespace
}  // namespace model
