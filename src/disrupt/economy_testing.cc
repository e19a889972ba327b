#include "disrupt/economy_testing.h"

#include "base/text.h"
#include "disrupt/extended.h"
#include "disrupt/methods.h"
#include "plan/provisionable.h"
#include "world/world_testing.h"

namespace disrupt::testing {

namespace {

constexpr int kMostPasses = 400;

class Settling {
 public:
  Settling(Crowd& crowd, bool is_extended) : crowd_(crowd) {
    settings_.plan.schema = crowd.schema();
    settings_.extended = is_extended;
  }

  Economy run() {
    economy_.price_before = price();
    while (economy_.passes < kMostPasses && pass()) {
      ++economy_.passes;
    }
    economy_.price = price();
    return economy_;
  }

 private:
  // Long after anything happened to its pods: what pays in the long run is done.
  world::SnapshotPtr later() {
    return crowd_.world().snapshot(world::testing::kNow + 2 * k8s::kDay);
  }

  double price() {
    const world::SnapshotPtr snapshot = later();
    double sum = 0;
    snapshot->nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
      sum += price_of(row.machine_labels(), *snapshot->pools[0]->catalogue);
    });
    return sum;
  }

  bool pass() {
    const world::SnapshotPtr snapshot = later();
    plan::PlanMemory memory;
    Pass pass(*snapshot, settings_, memory);
    for (const Method method : methods_of(settings_)) {
      const Findings findings = find(method, pass);
      if (!findings.commands.empty()) {
        for (const Command& command : findings.commands) {
          carry_out(*snapshot, command);
        }
        place_again();
        return true;
      }
    }
    return false;
  }

  void launch(const plan::PlannedClaim& planned) {
    const std::string name = base::concat("new-", ++economy_.launches);
    crowd_.add_machine(name, planned.cheapest().instance_type, planned.cheapest().zone);
    for (const world::PodId pod : planned.pods) {
      bind(pod, name);
    }
  }

  void bind(world::PodId id, const std::string& node) {
    k8s::Pod pod = *later()->pods[id].pod;
    pod.spec.node_name = node;
    pod.status.phase = node.empty() ? "Pending" : "Running";
    pod.status.conditions.clear();
    if (node.empty()) {
      pod.status.conditions.push_back(
          {.type = "PodScheduled", .status = "False", .reason = "Unschedulable"});
    }
    world::testing::put(crowd_.world(), pod);
  }

  // New machines get their pods at once; the others look for a place.
  void carry_out(const world::Snapshot& before, const Command& command) {
    for (const Candidate& candidate : command.candidates) {
      economy_.evictions += candidate.reschedulable.size();
      for (const world::PodId pod : candidate.reschedulable) {
        bind(pod, "");
      }
      world::testing::remove(crowd_.world(), *before.nodes[candidate.node].claim);
      world::testing::remove(crowd_.world(), *before.nodes[candidate.node].node);
    }
    for (const plan::PlannedClaim& planned : command.replacements) {
      launch(planned);
    }
  }

  void place_again() {
    const world::SnapshotPtr snapshot = later();
    const plan::Candidates pending = plan::find_candidates(*snapshot, settings_.plan);
    const plan::Plan plan = plan::compute_plan(
        {.snapshot = *snapshot, .pods = pending.pods, .options = settings_.plan});
    for (const plan::ExistingPlacement& placement : plan.existing) {
      for (const world::PodId pod : placement.pods) {
        bind(pod, snapshot->nodes[placement.node].name());
      }
    }
    for (const plan::PlannedClaim& planned : plan.claims) {
      launch(planned);
    }
    economy_.homeless += plan.unplaced.size();
  }

  Crowd& crowd_;
  Settings settings_;
  Economy economy_;
};

}  // namespace

Economy settle(Crowd& crowd, bool is_extended) {
  return Settling(crowd, is_extended).run();
}

}  // namespace disrupt::testing
