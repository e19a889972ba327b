#include "plan/solver.h"

#include <algorithm>

#include "base/text.h"
#include "plan/queue_order.h"
#include "plan/settling.h"

namespace plan {

Solver::Solver(PlanBase& base, Topology& topology, PodClasses& classes, ExistingNodes& nodes)
    : base_(base),
      topology_(topology),
      classes_(classes),
      nodes_(nodes.nodes()),
      room_(nodes_),
      states_(2 * classes.classes().size()),
      attach_limits_(base.snapshot()),
      host_masks_(topology) {
  find_settling();
  for (const ExistingNode& node : nodes_) {
    node_sets_.push_back(node.place.set);
  }
  if (base.options().reserved_capacity) {
    for (const Template& tmpl : base.templates()) {
      reservations_.add(*tmpl.columns);
    }
  }
  all_reservations_ = reservations_;
}

// SCH-148: pods that pend, or must leave anyway, may go anywhere.
void Solver::find_settling() {
  if (!base_.options().enforce_consolidate_after) {
    return;
  }
  const world::Snapshot& snapshot = base_.snapshot();
  settling_ = base::Bitset(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (is_settling(snapshot, *nodes_[i].row)) {
      settling_.set(i);
    }
  }
  may_use_settling_.resize(snapshot.pods.end_id());
  snapshot.pods.for_each([&](world::PodId id, const world::PodRow& row) {
    may_use_settling_[id] = row.traits.is_pending;
  });
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.is_deleting()) {
      for (const world::PodId id : row.pods) {
        may_use_settling_[id] = true;
      }
    }
  });
}

void Solver::solve(const std::vector<world::PodId>& pods,
                   const std::vector<std::uint32_t>& class_of_pod) {
  const QueueOrder order(base_.snapshot(), classes_, class_of_pod);
  place_all(pods_of(order.sorted(pods)), class_of_pod);
}

void Solver::ask(const Question& question, const std::vector<std::uint32_t>& class_of_pod) {
  set_terms(question);
  place_all(question.queue, class_of_pod);
}

bool Solver::ask(const Question& question,
                 std::span<const Placement> wanted,
                 std::span<const Opening> openings,
                 const std::vector<std::uint32_t>& class_of_pod) {
  set_terms(question);
  if (!follow(wanted, openings, class_of_pod)) {
    return false;
  }
  place_all(question.queue, class_of_pod);
  return true;
}

void Solver::set_terms(const Question& question) {
  keeps_settling_ = question.keeps_settling;
  relaxes_for_nodes_ = question.relaxes_for_nodes;
  first_template_ = question.first_template;
  absent_ = base::Bitset(nodes_.size());
  for (const std::size_t node : question.absent) {
    absent_.set(node);
  }
}

void Solver::forget() {
  for (Before& before : before_) {
    ExistingNode& node = nodes_[before.node];
    node.remaining = std::move(before.remaining);
    node.ports.resize(before.ports);
    node.volumes = std::move(before.volumes);
    node.pods.clear();
  }
  before_.clear();
  for (const std::size_t asked : asked_) {
    ClassState& state = states_[asked];
    for (Memory& memory : state.memory) {
      memory.is_ready = false;
      memory.dead_claims.reset_all();
    }
    state.failed_at = ~0ull;
    state.is_asked = false;
  }
  asked_.clear();
  claims_.clear();
  placements_.clear();
  order_ = ClaimOrder();
  host_masks_.clear();
  failures_.clear();
  progress_ = 0;
  if (!reservations_.is_empty()) {
    reservations_ = all_reservations_;
  }
}

std::vector<std::size_t> Solver::changed_nodes() const {
  std::vector<std::size_t> changed;
  std::ranges::transform(before_, std::back_inserter(changed), &Before::node);
  std::ranges::sort(changed);
  return changed;
}

void Solver::place_all(std::vector<world::PodId> queue,
                       const std::vector<std::uint32_t>& class_of_pod) {
  std::vector<world::PodId> rest;
  placements_.reserve(placements_.size() + queue.size());
  std::uint64_t before = 0;
  do {  // SCH-139: until a whole cycle places nothing.
    before = progress_;
    failures_.clear();
    rest.clear();
    for (const world::PodId pod : queue) {
      const Verdict verdict = attempt(pod, class_of_pod[pod]);
      if (verdict == Verdict::kFits) {
        ++progress_;
        continue;
      }
      rest.push_back(pod);
      failures_.push_back({.pod = pod,
                           .pod_class = class_of_pod[pod],
                           .is_deferred = verdict == Verdict::kDeferred});
    }
    std::swap(queue, rest);
  } while (progress_ != before && !queue.empty());
}

Verdict Solver::attempt(world::PodId pod, std::size_t pod_class) {
  const PodClass& asked = classes_.classes()[pod_class];
  const bool may_use_settling =
      may_use_settling_.empty() || !keeps_settling_ || may_use_settling_[pod];
  ClassState& state = states_[2 * pod_class + (may_use_settling ? 0 : 1)];
  if (!asked.error.empty()) {
    return Verdict::kNever;
  }
  if (state.failed_at == progress_) {  // Nothing has changed since an equal pod failed.
    return state.failed_deferred ? Verdict::kDeferred : Verdict::kNotNow;
  }
  state.memory.resize(asked.variants.size());
  if (is_remembering_) {
    state.never_again.resize(asked.variants.size());
    if (!state.is_asked) {
      state.is_asked = true;
      asked_.push_back(static_cast<std::size_t>(&state - states_.data()));
    }
  }
  const auto asking_with = [&](std::size_t i) {
    return Asking{.pod_class = asked,
                  .variant = asked.variants[i],
                  .pod = pod,
                  .may_use_settling = may_use_settling,
                  .never_again = is_remembering_ ? &state.never_again[i] : nullptr};
  };
  for (std::size_t i = 0; relaxes_for_nodes_ && i < asked.variants.size(); ++i) {
    const Asking asking = asking_with(i);
    prepare(asking, state.memory[i]);
    if (place_on_node(asking, state.memory[i])) {
      placements_.back().variant = static_cast<std::uint32_t>(i);
      return Verdict::kFits;
    }
  }
  for (std::size_t i = 0; i < asked.variants.size(); ++i) {
    const Asking asking = asking_with(i);
    const Verdict verdict = attempt_variant(asking, state.memory[i]);
    if (verdict == Verdict::kFits) {
      placements_.back().variant = static_cast<std::uint32_t>(i);
      return verdict;
    }
    if (verdict == Verdict::kDeferred) {
      state.failed_at = progress_;
      state.failed_deferred = true;
      return verdict;
    }
  }
  state.failed_at = progress_;
  state.failed_deferred = false;
  return Verdict::kNotNow;
}

// The machines that may take the class, as far as is known.
void Solver::prepare(const Asking& asking, Memory& memory) {
  if (!memory.is_ready) {
    memory.live_nodes = room_.fitting(asking.pod_class.demand);
    if (!asking.may_use_settling) {
      memory.live_nodes.and_not(settling_);
    }
    if (asking.never_again != nullptr) {
      asking.never_again->resize(nodes_.size());
      memory.live_nodes.and_not(*asking.never_again).and_not(absent_);
    }
    memory.is_ready = true;
  }
}

// SCH-145.
Verdict Solver::attempt_variant(const Asking& asking, Memory& memory) {
  prepare(asking, memory);
  if (place_on_node(asking, memory) || place_on_claim(asking, memory)) {
    return Verdict::kFits;
  }
  return open_claim(asking);
}

}  // namespace plan
