#include "plan/admission.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "cloud/label_schema.h"
#include "k8s/schema/runtime_validation.h"
#include "plan/volumes.h"

namespace plan {
namespace {

using k8s::schema::Flavour;

struct Verdict {
  std::string problem;  // Empty: admitted.
  bool is_wanted = false;
};

bool excludes_node_pools(const k8s::NodeSelectorTerm& term) {
  return std::ranges::any_of(term.match_expressions, [](const k8s::SelectorTerm& expression) {
    return expression.key == cloud::label::kNodePool && expression.op == "DoesNotExist";
  });
}

// SCH-87 a: by the terms that count at first, the first required and the heaviest preferred one
// (SCH-29, SCH-30).
bool avoids_our_nodes(const model::PodShape& shape) {
  const k8s::NodeAffinity& affinity = shape.node_affinity;
  const auto heaviest =
      std::ranges::max_element(affinity.preferred, {}, &k8s::PreferredNodeTerm::weight);
  return (!affinity.required.empty() && excludes_node_pools(affinity.required.front())) ||
         (heaviest != affinity.preferred.end() && excludes_node_pools(heaviest->preference));
}

void append(std::vector<std::string>& problems, std::vector<std::string> more) {
  problems.insert(
      problems.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// SCH-87 b-d
std::vector<std::string> selector_problems(const model::PodShape& shape, Flavour flavour) {
  std::vector<std::string> problems;
  for (const auto& [key, value] : shape.node_selector) {
    append(problems, validate_requirement({.key = key, .op = "In", .values = {value}}, flavour));
  }
  for (const k8s::NodeSelectorTerm& term : shape.node_affinity.required) {
    if (term.has_match_fields) {
      problems.emplace_back("node selector term with matchFields is not supported");
    }
    for (const k8s::SelectorTerm& expression : term.match_expressions) {
      append(problems, validate_requirement(expression, flavour));
    }
  }
  return problems;
}

Verdict judge(const model::PodShape& shape, const VolumeIndex& volumes, Flavour flavour) {
  std::vector<std::string> problems;
  const bool is_wanted = avoids_our_nodes(shape);
  if (is_wanted) {
    problems.push_back(
        base::concat("configured to not run on a Karpenter provisioned node "
                     "(requirement=",
                     cloud::label::kNodePool,
                     " DoesNotExist)"));
  }
  append(problems, selector_problems(shape, flavour));
  if (auto invalid = volumes.invalid(shape)) {
    problems.push_back(std::move(*invalid));
  }
  return {.problem = base::join(problems, "; "), .is_wanted = is_wanted && problems.size() == 1};
}

}  // namespace

Admission admit_pods(const world::Snapshot& snapshot,
                     std::span<const world::PodId> pods,
                     Flavour flavour) {
  const VolumeIndex volumes(snapshot);
  std::unordered_map<const model::PodShape*, Verdict> verdicts;
  Admission admission;
  for (const world::PodId pod : pods) {
    const model::PodShape* shape = snapshot.pods[pod].shape.get();
    const auto [found, is_new] = verdicts.try_emplace(shape);
    if (is_new) {
      found->second = judge(*shape, volumes, flavour);
    }
    const Verdict& verdict = found->second;
    if (verdict.problem.empty()) {
      admission.pods.push_back(pod);
    } else {
      admission.refused.push_back({.pod = pod,
                                   .reason = "ignoring pod, " + verdict.problem,
                                   .is_wanted = verdict.is_wanted});
    }
  }
  return admission;
}

}  // namespace plan
