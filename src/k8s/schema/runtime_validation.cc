#include "k8s/schema/runtime_validation.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "k8s/cron.h"
#include "k8s/schema/names.h"

namespace k8s::schema {
namespace {

constexpr std::string_view kNodePoolLabel = "karpenter.sh/nodepool";
constexpr std::array<std::string_view, 8> kOperators{
    "DoesNotExist", "Exists", "Gt", "Gte", "In", "Lt", "Lte", "NotIn"};

std::string text(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    out.append(part);
  }
  return out;
}

std::string list_text(std::span<const std::string_view> list) {
  std::string out = "[";
  for (const std::string_view item : list) {
    out.append(out.size() == 1 ? "" : " ").append(item);
  }
  return out.append("]");
}

// The values that a well-known key can have at all; empty when that is not known (API-128).
std::span<const std::string_view> known_values(std::string_view key, Flavour flavour) {
  static constexpr std::array<std::string_view, 3> kCapacityTypes{"on-demand", "reserved", "spot"};
  static constexpr std::array<std::string_view, 2> kTenancies{"dedicated", "default"};
  if (key == "karpenter.sh/capacity-type") {
    return kCapacityTypes;
  }
  if (flavour == Flavour::kAws && key == "karpenter.k8s.aws/instance-tenancy") {
    return kTenancies;
  }
  return {};
}

void check_known_values(const SelectorTerm& requirement,
                        std::string_view key,
                        Flavour flavour,
                        std::vector<std::string>& problems) {
  const auto known = known_values(key, flavour);
  if (requirement.op != "In" || known.empty()) {
    return;
  }
  std::set<std::string_view> good;
  std::string given = "[";
  for (const std::string& one : requirement.values) {
    given.append(given.size() == 1 ? "" : " ").append(one);
    if (std::find(known.begin(), known.end(), one) != known.end()) {
      good.insert(one);
    }
  }
  given.append("]");
  const bool is_short =
      requirement.min_values && static_cast<std::int64_t>(good.size()) < *requirement.min_values;
  if (good.empty() || is_short) {
    problems.push_back(text({good.empty() ? "no valid values found in "
                                          : "not enough valid values "
                                            "found in ",
                             given,
                             " for ",
                             key,
                             ", expected one of: ",
                             list_text(known)}));
  }
}

void check_values(const SelectorTerm& requirement,
                  std::string_view key,
                  std::vector<std::string>& problems) {
  for (const std::string& one : requirement.values) {
    if (const auto problem = label_value_problem(one); !problem.empty()) {
      problems.push_back(text({"invalid value ", one, " for key ", key, ", ", problem}));
    }
  }
  if (requirement.op == "In" && requirement.values.empty()) {
    problems.push_back(text({"key ", key, " with operator In must have a value defined"}));
  }
  const auto count = static_cast<std::int64_t>(requirement.values.size());
  if (requirement.op == "In" && requirement.min_values && count < *requirement.min_values) {
    problems.push_back(text({"key ",
                             key,
                             " with operator In must have at least minimum number of values "
                             "defined in 'values' field"}));
  }
  if (is_numeric_operator(requirement.op) &&
      (requirement.values.size() != 1 || !is_natural(requirement.values[0]))) {
    problems.push_back(text({"key ",
                             key,
                             " with operator ",
                             requirement.op,
                             " must have a single positive integer value"}));
  }
}

// API-130: the node class label narrows nothing that the reference has not fixed already.
bool is_node_class_label(std::string_view key, Flavour flavour) {
  return (flavour == Flavour::kAws && key == "karpenter.k8s.aws/ec2nodeclass") ||
         (flavour == Flavour::kKwok && key == "karpenter.kwok.sh/kwoknodeclass");
}

std::string wrapped(const std::vector<std::string>& problems) {
  return text({"invalid value: ", joined(problems), " in requirements, restricted"});
}

std::vector<std::string> validate_labels(const StringMap& labels, Flavour flavour) {
  std::vector<std::string> problems;
  for (const auto& [key, label] : labels) {
    const auto refuse_key = [&, name = std::string_view(key)](std::string_view why) {
      problems.push_back(text({"invalid key name \"", name, "\" in labels, ", why}));
    };
    if (key == kNodePoolLabel) {
      refuse_key("restricted");
      continue;
    }
    if (const auto problem = qualified_name_problem(key); !problem.empty()) {
      refuse_key(text({"\"", problem, "\""}));
    }
    if (const auto problem = label_value_problem(label); !problem.empty()) {
      problems.push_back(text({"invalid value: ", label, " for label[", key, "], ", problem}));
    }
    if (const auto problem = restricted_label_problem(key, flavour); !problem.empty()) {
      refuse_key(problem);
    }
  }
  return problems;
}

using TaintSet = std::set<std::pair<std::string_view, std::string_view>>;

void check_taint(const Taint& taint,
                 std::string_view field,
                 TaintSet& seen,
                 std::vector<std::string>& problems) {
  if (taint.key.empty()) {
    problems.push_back(text({"invalid value: a taint without key in ", field}));
  } else if (const auto problem = qualified_name_problem(taint.key); !problem.empty()) {
    problems.push_back(text({"invalid value: ", problem, " in ", field}));
  }
  if (!taint.value.empty()) {
    if (const auto problem = qualified_name_problem(taint.value); !problem.empty()) {
      problems.push_back(text({"invalid value: ", problem, " in ", field}));
    }
  }
  constexpr std::array<std::string_view, 4> kEffects{
      "", "NoExecute", "NoSchedule", "PreferNoSchedule"};
  if (std::find(kEffects.begin(), kEffects.end(), taint.effect) == kEffects.end()) {
    problems.push_back(text({"invalid value: \"", taint.effect, "\" in ", field}));
  }
  if (!seen.insert({taint.key, taint.effect}).second) {
    problems.push_back(text({"duplicate taint Key/Effect pair ", taint.key, "=", taint.effect}));
  }
}

// API-53: a schedule that cannot be read, or never comes, would stop all disruption in silence.
void check_budgets(const NodePool& pool, std::vector<std::string>& problems) {
  for (const Budget& budget : pool.disruption.budgets) {
    if (!budget.schedule) {
      continue;
    }
    if (const auto cron = Cron::parse(*budget.schedule); !cron) {
      problems.push_back(
          text({"invalid schedule \"", *budget.schedule, "\" in budgets, ", cron.error().detail}));
    } else if (!cron->next(0)) {
      problems.push_back(
          text({"invalid schedule \"", *budget.schedule, "\" in budgets, it never comes"}));
    }
  }
}

// API-55: the claim carries the requirements, the labels and two of our own, 100 in all.
void check_sum(const NodePool& pool, std::vector<std::string>& problems) {
  constexpr std::size_t kMost = 100;
  constexpr std::size_t kOwn = 2;
  const std::size_t sum =
      pool.template_spec.requirements.size() + pool.template_labels.size() + kOwn;
  if (sum > kMost) {
    problems.push_back(text({"too many requirements: labels and requirements make ",
                             std::to_string(sum),
                             " requirements of a NodeClaim, at most ",
                             std::to_string(kMost),
                             " are allowed"}));
  }
}

void append(std::vector<std::string>& to, std::vector<std::string> from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

}  // namespace

std::string joined(const std::vector<std::string>& problems) {
  std::string out;
  for (const std::string& problem : problems) {
    out.append(out.empty() ? "" : "; ").append(problem);
  }
  return out;
}

std::vector<std::string> validate_requirement(const SelectorTerm& requirement, Flavour flavour) {
  std::vector<std::string> problems;
  const std::string_view key = normalized_label(requirement.key);
  if (std::find(kOperators.begin(), kOperators.end(), requirement.op) == kOperators.end()) {
    problems.push_back(text({"key ",
                             key,
                             " has an unsupported operator ",
                             requirement.op,
                             " not in ",
                             list_text(kOperators)}));
  }
  if (!is_node_class_label(key, flavour)) {
    if (auto problem = restricted_label_problem(key, flavour); !problem.empty()) {
      problems.push_back(std::move(problem));
    }
  }
  check_known_values(requirement, key, flavour, problems);
  if (const auto problem = qualified_name_problem(key); !problem.empty()) {
    problems.push_back(text({"key ", key, " is not a qualified name, ", problem}));
  }
  check_values(requirement, key, problems);
  return problems;
}

std::vector<std::string> validate_taints(const std::vector<Taint>& taints,
                                         const std::vector<Taint>& startup_taints) {
  std::vector<std::string> problems;
  TaintSet seen;
  for (const Taint& taint : taints) {
    check_taint(taint, "taints", seen, problems);
  }
  for (const Taint& taint : startup_taints) {
    check_taint(taint, "startupTaints", seen, problems);
  }
  return problems;
}

std::vector<std::string> validate_node_pool(const NodePool& pool, Flavour flavour) {
  std::vector<std::string> problems = validate_labels(pool.template_labels, flavour);
  append(problems, validate_taints(pool.template_spec.taints, pool.template_spec.startup_taints));
  for (const SelectorTerm& requirement : pool.template_spec.requirements) {
    if (const auto found = validate_requirement(requirement, flavour); !found.empty()) {
      problems.push_back(wrapped(found));
    }
    if (requirement.key == kNodePoolLabel) {
      problems.push_back(
          text({"invalid key: \"", kNodePoolLabel, "\" in requirements, restricted"}));
    }
  }
  check_budgets(pool, problems);
  check_sum(pool, problems);
  return problems;
}

std::vector<std::string> validate_node_overlay(const std::vector<SelectorTerm>& requirements,
                                               const std::vector<std::string>& capacity_names,
                                               Flavour flavour) {
  constexpr std::array<std::string_view, 4> kCore{"cpu", "ephemeral-storage", "memory", "pods"};
  constexpr std::array<std::string_view, 5> kAws{"aws.amazon.com/neuron",
                                                 "aws.amazon.com/neuroncore",
                                                 "habana.ai/gaudi",
                                                 "vpc.amazonaws.com/efa",
                                                 "vpc.amazonaws.com/pod-eni"};
  std::vector<std::string> problems;
  for (const SelectorTerm& requirement : requirements) {
    std::vector<std::string> found = validate_requirement(requirement, flavour);
    if (requirement.op == "NotIn" && requirement.values.empty()) {
      found.push_back(
          text({"key ", requirement.key, " with operator NotIn must have a value defined"}));
    }
    if (!found.empty()) {
      problems.push_back(wrapped(found));
    }
  }
  for (const std::string& name : capacity_names) {
    const bool is_core = std::find(kCore.begin(), kCore.end(), name) != kCore.end();
    const bool is_aws =
        flavour == Flavour::kAws && std::find(kAws.begin(), kAws.end(), name) != kAws.end();
    if (is_core || is_aws) {
      problems.push_back(text({"invalid capacity: ", name, " in resource, restricted"}));
    }
  }
  return problems;
}

}  // namespace k8s::schema
