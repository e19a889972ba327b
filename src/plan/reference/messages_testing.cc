#include "plan/reference/messages_testing.h"

#include <algorithm>

#include "base/text.h"

namespace plan::reference {
namespace {

std::string json(const k8s::Resources& resources) {
  std::vector<std::string> parts;
  for (const auto& [name, quantity] : resources) {
    parts.push_back(base::concat("\"", name, "\":\"", quantity.text(), "\""));
  }
  return base::concat("{", base::join(parts, ","), "}");
}

k8s::Resources sum(k8s::Resources a, const k8s::Resources& b) {
  a.add(b);
  return a;
}

}  // namespace

// Spec 02 s7.2.
std::string filter_message(const Met& met) {
  if (!met.compat && !met.fits && !met.offering) {
    return "no instance type met the scheduling requirements or had enough resources or had a "
           "required offering";
  }
  if (!met.compat && !met.fits) {
    return "no instance type met the scheduling requirements or had enough resources";
  }
  if (!met.compat && !met.offering) {
    return "no instance type met the scheduling requirements or had a required offering";
  }
  if (!met.fits && !met.offering) {
    return "no instance type had enough resources or had a required offering";
  }
  if (!met.compat) {
    return "no instance type met all requirements";
  }
  if (!met.fits) {
    return "no instance type has enough resources";
  }
  if (!met.offering) {
    return "no instance type has the required offering";
  }
  if (met.compat_and_fits) {
    return "no instance type which met the scheduling requirements and had enough resources, had "
           "a required offering";
  }
  if (met.fits_and_offering) {
    return "no instance type which had enough resources and the required offering met the "
           "scheduling requirements";
  }
  if (met.compat_and_offering) {
    return "no instance type which met the scheduling requirements and the required offering had "
           "the required resources";
  }
  return "no instance type met the requirements/resources/offering tuple";
}

std::string min_values_message(const std::map<std::string, std::int64_t>& missing) {
  std::vector<std::string> keys;
  for (const auto& [key, number] : missing) {
    keys.push_back(key);
  }
  return base::concat(
      "minValues requirement is not met for label(s) (label(s)=[", base::join(keys, " "), "])");
}

std::string filter_suffix(const Reqs& reqs, const Wish& wish, const Met& met) {
  k8s::Resources least = met.loads.empty() ? k8s::Resources{} : met.loads.front();
  k8s::Resources most;
  for (const k8s::Resources& load : met.loads) {
    k8s::Resources both;
    for (const auto& [name, quantity] : least) {
      if (load.find(name) != nullptr) {
        both.set(name, std::min(quantity, load.get(name)));
      }
    }
    least = both;
    most.raise_to(load);
  }
  const std::string low = json(sum(wish.requests, least));
  const std::string high = json(sum(wish.requests, most));
  return base::concat(", requirements=",
                      text(reqs),
                      ", resources=",
                      low == high ? low : base::concat("min=", low, ", max=", high));
}

}  // namespace plan::reference
