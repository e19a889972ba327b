#include "plan/what_if.h"

#include <algorithm>
#include <limits>
#include <map>

#include "base/text.h"
#include "plan/domain_census.h"
#include "plan/fingerprint.h"
#include "plan/packing.h"
#include "plan/provisionable.h"
#include "plan/queue_order.h"
#include "world/pods.h"

namespace plan {
namespace {

constexpr std::size_t kNoNode = std::numeric_limits<std::size_t>::max();
constexpr double kLeastGain = 1e-9;  // Dollars per hour: less is rounding.

Options simulation(Options options) {
  options.reserved_fallback = true;
  options.enforce_consolidate_after = true;  // Question by question.
  options.count_effective_zones = false;
  options.explain_nodes = false;
  return options;
}

// DIS-85; only the parts that exist.
std::string uninitialized_text(const world::NodeRow& row) {
  std::vector<std::string> parts;
  if (row.claim != nullptr) {
    parts.push_back("nodeclaim/" + row.claim->meta.name);
  }
  if (row.node != nullptr) {
    parts.push_back("node/" + row.node->meta.name);
  }
  return "would schedule against uninitialized " + base::join(parts, ", ");
}

// A machine that has joined and whose kubelet has stopped saying that it is well.
bool is_unready(const world::NodeRow& row) {
  if (row.node == nullptr || !row.is_initialized()) {
    return false;
  }
  const k8s::Condition* ready = k8s::find_condition(row.node->status.conditions, "Ready");
  return ready != nullptr && ready->status != "True";
}

bool exceeds_limits(const world::PoolRow& pool) {
  return std::ranges::any_of(pool.pool->limits, [&](const auto& limit) {
    return pool.usage.get(limit.first) > limit.second;
  });
}

std::vector<world::PodId> joined(std::span<const world::PodId> a, std::span<const world::PodId> b) {
  std::vector<world::PodId> out(a.begin(), a.end());
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

}  // namespace

// A round that is solved again and again. Members are in order of construction, and each borrows
// the ones before it.
struct WhatIf::Stage {
  struct Parts {
    std::vector<world::PodId> pods;      // All that may be asked about.
    std::vector<world::PodId> in_round;  // Those that no question leaves where they are.
    std::vector<world::NodeId> removed;
  };

  Stage(const world::Snapshot& snapshot, const Options& options, PlanMemory& memory, Parts given)
      : parts(std::move(given)),
        problem{
            .snapshot = snapshot, .pods = parts.pods, .removed = parts.removed, .options = options},
        base(problem, memory),
        topology(prepared(base)),
        classes(base, topology),
        class_of_pod(compile_classes()),
        nodes(base, classes, topology, parts.in_round),
        domains(link(), topology),
        solver(base, topology, classes, opened(nodes)),
        order(snapshot, classes, class_of_pod),
        waiting(order.sorted(parts.in_round)) {
    nodes.count_topology(classes, topology);
    position_of_node.assign(snapshot.nodes.end_id(), kNoNode);
    node_of_pod.resize(snapshot.pods.end_id());
    for (std::size_t i = 0; i < nodes.nodes().size(); ++i) {
      const ExistingNode& node = nodes.nodes()[i];
      position_of_node[node.id] = i;
      domains.add(i, node);
      for (const world::PodId pod : node.row->pods) {
        node_of_pod[pod] = node.id;
      }
    }
    topology.remember();
    solver.remember();
  }

  static PlanBase& prepared(PlanBase& base) {
    std::erase_if(base.templates(), [](const Template& t) { return exceeds_limits(*t.pool); });
    return base;
  }

  std::vector<std::uint32_t> compile_classes() {
    std::vector<std::uint32_t> result(problem.snapshot.pods.end_id(), 0);
    for (const world::PodId pod : parts.pods) {
      result[pod] = static_cast<std::uint32_t>(classes.class_of(problem.snapshot.pods[pod]));
    }
    return result;
  }

