// The accept/reject tables against our own validation; tests/api/run_cases.py asks a real API
// server the same.
#include <gtest/gtest.h>

#include "k8s/schema/api_cases_testing.h"

namespace k8s::schema {
namespace {

boost::json::value as_stored(boost::json::value object) {
  prune(object);
  apply_defaults(object);
  return object;
}

std::string errors_of(const ApiCase& c) {
  const boost::json::value first = as_stored(c.object);
  const auto errors = c.update ? validate(as_stored(*c.update), &first, c.flavour)
                               : validate(first, nullptr, c.flavour);
  std::string out;
  for (const FieldError& error : errors) {
    out += to_string(error) + "\n";
  }
  return out;
}

void expect_stored(const ApiCase& c) {
  const boost::json::value object = as_stored(c.object);
  const boost::json::value* found = find_at(object, c.stored_path);
  ASSERT_EQ(found != nullptr, c.stored.has_value()) << c;
  if (found != nullptr) {
    EXPECT_EQ(*found, *c.stored) << c;
  }
}

void expect_case(const ApiCase& c) {
  const std::string errors = errors_of(c);
  if (c.verdict.ends_with("reject")) {
    EXPECT_NE(errors, "") << c;
    EXPECT_NE(errors.find(c.expected), std::string::npos) << c << "\n" << errors;
    return;
  }
  EXPECT_EQ(errors, "") << c;
  if (c.verdict == "stored") {
    expect_stored(c);
  }
}

TEST(ApiCases, OurValidationAgreesWithTheTables) {
  // API-3, API-11, API-14, API-17 to API-24, API-27 to API-42, API-43 to API-56, API-60 to API-65
  // API-68 to API-75, API-77 to API-94, API-102, API-146, API-159
  const std::vector<ApiCase> cases = read_api_cases();
  EXPECT_GE(cases.size(), 600u);
  for (const ApiCase& c : cases) {
    expect_case(c);
  }
}

}  // namespace
}  // namespace k8s::schema
