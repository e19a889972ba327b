// Reads the tables of tests/api/cases (tests/api/README.md says how they are written).
// Thread rule: tests only.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "k8s/schema/validate.h"

namespace k8s::schema {

struct ApiCase {
  std::string place;  // "nodepool.txt:12"
  std::string rule;   // "API-27"
  std::string verdict;
  Flavour flavour = Flavour::kAws;
  boost::json::value object;                 // The whole object; before an update.
  std::optional<boost::json::value> update;  // The whole object after an update.
  std::string expected;                      // Part of the message.
  std::string stored_path;                   // verdict "stored".
  std::optional<boost::json::value> stored;  // Absent: nothing may be there.

  friend std::ostream& operator<<(std::ostream& out, const ApiCase& c) {
    return out << c.place << " " << c.rule << " " << c.verdict;
  }
};

// Of all files, by name. REQUIRES: the working directory is the root of the repository.
std::vector<ApiCase> read_api_cases();

// nullptr when nothing is there.
const boost::json::value* find_at(const boost::json::value& object, const std::string& path);

}  // namespace k8s::schema