  PlanBase& link() {
    classes.link();
    topology.add_pool_domains();
    return base;
  }

  static ExistingNodes& opened(ExistingNodes& nodes) {
    for (ExistingNode& node : nodes.nodes()) {
      node.is_closed |= is_unready(*node.row);
    }
    return nodes;
  }

  void ask(const Question& question);
  bool repack();
  void begin();
  void answer();
  void forget();
  void uncount(world::PodId pod);
  void take_away(std::size_t position);

  Parts parts;
  Problem problem;
  PlanBase base;
  Topology topology;
  PodClasses classes;
  std::vector<std::uint32_t> class_of_pod;  // By pod id.
  ExistingNodes nodes;
  DomainCensus domains;
  Solver solver;
  QueueOrder order;
  QueueOrder::Queue waiting;                  // Those of the round.
  std::vector<std::size_t> position_of_node;  // By node id; kNoNode: no place anyway.
  std::vector<world::NodeId> node_of_pod;     // By pod id.
  std::vector<std::pair<PoolLimit*, k8s::Quantity>> limits_before;
  std::vector<std::pair<PoolLimit*, k8s::Quantity>> limits_at_start;  // Of the question.
  std::optional<Fingerprints> fingerprints;                           // Made when somebody asks.
  // The question under way.
  std::vector<world::NodeId> removed;
  std::vector<world::PodId> moved;
  Solver::Question asked;
};

void WhatIf::Stage::ask(const Question& question) {
  removed.assign(question.removed.begin(), question.removed.end());
  moved.assign(question.moved.begin(), question.moved.end());
  asked = {.queue = {},
           .absent = {},
           .keeps_settling = question.keeps_settling,
           .relaxes_for_nodes = question.relaxes_for_nodes,
           .first_template = question.first_template};
  begin();
  answer();
}

void WhatIf::Stage::answer() {
  asked.queue = merged(waiting, order.sorted(moved));
  solver.ask(asked, class_of_pod);
}

bool WhatIf::Stage::repack() {
  if (solver.claims().empty() || !all_convert(base, solver.claims())) {
    return false;
  }
  const std::vector<k8s::Quantity> left = base.budgets_left();
  for (const auto& [limit, remaining] : limits_at_start) {
    limit->remaining = remaining;
  }
  const PackWish wish = pack_claims({.base = base,
                                     .topology = topology,
                                     .classes = classes,
                                     .class_of_pod = class_of_pod,
                                     .solver = solver});
  if (!wish.is_cheaper) {
    base.set_budgets_left(left);
    return false;
  }
  asked.queue.clear();
  std::ranges::transform(solver.failures(), std::back_inserter(asked.queue), &Solver::Failure::pod);
  const std::size_t failures = asked.queue.size();
  begin();
  if (solver.ask(asked, wish.placements, wish.openings, class_of_pod) &&
      solver.failures().size() <= failures &&
      total_price(base, solver.claims()) < wish.classic_price - kLeastGain &&
      all_convert(base, solver.claims())) {
    return true;
  }
  begin();
  answer();
  return false;
}

// The round without the machines and their pods.
void WhatIf::Stage::begin() {
  forget();
  asked.absent.clear();
  for (const auto& row : problem.snapshot.pools) {
    if (!row->pool->limits.empty()) {
      for (PoolLimit& limit : base.budget(row->pool->meta.name).limits) {
        limits_before.emplace_back(&limit, limit.remaining);
      }
    }
  }
  if (topology.size() > 0) {
    std::ranges::for_each(moved, [&](world::PodId pod) { uncount(pod); });
  }
  for (const world::NodeId node : removed) {
    if (position_of_node[node] != kNoNode) {
      asked.absent.push_back(position_of_node[node]);
      take_away(position_of_node[node]);
    }
  }
  limits_at_start.clear();
  for (const auto& [limit, remaining] : limits_before) {
    limits_at_start.emplace_back(limit, limit->remaining);
  }
}

// It is in no domain any more.
void WhatIf::Stage::uncount(world::PodId pod) {
  const PodClass& pod_class = classes.classes()[class_of_pod[pod]];
  std::span<const GroupId> counted;
  if (problem.snapshot.pods[pod].traits.is_active) {
    counted = pod_class.counted_by;
  }
  topology.unrecord(
      nodes.nodes()[position_of_node[node_of_pod[pod]]].place, counted, pod_class.owned_inverse);
}

// Its domains, and what it uses of its pool's limits.
void WhatIf::Stage::take_away(std::size_t position) {
  domains.remove(position);
  const KnownNode& known = base.nodes().node(nodes.nodes()[position].id);
  if (limits_before.empty() || known.pool.empty()) {
    return;
  }
  for (PoolLimit& limit : base.budget(std::string(known.pool)).limits) {
    limit.remaining +=
        limit.resource == "nodes" ? k8s::Quantity::units(1) : known.capacity.get(limit.resource);
  }
}

void WhatIf::Stage::forget() {
  solver.forget();
  topology.forget();
  domains.forget();
  for (const auto& [limit, remaining] : limits_before) {
    limit->remaining = remaining;
  }
  limits_before.clear();
}

WhatIf::WhatIf(const world::Snapshot& snapshot, const Options& options, PlanMemory& memory)
    : snapshot_(snapshot),
      options_(simulation(options)),
      memory_(memory),
      background_(find_candidates(snapshot, options).pods),
      is_background_(snapshot.pods.end_id()),
      is_leaving_(snapshot.pods.end_id()),
      is_held_(snapshot.pods.end_id()),
      is_settled_(snapshot.pods.end_id()) {
  for (const world::PodId pod : background_) {
    is_background_[pod] = true;
  }
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.is_deleting()) {
      for (const world::PodId pod : row.pods) {
        is_leaving_[pod] = true;
        note_held(pod);
      }
    }
  });
  std::ranges::sort(background_);
  stage_ = make_stage({}, {}, movable_pods());
  if (!background_.empty()) {
    find_settled();
  }
}

