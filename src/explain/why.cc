#include "explain/why.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "base/text.h"
#include "plan/round.h"

namespace explain {
namespace {

constexpr std::size_t kShownNodes = 3;

std::string pod_name(const plan::Problem& problem, world::PodId pod) {
  const k8s::ObjectMeta& meta = problem.snapshot.pods[pod].pod->meta;
  return base::concat(meta.namespace_, "/", meta.name);
}

// "cpu 500m, memory 1Gi, pods 1"
std::string demand(const model::PodShape& shape) {
  std::vector<std::string> parts;
  for (const auto& [name, quantity] : shape.requests) {
    parts.push_back(base::concat(name, " ", quantity.text()));
  }
  return base::join(parts, ", ");
}

bool holds(const std::vector<world::PodId>& pods, world::PodId pod) {
  return std::ranges::find(pods, pod) != pods.end();
}

std::optional<std::string> placed_text(plan::Round& round, world::PodId pod) {
  for (const plan::ExistingNode& node : round.nodes.nodes()) {
    if (holds(node.pods, pod)) {
      return base::concat("is placed on the existing node ", node.row->name(), ".\n");
    }
  }
  const auto& claims = round.solver.claims();
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (!holds(claims[i].pods, pod)) {
      continue;
    }
    const plan::Template& tmpl = round.base.templates()[claims[i].tmpl];
    return base::concat("is placed on new claim ",
                        i + 1,
                        " of NodePool ",
                        tmpl.pool->pool->meta.name,
                        ", with ",
                        claims[i].pods.size() - 1,
                        " other pod(s) and ",
                        claims[i].rows.count(),
                        " instance type(s) to choose from.\n");
  }
  return std::nullopt;
}

void add_relaxations(const plan::PodClass& asked, std::string& text) {
  if (asked.variants.size() == 1) {
    return;
  }
  text += "  given up before, without success:\n";
  for (std::size_t i = 1; i < asked.variants.size(); ++i) {
    text += base::concat("    - ", asked.variants[i].relaxed, "\n");
  }
}

// Nodes that fail for the same reason are one line.
void add_nodes(plan::Round& round, const plan::PodClass& asked, std::string& text) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (plan::ExistingNode& node : round.nodes.nodes()) {
    std::string reason = round.solver.node_failure(asked, asked.variants.back(), node);
    by_reason[reason.empty() ? "fits" : reason].push_back(node.row->name());
  }
  if (by_reason.empty()) {
    return;
  }
  text += "  existing nodes:\n";
  for (auto& [reason, names] : by_reason) {
    const std::size_t hidden = names.size() > kShownNodes ? names.size() - kShownNodes : 0;
    names.resize(names.size() - hidden);
    text += base::concat("    - ",
                         base::join(names, ", "),
                         hidden > 0 ? base::concat(" and ", hidden, " more") : "",
                         ": ",
                         reason,
                         "\n");
  }
}

void add_pools(plan::Round& round, const plan::PodClass& asked, std::string& text) {
  text += "  new nodes:\n";
  const auto& templates = round.base.templates();
  for (std::size_t i = 0; i < templates.size(); ++i) {
    text += base::concat("    - NodePool ",
                         templates[i].pool->pool->meta.name,
                         ": ",
                         round.solver.template_failure(asked, asked.variants.back(), i),
                         "\n");
  }
  for (const std::string& warning : round.base.warnings()) {
    text += base::concat("    - ", warning, "\n");
  }
  if (templates.empty() && round.base.warnings().empty()) {
    text += "    - there is no NodePool\n";
  }
}

}  // namespace

std::string why(const plan::Problem& problem, world::PodId pod) {
  plan::PlanMemory memory;
  plan::Round round(problem, memory);
  const plan::PodClass& asked = round.classes.classes()[round.class_of_pod[pod]];
  std::string text = base::concat("pod ", pod_name(problem, pod), " ");
  if (const auto placed = placed_text(round, pod)) {
    return text + *placed;
  }
  text += base::concat("stays pending. It asks for ", demand(*asked.shape), ".\n");
  if (!asked.error.empty()) {
    return text + base::concat("  ", asked.error, "\n");
  }
  add_relaxations(asked, text);
  add_nodes(round, asked, text);
  add_pools(round, asked, text);
  return text;
}

}  // namespace explain
