// The words of spec 02 s7.2, for the reference scheduler.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/reference/wish_testing.h"

namespace plan::reference {

// SCH-183: what was met, over the types one by one.
struct Met {
  bool compat = false;
  bool fits = false;
  bool offering = false;
  bool compat_and_fits = false;
  bool compat_and_offering = false;
  bool fits_and_offering = false;
  std::vector<k8s::Resources> loads = {};  // Of the types' daemon groups (SCH-184).
};

std::string filter_message(const Met& met);
// Of the labels that are short.
std::string min_values_message(const std::map<std::string, std::int64_t>& missing);
// What every message ends with (SCH-184).
std::string filter_suffix(const Reqs& reqs, const Wish& wish, const Met& met);

}  // namespace plan::reference
