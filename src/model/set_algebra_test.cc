// Sets of requirements: what is compatible with what, and what is said when it is not (spec 02
// s1.5, s17.1).
#include <gtest/gtest.h>

#include "model/requirement_set.h"

namespace model {
namespace {

using Values = std::vector<std::string>;

class SetAlgebra : public ::testing::Test {
 protected:
  SetId set(std::string_view key, Operator op, const Values& values = {}) {
    return sets_.add(sets_.empty(), make_requirement(words_, key, op, values));
  }

  bool fits(SetId have, SetId incoming, Undefined undefined) {
    return sets_.combine(have, incoming, undefined).is_valid();
  }

  std::string hint(std::string_view key) {
    return sets_.why_incompatible(
        sets_.empty(), set(key, Operator::kIn, {"x"}), Undefined::kWellKnown);
  }

  Vocabulary words_;
  cloud::LabelSchema schema_ = cloud::LabelSchema::core();
  SetTable sets_{words_, schema_};
};

struct Pair {
  Operator have;
  Values have_values;
  Operator incoming;
  Values incoming_values;
  bool fits;
};

TEST_F(SetAlgebra, BothSidesKnown) {
  // SCH-24
  const std::vector<Pair> pairs{
      {Operator::kIn, {"A"}, Operator::kIn, {"A"}, true},
      {Operator::kIn, {"A"}, Operator::kIn, {"B"}, false},
      {Operator::kIn, {"A"}, Operator::kNotIn, {"A"}, false},
      {Operator::kIn, {"A"}, Operator::kNotIn, {"B"}, true},
      {Operator::kIn, {"A"}, Operator::kExists, {}, true},
      {Operator::kIn, {"A"}, Operator::kDoesNotExist, {}, false},
      {Operator::kIn, {"5"}, Operator::kGt, {"4"}, true},
      {Operator::kIn, {"5"}, Operator::kGt, {"5"}, false},
      {Operator::kIn, {"5"}, Operator::kLt, {"5"}, false},
      {Operator::kDoesNotExist, {}, Operator::kIn, {"A"}, false},
      {Operator::kDoesNotExist, {}, Operator::kExists, {}, false},
      {Operator::kDoesNotExist, {}, Operator::kNotIn, {"A"}, true},
      {Operator::kDoesNotExist, {}, Operator::kDoesNotExist, {}, true},
      {Operator::kNotIn, {"A"}, Operator::kNotIn, {"B"}, true},
      {Operator::kNotIn, {"A"}, Operator::kDoesNotExist, {}, true},
      {Operator::kNotIn, {"A"}, Operator::kIn, {"A"}, false},
      {Operator::kNotIn, {"A"}, Operator::kIn, {"B"}, true},
      {Operator::kExists, {}, Operator::kDoesNotExist, {}, false},
      {Operator::kExists, {}, Operator::kIn, {"A"}, true},
      {Operator::kGt, {"5"}, Operator::kLt, {"5"}, false},
  };
  for (const Pair& pair : pairs) {
    const SetId have = set("custom", pair.have, pair.have_values);
    const SetId incoming = set("custom", pair.incoming, pair.incoming_values);
    for (const Undefined undefined : {Undefined::kNone, Undefined::kWellKnown}) {
      EXPECT_EQ(fits(have, incoming, undefined), pair.fits)
          << sets_.text(have) << " x " << sets_.text(incoming);
    }
  }
}

TEST_F(SetAlgebra, UndefinedKeys) {
  // SCH-23, SCH-26, SCH-152
  struct Case {
    Operator op;
    Values values;
    bool allows_absence;
  };

  const std::vector<Case> cases{{Operator::kIn, {"1"}, false},
                                {Operator::kExists, {}, false},
                                {Operator::kGt, {"1"}, false},
                                {Operator::kLt, {"1"}, false},
                                {Operator::kGte, {"1"}, false},
                                {Operator::kLte, {"1"}, false},
                                {Operator::kNotIn, {"1"}, true},
                                {Operator::kDoesNotExist, {}, true}};
  for (const Case& c : cases) {
    const SetId known = set("topology.kubernetes.io/zone", c.op, c.values);
    const SetId custom = set("custom", c.op, c.values);
    EXPECT_TRUE(fits(sets_.empty(), known, Undefined::kWellKnown));
    EXPECT_EQ(fits(sets_.empty(), known, Undefined::kNone), c.allows_absence);
    EXPECT_EQ(fits(sets_.empty(), custom, Undefined::kWellKnown), c.allows_absence);
    // Keys that only the receiver has never matter.
    EXPECT_TRUE(fits(custom, sets_.empty(), Undefined::kNone));
  }
}

TEST_F(SetAlgebra, ContradictionsFitNowhere) {
  // SCH-23, SCH-24
  const SetId in = set("custom", Operator::kIn, {"a"});
  const SetId contradiction = sets_.merge(in, set("custom", Operator::kNotIn, {"a"}));
  for (const SetId have : {sets_.empty(), in, set("custom", Operator::kDoesNotExist)}) {
    EXPECT_FALSE(fits(have, contradiction, Undefined::kWellKnown));
    EXPECT_NE(sets_.why_incompatible(have, contradiction, Undefined::kWellKnown), "");
  }
}

TEST_F(SetAlgebra, HintsAtTypos) {
  // SCH-25
  const std::vector<std::pair<std::string, std::string>> typos{
      {"zone", "topology.kubernetes.io/zone"},
      {"region", "topology.kubernetes.io/region"},
      {"nodepool", "karpenter.sh/nodepool"},
      {"instance-type", "node.kubernetes.io/instance-type"},
      {"arch", "kubernetes.io/arch"},
      {"capacity-type", "karpenter.sh/capacity-type"},
      {"topology.kubernetesio/zone", "topology.kubernetes.io/zone"},
      {"node.io/zone", "topology.kubernetes.io/zone"},
      {"topology.kubernetes.io/regio", "topology.kubernetes.io/region"},
      {"node.kubernetes.io/region", "topology.kubernetes.io/region"},
      {"karpenter/nodepool", "karpenter.sh/nodepool"},
  };
  for (const auto& [key, meant] : typos) {
    EXPECT_EQ(hint(key),
              "label \"" + key + "\" does not have known values (typo of \"" + meant + "\"?)");
  }
  EXPECT_EQ(hint("deployment"), "label \"deployment\" does not have known values");
}

TEST_F(SetAlgebra, HintsAtKeysOfTheReceiver) {
  // SCH-25
  EXPECT_EQ(sets_.why_incompatible(set("example.com/team", Operator::kIn, {"a"}),
                                   set("team", Operator::kIn, {"a"}),
                                   Undefined::kWellKnown),
            "label \"team\" does not have known values (typo of \"example.com/team\"?)");
}

TEST_F(SetAlgebra, NamesEveryConflict) {
  // SCH-24
  const SetId have = sets_.merge(set("a", Operator::kIn, {"1"}), set("b", Operator::kIn, {"2"}));
  const SetId incoming =
      sets_.merge(set("a", Operator::kIn, {"3"}), set("b", Operator::kGt, {"2"}));
  EXPECT_EQ(sets_.why_incompatible(have, incoming, Undefined::kWellKnown),
            "key a, a In [3] not in a In [1]; key b, b Exists >=3 not in b In [2]");
}

TEST_F(SetAlgebra, AliasesAreOneKey) {
  // SCH-2, SCH-20
  for (const auto& [alias, key] :
       {std::pair("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
        std::pair("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
        std::pair("beta.kubernetes.io/arch", "kubernetes.io/arch"),
        std::pair("beta.kubernetes.io/os", "kubernetes.io/os"),
        std::pair("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type")}) {
    EXPECT_EQ(schema_.canonical_key(alias), key);
  }
  EXPECT_EQ(schema_.canonical_key("custom"), "custom");
}

TEST_F(SetAlgebra, RepeatedKeysAreIntersected) {
  // SCH-20, SCH-21
  const SetId both =
      sets_.merge(set("a", Operator::kIn, {"1", "2"}), set("a", Operator::kIn, {"2", "3"}));
  EXPECT_EQ(sets_.text(both), "a In [2]");
  EXPECT_EQ(sets_.get(both, words_.intern("b")), nullptr);
}

TEST_F(SetAlgebra, TextDoesNotDependOnOrder) {
  // SCH-22
  const SetId a = set("a", Operator::kIn, {"1"});
  const SetId b = set("b", Operator::kExists);
  EXPECT_EQ(sets_.merge(a, b), sets_.merge(b, a));
  EXPECT_EQ(sets_.text(sets_.merge(b, a)), "a In [1], b Exists");
  EXPECT_EQ(sets_.text(set("kubernetes.io/hostname", Operator::kIn, {"n"})), "");
}

TEST_F(SetAlgebra, KnowsThatAKeyWantsSeveralValues) {
  // SCH-22
  Requirement flexible = make_requirement(words_, "a", Operator::kExists, Values{}, 3);
  const SetId with = sets_.add(sets_.empty(), flexible);
  EXPECT_TRUE(sets_.has_min_values(with));
  EXPECT_FALSE(sets_.has_min_values(set("a", Operator::kExists)));
}

TEST(WellKnownLabels, AreTheCoreOnes) {
  // SCH-27
  const cloud::LabelSchema schema = cloud::LabelSchema::core();
  for (const char* key : {"karpenter.sh/nodepool",
                          "topology.kubernetes.io/zone",
                          "topology.kubernetes.io/region",
                          "node.kubernetes.io/instance-type",
                          "kubernetes.io/arch",
                          "kubernetes.io/os",
                          "karpenter.sh/capacity-type",
                          "node.kubernetes.io/windows-build"}) {
    EXPECT_TRUE(schema.is_well_known(key)) << key;
    EXPECT_FALSE(schema.is_restricted(key)) << key;
  }
  for (const char* key :
       {"kubernetes.io/hostname", "karpenter.sh/custom", "sub.karpenter.sh/custom"}) {
    EXPECT_TRUE(schema.is_restricted(key)) << key;
  }
  EXPECT_FALSE(schema.is_restricted("notkarpenter.sh/custom"));
  EXPECT_FALSE(schema.is_restricted("kubernetes.io/custom"));
}

TEST_F(SetAlgebra, WhatContradictsItselfFitsNowhere) {
  // SCH-13, SCH-24
  const SetId impossible =
      sets_.merge(set("team", Operator::kIn, {"a"}), set("team", Operator::kNotIn, {"a"}));
  EXPECT_FALSE(fits(sets_.empty(), impossible, Undefined::kWellKnown));
  EXPECT_FALSE(fits(set("team", Operator::kDoesNotExist), impossible, Undefined::kNone));
  const SetId absent =
      sets_.merge(set("team", Operator::kDoesNotExist), set("team", Operator::kNotIn, {"a"}));
  EXPECT_TRUE(fits(sets_.empty(), absent, Undefined::kNone));
}

}  // namespace
}  // namespace model
