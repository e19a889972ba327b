// What every pass of the disruption loop sees to besides its searches: gaps, costs, scores, and
// marks that nobody remembers.
#include <algorithm>
#include <utility>

#include "control/changes.h"
#include "control/decision_metrics.h"
#include "control/disruption.h"
#include "control/disruption_events.h"
#include "k8s/conditions.h"
#include "world/pods.h"

namespace control {

namespace {

using disrupt::Method;

constexpr k8s::DurationNs kAbnormalGap = 15 * k8s::kMinute;

}  // namespace

// DIS-11
void Disruption::watch_gap(const View& view) {
  if (last_pass_ != 0 && view.now - last_pass_ > kAbnormalGap) {
    log_.debug("abnormal time between runs",
               {{"duration", runtime::Duration(view.now - last_pass_)}});
  }
  last_pass_ = view.now;
}

// DIS-13, DIS-62: pools that nothing can be taken from. Once per pool when it has no types: a class
// may stay like that for days.
void Disruption::watch_pools(const View& view) {
  for (const std::string& error : disrupt::broken_budgets(view.snapshot)) {
    log_.error("detected disruption budget errors", {{"error", error}});
  }
  const auto before = std::exchange(untyped_, {});
  for (const auto& row : view.snapshot.pools) {
    const std::string& name = row->pool->meta.name;
    if (row->catalogue != nullptr && !row->catalogue->types.empty()) {
      continue;
    }
    untyped_.insert(name);
    if (!before.contains(name)) {
      log_.warn("skipping NodePool, no instance types are known",
                {{"NodePool", runtime::object_reference(name)}});
    }
  }
}

void Disruption::track_costs(const View& view, Step& step) {
  const std::vector<std::string> before = costs_.unpriced();
  costs_.update(view.snapshot);
  count_unpriced(before, costs_.unpriced(), step.metrics);
}

// DIS-125
void Disruption::log_scores(const disrupt::Findings& findings) const {
  for (const disrupt::Scoring& scoring : findings.scorings) {
    if (scoring.is_scored) {
      log_.debug("consolidation score",
                 {{"nodepool", scoring.pool},
                  {"score", scoring.score.value},
                  {"savings_fraction", scoring.score.savings_fraction},
                  {"disruption_fraction", scoring.score.disruption_fraction},
                  {"savings", scoring.savings},
                  {"disruption_cost", scoring.disruption},
                  {"nodepool_total_cost", scoring.totals.cost},
                  {"nodepool_total_disruption_cost", scoring.totals.disruption},
                  {"threshold", 1 / disrupt::kBalancedK},
                  {"k", disrupt::kBalancedK},
                  {"approved", scoring.is_approved},
                  {"decision", scoring.is_move_approved ? "approved" : "rejected"},
                  {"candidates", scoring.candidates}});
    }
  }
}

// DIS-9
void Disruption::measure(Method method, base::Instant since, Step& step) const {
  count_evaluation(method, executor_.clock().now() - since, step.metrics);
}

// DIS-4 to DIS-6: marks of a command that nobody remembers. True: there were some.
bool Disruption::clean_orphans(const View& view, Step& step) const {
  const auto held = queue_.held();
  const std::size_t before = step.effects.size();
  view.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.node == nullptr || row.claim == nullptr || row.is_deleting()) {
      return;
    }
    // A node that is being deleted keeps its taint: that is termination's (DIS-5).
    const bool is_tainted = world::is_disrupted(*row.node) && !row.node->meta.is_deleting();
    const bool is_condemned =
        row.is_initialized() &&
        k8s::find_condition(row.claim->status.conditions, "DisruptionReason") != nullptr;
    if ((!is_tainted && !is_condemned) || held.contains(row.claim->meta.name)) {
      return;
    }
    if (is_tainted) {
      k8s::Node next = *row.node;
      std::erase_if(next.taints, [](const k8s::Taint& taint) {
        return world::same_taint(taint, world::disrupted_taint());
      });
      write_main(step, kDisruptionCause, *row.node, next, Lock::kYes);
    }
    if (is_condemned) {
      std::vector<k8s::Condition> next = row.claim->status.conditions;
      k8s::ConditionSet(next, k8s::Kind::kNodeClaim, row.claim->meta).clear("DisruptionReason");
      write_conditions(step, kDisruptionCause, *row.claim, std::move(next), Lock::kYes);
    }
  });
  return step.effects.size() > before;
}

}  // namespace control