// A pod that objects and so holds up its machine, which goes: it has to move in the end.
void WhatIf::note_held(world::PodId pod) {
  if (!is_background_[pod] && world::is_reschedulable(*snapshot_.pods[pod].pod)) {
    background_.push_back(pod);
    is_background_[pod] = true;
    is_held_[pod] = true;
  }
}

// Where those go who look for a place anyway, while everybody else stays.
void WhatIf::find_settled() {
  stage_->ask({});
  for (const ExistingPlacement& placement : placements()) {
    for (const world::PodId pod : placement.pods) {
      is_settled_[pod] = is_background_[pod];
    }
  }
}

WhatIf::~WhatIf() = default;

PlanBase& WhatIf::base() {
  return stage_->base;
}

const std::vector<OpenClaim>& WhatIf::claims() const {
  return stage_->solver.claims();
}

std::vector<world::PodId> WhatIf::movable_pods() const {
  std::vector<world::PodId> pods;
  snapshot_.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (!row.is_managed() || row.is_deleting()) {
      return;
    }
    std::ranges::copy_if(row.pods, std::back_inserter(pods), [&](world::PodId pod) {
      return snapshot_.pods[pod].traits.is_reschedulable;
    });
  });
  return pods;
}

std::unique_ptr<WhatIf::Stage> WhatIf::make_stage(std::span<const world::NodeId> removed,
                                                  std::span<const world::PodId> moved,
                                                  std::span<const world::PodId> movable) {
  std::vector<world::PodId> in_round = joined(background_, moved);
  return std::make_unique<Stage>(snapshot_,
                                 options_,
                                 memory_,
                                 Stage::Parts{.pods = joined(in_round, movable),
                                              .in_round = in_round,
                                              .removed = {removed.begin(), removed.end()}});
}

