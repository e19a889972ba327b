#include "sim/harness/disruption_checks.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/time.h"

namespace sim {
namespace {

constexpr k8s::Kind kWatched[] = {k8s::Kind::kPod,
                                  k8s::Kind::kNode,
                                  k8s::Kind::kNodeClaim,
                                  k8s::Kind::kNodePool,
                                  k8s::Kind::kPodDisruptionBudget};

// The machines of the controller's picture.
std::vector<SeenMachine> machines_of(const world::Snapshot& picture) {
  std::vector<SeenMachine> machines;
  picture.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.claim == nullptr) {
      return;
    }
    SeenMachine machine{.claim = row.claim, .node = row.node, .pods = {}};
    for (const world::PodId pod : row.pods) {
      machine.pods.push_back(picture.pods[pod].pod);
    }
    machines.push_back(std::move(machine));
  });
  return machines;
}

void keep_least(k8s::Resources& least, const k8s::Resources& other) {
  for (const auto& [name, quantity] : k8s::Resources(least)) {
    least.set(name, std::min(quantity, other.get(name)));
  }
}

}  // namespace

DisruptionChecks::DisruptionChecks(Sandbox& sandbox, const Options& options, Observer observer)
    : sandbox_(sandbox),
      clock_(options.clock),
      lag_(options.lag),
      observer_(observer),
      budgets_(sandbox.store(), options.lag, observer),
      guards_(sandbox.store(), options.lag, observer),
      marks_(sandbox.store(), observer) {
  for (const k8s::Kind kind : kWatched) {
    listeners_.push_back(
        sandbox_.store().listen(api::type_of(kind), [this, kind](const api::Change& change) {
          guards_.on_change(change, now());
          if (kind != k8s::Kind::kPod && kind != k8s::Kind::kPodDisruptionBudget) {
            look();
          }
        }));
  }
}

DisruptionChecks::~DisruptionChecks() {
  for (const api::Store::ListenerId listener : listeners_) {
    sandbox_.store().unlisten(listener);
  }
}

k8s::TimeNs DisruptionChecks::now() const {
  return base::to_unix_ns(clock_.wall());
}

Decision DisruptionChecks::decision_of(const disrupt::Command& command) const {
  Decision decision{.method = std::string(disrupt::name_of(command.method)),
                    .reason = std::string(command.reason()),
                    .claims = {}};
  for (const disrupt::Candidate& candidate : command.candidates) {
    decision.claims.push_back(candidate.claim_name());
  }
  for (const plan::PlannedClaim& planned : command.replacements) {
    const k8s::NodeClaim claim = planned.claim();
    NewMachine machine{.labels = claim.meta.labels, .taints = claim.spec.taints, .allocatable = {}};
    bool is_first = true;
    for (const std::string& name : planned.instance_types()) {
      const k8s::Resources one = sandbox_.catalogue()->find(name)->allocatable();
      if (is_first) {
        machine.allocatable = one;
      } else {
        keep_least(machine.allocatable, one);
      }
      is_first = false;
    }
    decision.replacements.push_back(std::move(machine));
  }
  return decision;
}

void DisruptionChecks::on_command(const disrupt::Command& command, const world::Snapshot& picture) {
  const Decision decision = decision_of(command);
  observer_.met(base::concat("decided: ", decision.method, ", ", command.decision()));
  if (decision.claims.size() > 1) {
    observer_.met("decided: several nodes");
  }
  check_picture(picture);
  guards_.on_decision(decision, now());
  check_room(decision, picture);
  budgets_.on_decision(decision, now());
  marks_.on_decision(decision, now());
}

// DIS-2. What the API has held for a while is known, whatever the picture says of itself.
void DisruptionChecks::check_picture(const world::Snapshot& picture) {
  std::set<std::string> known;
  picture.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    for (const k8s::Object* object : {static_cast<const k8s::Object*>(row.node.get()),
                                      static_cast<const k8s::Object*>(row.claim.get())}) {
      if (object != nullptr) {
        known.insert(object->meta.uid);
      }
    }
  });
  picture.pods.for_each(
      [&](world::PodId, const world::PodRow& row) { known.insert(row.pod->meta.uid); });
  bool is_complete = picture.is_synced;
  for (const k8s::Kind kind : {k8s::Kind::kNode, k8s::Kind::kNodeClaim, k8s::Kind::kPod}) {
    for (const auto& object : all_of<k8s::Object>(sandbox_.store(), kind)) {
      is_complete &= known.contains(object->meta.uid) || object->meta.is_deleting() ||
                     now() - object->meta.creation_time <= lag_ + k8s::kSecond;
    }
  }
  if (!is_complete) {
    observer_.problem("a disruption was decided on a picture that is not complete");
  }
}

// Every pod that has to move has room, whoever else is moving. Where news come late, in the
// controller's picture; else in the API's.
void DisruptionChecks::check_room(const Decision& decision, const world::Snapshot& picture) {
  const std::vector<SeenMachine> machines =
      lag_ > 2 * k8s::kSecond ? machines_of(picture) : sim::machines_of(sandbox_.store());
  RoomQuestion question = room_question(decision, machines, marks_.going());
  if (ordered_at_ != now()) {
    ordered_.clear();
    ordered_at_ = now();
  }
  for (const NewMachine& machine : ordered_) {
    question.places.push_back(place_of(machine, false));
  }
  ordered_.insert(ordered_.end(), decision.replacements.begin(), decision.replacements.end());
  switch (find_room(question.movers, question.places)) {
    case Room::kEnough:
      observer_.met(question.movers.empty() ? "room: nobody moves" : "room: found");
      return;
    case Room::kUnknown:
      observer_.met("room: search given up");
      return;
    case Room::kNone:
      observer_.problem(base::concat("pods of nodeclaim ",
                                     decision.claims.front(),
                                     " have nowhere to go (",
                                     decision.method,
                                     ")",
                                     question.text()));
  }
}

void DisruptionChecks::on_arrival(const k8s::WriteRequest& request) {
  guards_.on_arrival(request, now());
  marks_.on_arrival(request, now());
}

void DisruptionChecks::on_restart() {
  budgets_.on_restart();
  marks_.on_restart(now());
}

void DisruptionChecks::look() {
  const std::vector<SeenMachine> machines = machines_without_pods(sandbox_.store());
  budgets_.look(machines, now());
  marks_.look(machines, now());
}

std::vector<std::string> DisruptionChecks::left_taints() const {
  std::vector<std::string> found;
  for (const SeenMachine& machine : sim::machines_of(sandbox_.store())) {
    if (machine.has_disrupted_taint()) {
      found.push_back("node " + machine.node->meta.name +
                      " still carries the taint of a disruption");
    }
  }
  return found;
}

}  // namespace sim
