#include "explain/why.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "base/text.h"
#include "explain/remedy.h"
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
  for (const plan::ExistingNode& node : round.final_nodes().nodes()) {
    if (holds(node.pods, pod)) {
      return base::concat("is placed on the existing node ", node.row->name(), ".\n");
    }
  }
  const auto& claims = round.final_solver().claims();
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

std::string node_names(const std::vector<std::string>& nodes) {
  std::vector<std::string> shown(
      nodes.begin(),
      nodes.begin() + static_cast<std::ptrdiff_t>(std::min(nodes.size(), kShownNodes)));
  const std::size_t hidden = nodes.size() - shown.size();
  return base::concat(base::join(shown, ", "),
                      hidden > 0 ? base::concat(" and ", hidden, " more") : "");
}

void add_line(std::string_view who, const plan::Obstruction& what, std::string& text) {
  text += base::concat("    - ", who, ": [", plan::to_string(what.kind), "] ", what.text, "\n");
}

void add_nodes(const plan::Obstructions& obstructions, std::string& text) {
  if (obstructions.nodes.empty()) {
    return;
  }
  text += "  existing nodes:\n";
  for (const plan::NodeObstruction& group : obstructions.nodes) {
    add_line(node_names(group.nodes), group.what, text);
  }
}

void add_pools(const plan::Round& round,
               const plan::Obstructions& obstructions,
               std::string& text) {
  text += "  new nodes:\n";
  for (const plan::PoolObstruction& pool : obstructions.pools) {
    add_line("NodePool " + pool.pool, pool.what, text);
  }
  for (const std::string& warning : round.base.warnings()) {
    text += base::concat("    - ", warning, "\n");
  }
  if (obstructions.pools.empty() && round.base.warnings().empty()) {
    text += "    - there is no NodePool\n";
  }
}

}  // namespace

std::string why(const plan::Problem& problem, world::PodId pod) {
  plan::Options options = problem.options;
  options.explain_nodes = true;
  const plan::Problem explained{.snapshot = problem.snapshot,
                                .pods = problem.pods,
                                .removed = problem.removed,
                                .options = std::move(options)};
  plan::PlanMemory memory;
  plan::Round round(explained, memory);
  const std::size_t pod_class = round.class_of_pod[pod];
  const plan::PodClass& asked = round.classes.classes()[pod_class];
  std::string text = base::concat("pod ", pod_name(problem, pod), " ");
  if (const auto placed = placed_text(round, pod)) {
    return text + *placed;
  }
  text += base::concat("stays pending. It asks for ", demand(*asked.shape), ".\n");
  if (!asked.error.empty()) {
    return text + base::concat("  ", asked.error, "\n");
  }
  const plan::Obstructions obstructions = round.final_solver().obstructions(pod_class);
  add_relaxations(asked, text);
  add_nodes(obstructions, text);
  add_pools(round, obstructions, text);
  return text + remedy_text(problem, pod);
}

}  // namespace explain
