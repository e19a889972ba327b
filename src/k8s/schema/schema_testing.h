// Smallest good objects and small changes to them, for table tests of the schemas.
// Thread rule: tests only.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/schema/validate.h"

namespace k8s::schema {

// One change to a good object and what must come of it.
struct Case {
  const char* path;      // "spec.weight", "spec.requirements.0.key"; the parents are made.
  const char* json;      // The value to put there; "" removes the field.
  const char* expected;  // Part of the joined errors; "" when the object must be accepted.

  friend std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.path << " = " << c.json;
  }
};

extern const char* const kGoodNodePool;
extern const char* const kGoodNodeClaim;
extern const char* const kGoodNodeOverlay;
extern const char* const kGoodEC2NodeClass;
extern const char* const kGoodBuffer;
extern const char* const kGoodPod;
extern const char* const kGoodDeployment;

std::string changed(std::string_view object, const char* path, const char* json);
// All errors as text, after pruning and defaulting; "" when accepted.
std::string errors_of(std::string_view object, Flavour flavour = Flavour::kAws);
std::string update_errors(std::string_view old, std::string_view object);
// The defaulted value at a path, as JSON text; "" when absent.
std::string defaulted(std::string_view object, const char* path);
// Fails the test unless the outcome is as the case says.
void expect_case(const char* good, const Case& c, Flavour flavour = Flavour::kAws);

}  // namespace k8s::schema
