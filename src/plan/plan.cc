#include "plan/plan.h"

#include <algorithm>
#include <map>

#include "plan/convert.h"
#include "plan/round.h"

namespace plan {
namespace {

// Sum over the claim's pods, by class: equal pods are multiplied, not added one by one.
k8s::Resources sum_requests(const Round& round, const std::vector<world::PodId>& pods) {
  std::map<std::uint32_t, std::int64_t> count;
  for (const world::PodId pod : pods) {
    ++count[round.class_of_pod[pod]];
  }
  k8s::Resources sum;
  for (const auto& [pod_class, number] : count) {
    k8s::Resources part;
    for (const auto& [name, quantity] : round.classes.classes()[pod_class].shape->requests) {
      part.set(name, k8s::Quantity::from_nano(quantity.nano() * number, quantity.format()));
    }
    sum.add(part);
  }
  return sum;
}

void add_claims(Round& round, Plan& plan) {
  ClaimForms forms(round.base);
  for (const OpenClaim& claim : round.final_solver().claims()) {
    const auto& form = forms.form_of(claim);
    if (!form) {
      for (const world::PodId pod : claim.pods) {
        plan.unplaced.push_back({.pod = pod, .reason = form.error().detail});
      }
      continue;
    }
    PlannedClaim& planned = plan.claims.emplace_back();
    planned.form = *form;
    planned.pods = claim.pods;
    planned.requests = sum_requests(round, claim.pods);
    planned.requests.add((*form)->overhead);
  }
}

void add_failures(Round& round, Plan& plan) {
  struct Why {
    std::string text;
    std::shared_ptr<const Obstructions> obstructions;
  };

  std::map<std::size_t, Why> by_class;
  Solver& solver = round.final_solver();
  for (const Solver::Failure& failure : solver.failures()) {
    auto [it, is_new] = by_class.try_emplace(failure.pod_class);
    Why& why = it->second;
    if (is_new) {
      why.obstructions =
          std::make_shared<const Obstructions>(solver.obstructions(failure.pod_class));
      why.text = solver.failure_text(failure.pod_class, *why.obstructions);
    }
    plan.unplaced.push_back({.pod = failure.pod,
                             .reason = why.text,
                             .is_deferred = failure.is_deferred,
                             .obstructions = why.obstructions});
  }
}

}  // namespace

Round::Round(const Problem& problem, PlanMemory& memory)
    : base(problem, memory),
      topology(base),
      classes(base, topology),
      class_of_pod(compile_classes(problem)),
      nodes(base, classes, topology, problem.pods),
      solver(link(), topology, classes, nodes) {
  if (problem.options.count_effective_zones) {
    effective_zones = count_effective_zones(base, topology, classes, problem.pods, class_of_pod);
  }
  std::unique_ptr<const RoundStart> start;
  if (problem.options.packing == Packing::kCost) {
    start = std::make_unique<const RoundStart>(topology, nodes, base.budgets_left());
  }
  solver.solve({problem.pods.begin(), problem.pods.end()}, class_of_pod);
  if (start) {
    repacked = repack(*this, *start);
  }
}

std::vector<std::uint32_t> Round::compile_classes(const Problem& problem) {
  std::vector<std::uint32_t> result(problem.snapshot.pods.end_id(), 0);
  for (const world::PodId pod : problem.pods) {
    result[pod] = static_cast<std::uint32_t>(classes.class_of(problem.snapshot.pods[pod]));
  }
  return result;
}

PlanBase& Round::link() {
  classes.link();
  topology.add_pool_domains();
  nodes.count_topology(classes, topology);
  return base;
}

k8s::NodeClaim PlannedClaim::claim() const {
  k8s::NodeClaim made = form->claim;
  made.spec.requests = requests;
  return made;
}

Plan compute_plan(const Problem& problem) {
  PlanMemory memory;
  return compute_plan(problem, memory);
}

Plan compute_plan(const Problem& problem, PlanMemory& memory) {
  Round round(problem, memory);
  Plan plan;
  plan.warnings = round.base.warnings();
  plan.filtered_pools = round.base.filtered_pools();
  plan.effective_zones = std::move(round.effective_zones);
  plan.saving = round.repacked ? round.repacked->saving : 0;
  add_claims(round, plan);
  for (const ExistingNode& node : round.final_nodes().nodes()) {
    if (!node.pods.empty()) {
      plan.existing.push_back({.node = node.id, .pods = node.pods});
    }
  }
  add_failures(round, plan);
  std::ranges::stable_sort(plan.unplaced, {}, &Unplaced::pod);
  return plan;
}

}  // namespace plan