void WhatIf::ask(const Question& question) {
  ++questions_;
  if (stage_->base.devices() == nullptr) {
    stage_->ask(question);
    return;
  }
  stage_.reset();
  stage_ = make_stage(question.removed, question.moved, {});
  stage_->ask({.removed = {},
               .moved = {},
               .keeps_settling = question.keeps_settling,
               .relaxes_for_nodes = question.relaxes_for_nodes,
               .first_template = question.first_template});
}

std::optional<std::uint64_t> WhatIf::fingerprint(const Question& question) {
  Stage& stage = *stage_;
  if (stage.base.devices() != nullptr) {
    return std::nullopt;
  }
  stage.forget();
  if (!stage.fingerprints) {
    const auto role = [this](world::PodId pod) {
      return std::uint64_t{is_leaving_[pod]} | std::uint64_t{is_held_[pod]} << 1 |
             std::uint64_t{is_settled_[pod]} << 2;
    };
    stage.fingerprints.emplace(Fingerprints::Round{.base = stage.base,
                                                   .classes = stage.classes,
                                                   .class_of_pod = stage.class_of_pod,
                                                   .nodes = stage.nodes.nodes(),
                                                   .solver = stage.solver},
                               background_,
                               role);
  }
  std::vector<std::size_t> positions;
  for (const world::NodeId node : question.removed) {
    if (stage.position_of_node[node] != kNoNode) {
      positions.push_back(stage.position_of_node[node]);
    }
  }
  return stage.fingerprints->of(positions, question.moved, question.keeps_settling);
}

bool WhatIf::repack() {
  return stage_->base.devices() == nullptr && stage_->repack();
}

std::vector<ExistingPlacement> WhatIf::placements() const {
  std::vector<ExistingPlacement> out;
  for (const std::size_t position : stage_->solver.changed_nodes()) {
    const ExistingNode& node = stage_->nodes.nodes()[position];
    out.push_back({.node = node.id, .pods = node.pods});
  }
  return out;
}

std::vector<WhatIf::Stranded> WhatIf::stranded(std::size_t explained) {
  std::vector<Stranded> out;
  std::map<std::size_t, std::string> texts;  // By class.
  Solver& solver = stage_->solver;
  for (const Solver::Failure& failure : solver.failures()) {
    const bool may_wait =
        !is_leaving_[failure.pod] || (is_held_[failure.pod] && !is_settled_[failure.pod]);
    if (is_background_[failure.pod] && may_wait) {
      continue;
    }
    Stranded& one = out.emplace_back();
    one.pod = failure.pod;
    if (out.size() <= explained) {
      const auto [it, is_new] = texts.try_emplace(failure.pod_class);
      if (is_new) {
        it->second = solver.failure_text(failure.pod_class, solver.obstructions(failure.pod_class));
      }
      one.reason = it->second;
    }
  }
  for (const std::size_t position : solver.changed_nodes()) {
    const ExistingNode& node = stage_->nodes.nodes()[position];
    if (node.row->is_initialized()) {
      continue;
    }
    for (const world::PodId pod : node.pods) {
      if (!is_background_[pod]) {  // DIS-85: pods of going machines may.
        out.push_back({.pod = pod, .reason = uninitialized_text(*node.row)});
      }
    }
  }
  return out;
}

bool WhatIf::is_wanted_by_moved(const OpenClaim& claim) const {
  return std::ranges::any_of(
      claim.pods, [&](world::PodId pod) { return !is_background_[pod] || is_settled_[pod]; });
}

base::Result<PlannedClaim> WhatIf::planned(const OpenClaim& claim) {
  PlannedClaim out;
  ClaimForms forms(stage_->base);
  out.form = TRY(forms.form_of(claim));
  out.pods = claim.pods;
  for (const world::PodId pod : claim.pods) {
    out.requests.add(snapshot_.pods[pod].shape->requests);
  }
  out.requests.add(out.form->overhead);
  return out;
}

}  // namespace plan
