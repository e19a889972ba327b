// A plan as plain text and names, so that the planner's and the reference's can be compared.
//
//   const PlainPlan expected = reference_plan(problem);
//   const PlainPlan actual = plain(problem, compute_plan(problem));
//   EXPECT_EQ(actual.text(), expected.text());
//
// Thread rule: values and pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace plan::reference {

struct PlainPlan {
  std::vector<std::string> claims;              // In order of creation.
  std::map<std::string, std::string> existing;  // Node -> pods in order.
  std::map<std::string, std::string> reasons;   // Pod -> why not; "deferred: " in front if so.

  // Everything that decides; without the words of the reasons.
  std::string text() const;
  std::string text_with_reasons() const;
};

PlainPlan reference_plan(const Problem& problem);
PlainPlan plain(const Problem& problem, const Plan& plan);

}  // namespace plan::reference
