#include "control/disruption_queue.h"

#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "control/command_text.h"
#include "control/decision_metrics.h"
#include "control/disruption_metrics.h"
#include "k8s/codec.h"
#include "k8s/conditions.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

constexpr std::string_view kQueue = "disruption.queue";
constexpr k8s::DurationNs kRetry = 1 * k8s::kSecond;
constexpr int kMostCreations = 3;

act::Effect disruption_event(const k8s::Object& object,
                             std::string_view reason,
                             std::string message,
                             std::string_view dedupe = {}) {
  std::vector<std::string> key{object.meta.uid};
  if (!dedupe.empty()) {
    key.emplace_back(dedupe);
  }
  return event(kQueue,
               object,
               {.type = "Normal", .reason = reason, .message = std::move(message)},
               std::move(key));
}

// DIS-144, DIS-152: the claim as planned, under a name that we choose, so that a repeated create is
// recognised as the same.
act::Effect create_effect(const disrupt::Command& command,
                          const plan::PlannedClaim& planned,
                          const std::string& name) {
  k8s::NodeClaim claim = planned.claim();
  claim.meta.name = name;
  claim.meta.generate_name.clear();
  k8s::WriteRequest request{};
  request.verb = k8s::Verb::kCreate;
  request.key.kind = k8s::Kind::kNodeClaim;
  request.key.name = name;
  request.body = k8s::encode_object(claim);
  return {act::WriteObject{std::move(request)},
          std::string(kQueue),
          {replacement_created(command, claim)}};
}

}  // namespace

Controller DisruptionQueue::controller() {
  Controller controller;
  controller.name = std::string(kQueue);
  controller.is_repeatable = false;
  controller.reconcile = [this](const View& view, const std::string& id) {
    return reconcile(view, id);
  };
  controller.keys = [this](const k8s::ObjectEvent& event, const world::World&, auto& keys) {
    const std::string& name = event.object->meta.name;
    for (const auto& [id, execution] : commands_) {
      const bool concerns_it =
          event.kind == k8s::Kind::kNode
              ? std::ranges::any_of(execution.command.candidates,
                                    [&](const auto& one) { return one.node_name() == name; })
              : event.kind == k8s::Kind::kNodeClaim &&
                    (std::ranges::any_of(
                         execution.command.candidates,
                         [&](const auto& one) { return one.claim_name() == name; }) ||
                     std::ranges::any_of(execution.replacements,
                                         [&](const auto& one) { return one.name == name; }));
      if (concerns_it) {
        keys.push_back(id);
      }
    }
  };
  return controller;
}

disrupt::ClaimNames DisruptionQueue::held() const {
  disrupt::ClaimNames claims;
  for (const auto& [id, execution] : commands_) {
    for (const disrupt::Candidate& candidate : execution.command.candidates) {
      claims.insert(candidate.claim_name());
    }
  }
  return claims;
}

bool DisruptionQueue::is_settled() const {
  return std::ranges::all_of(commands_,
                             [](const auto& one) { return one.second.stage >= Stage::kAwait; });
}

// DIS-150
std::vector<std::string> DisruptionQueue::start(disrupt::Command command,
                                                k8s::TimeNs now,
                                                Step& step) {
  const std::string id = runtime::make_uuid(rng_);
  runtime::LogFields fields = fields_of(command);
  fields.insert(fields.begin(), {"command", describe(command, id)});
  log_.info("disrupting node(s)", std::move(fields));
  count_decision(command, step.metrics);
  if (on_start) {
    on_start(command);
  }
  Execution execution{.command = std::move(command), .created = now, .replacements = {}};
  std::vector<std::string> names;
  for (const plan::PlannedClaim& planned : execution.command.replacements) {
    names.push_back(base::concat(planned.pool()->meta.name, "-", runtime::make_name_suffix(rng_)));
    execution.replacements.push_back({.name = names.back()});
  }
  commands_.emplace(id, std::move(execution));
  note_pending();
  step.enqueue.emplace_back(kQueue, id);
  return names;
}

void DisruptionQueue::note_pending() {
  memory_.pending_disruption.clear();
  memory_.reserved.clear();
  for (const auto& [id, execution] : commands_) {
    if (execution.command.method != disrupt::Method::kStaticDrift ||
        execution.stage >= Stage::kAwait) {
      continue;
    }
    for (const disrupt::Candidate& candidate : execution.command.candidates) {
      memory_.pending_disruption.insert(candidate.claim_name());
    }
    for (std::size_t i = 0; i < execution.replacements.size(); ++i) {
      memory_.reserved.emplace(execution.replacements[i].name,
                               execution.command.replacements[i].pool()->meta.name);
    }
  }
}

// DIS-156
k8s::DurationNs DisruptionQueue::timeout() const {
  std::int64_t candidates = 0;
  for (const auto& [id, execution] : commands_) {
    candidates += static_cast<std::int64_t>(execution.command.candidates.size());
  }
  return std::clamp<k8s::DurationNs>(
      candidates * 80 * k8s::kMillisecond, 10 * k8s::kMinute, k8s::kHour);
}

Step DisruptionQueue::reconcile(const View& view, const std::string& id) {
  Step step;
  const auto found = commands_.find(id);
  if (found == commands_.end()) {
    return step;
  }
  Execution& execution = found->second;
  while (true) {
    if (const std::string why = failure(view, execution); !why.empty()) {
      give_up(view, id, why, step);
      return step;
    }
    if (!advance(view, execution, step)) {
      step.wake(view.now + kRetry);
      return step;
    }
    if (execution.stage == Stage::kDelete) {
      log_.debug("command succeeded", {{"command-id", id}});
      pauses_.succeeded(execution.command);
      commands_.erase(found);
      return step;
    }
    execution.stage = static_cast<Stage>(static_cast<int>(execution.stage) + 1);
    note_pending();
    if (is_settled()) {
      step.enqueue.emplace_back("disruption", "");  // It waits for that.
    }
  }
}

bool DisruptionQueue::advance(const View& view, Execution& execution, Step& step) {
  switch (execution.stage) {
    case Stage::kMark:
      return mark(view, execution, step);
    case Stage::kCreate:
      return create(view, execution, step);
    case Stage::kAwait:
      return await(view, execution, step);
    case Stage::kDelete:
      return remove(view, execution, step);
  }
  return false;
}

// DIS-151: taint, then condition; each is seen before the next is written.
bool DisruptionQueue::mark(const View& view, Execution& execution, Step& step) const {
  const std::string reason(execution.command.reason());
  bool is_done = true;
  for (const disrupt::Candidate& candidate : execution.command.candidates) {
    const auto id = view.world.find_claim(candidate.claim_name());
    if (!id || view.snapshot.nodes[*id].claim->meta.is_deleting()) {
      continue;  // It goes by itself.
    }
    const world::NodeRow& row = view.snapshot.nodes[*id];
    if (row.node != nullptr && !world::is_disrupted(*row.node)) {
      k8s::Node next = *row.node;
      next.taints.push_back(world::disrupted_taint());
      is_done &= !write_main(step, kQueue, *row.node, next, Lock::kYes);
    } else if (!k8s::is_true(row.claim->status.conditions, "DisruptionReason")) {
      std::vector<k8s::Condition> next = row.claim->status.conditions;
      k8s::Condition condition;
      condition.type = "DisruptionReason";
      condition.status = k8s::kTrue;
      condition.reason = reason;
      condition.message = reason;
      k8s::ConditionSet(next, k8s::Kind::kNodeClaim, row.claim->meta)
          .set(std::move(condition), view.now);
      is_done &= !write_conditions(step, kQueue, *row.claim, std::move(next), Lock::kYes);
    }
  }
  return is_done;
}

// DIS-152, DIS-153: replacements first; only then do the candidates count as going, so that nobody
// plans for their pods twice.
bool DisruptionQueue::create(const View& view, Execution& execution, Step& step) {
  bool is_done = true;
  for (std::size_t i = 0; i < execution.replacements.size(); ++i) {
    Replacement& replacement = execution.replacements[i];
    if (view.world.find_claim(replacement.name)) {
      replacement.is_seen = true;
      continue;
    }
    is_done = false;
    if (world_.has_intent(world::IntentKind::kCreatedClaim, replacement.name)) {
      continue;  // Written; the echo is on its way.
    }
    step.intents.push_back({.kind = world::IntentKind::kCreatedClaim,
                            .claim = replacement.name,
                            .until = view.now + world::kEchoTimeout});
    step.effects.push_back(
        create_effect(execution.command, execution.command.replacements[i], replacement.name));
  }
  if (!is_done) {
    execution.attempts += step.effects.empty() ? 0 : 1;
    return false;
  }
  settle(view, execution, step);
  return true;
}

// The candidates are going, and machines that stay expect their pods.
void DisruptionQueue::settle(const View& view, const Execution& execution, Step& step) const {
  for (const disrupt::Candidate& candidate : execution.command.candidates) {
    if (view.world.find_claim(candidate.claim_name())) {
      step.intents.push_back(
          {.kind = world::IntentKind::kDeletion, .claim = candidate.claim_name(), .until = 0});
    }
  }
  for (const std::string& claim : execution.command.destinations) {
    if (view.world.find_claim(claim)) {
      step.intents.push_back({.kind = world::IntentKind::kNomination,
                              .claim = claim,
                              .until = view.now + view.config.nomination_window()});
    }
  }
}

// DIS-154
bool DisruptionQueue::await(const View& view, Execution& execution, Step& step) const {
  bool is_done = true;
  for (Replacement& replacement : execution.replacements) {
    const auto id = view.world.find_claim(replacement.name);
    if (replacement.is_initialized || !id) {
      continue;
    }
    const k8s::NodeClaim& claim = *view.snapshot.nodes[*id].claim;
    replacement.is_initialized = k8s::is_true(claim.status.conditions, "Initialized");
    if (!replacement.is_initialized) {
      is_done = false;
      step.effects.push_back(
          disruption_event(claim,
                           "DisruptionLaunching",
                           base::concat("Launching NodeClaim: ", execution.command.reason()),
                           execution.command.reason()));
      step.effects.push_back(disruption_event(
          claim, "DisruptionWaitingReadiness", "Waiting on readiness to continue disruption"));
    }
  }
  return is_done;
}

// DIS-155
bool DisruptionQueue::remove(const View& view, Execution& execution, Step& step) const {
  const std::string_view reason = execution.command.reason();
  bool is_done = true;
  for (const disrupt::Candidate& candidate : execution.command.candidates) {
    const auto id = view.world.find_claim(candidate.claim_name());
    if (!id || view.snapshot.nodes[*id].claim->meta.is_deleting()) {
      continue;
    }
    is_done = false;
    const world::NodeRow& row = view.snapshot.nodes[*id];
    if (row.node != nullptr) {
      step.effects.push_back(disruption_event(
          *row.node, "DisruptionTerminating", base::concat("Disrupting Node: ", reason), reason));
    }
    step.effects.push_back(disruption_event(*row.claim,
                                            "DisruptionTerminating",
                                            base::concat("Disrupting NodeClaim: ", reason),
                                            reason));
    delete_object(step, kQueue, *row.claim);
    const bool is_consolidation = !disrupt::consolidation_type_of(execution.command.method).empty();
    count_disruption(
        step.effects.back(),
        *row.claim,
        {.reason = base::to_lower(reason),
         .policy = is_consolidation ? candidate.pool->pool->disruption.consolidation_policy : "",
         .pods = candidate.reschedulable.size()});
  }
  return is_done;
}

std::string DisruptionQueue::failure(const View& view, const Execution& execution) const {
  if (execution.stage == Stage::kDelete) {
    return "";  // DIS-156, improved: what is being deleted is not taken back.
  }
  if (view.now - execution.created > timeout()) {
    return "command reached timeout";
  }
  for (const Replacement& replacement : execution.replacements) {
    if (replacement.is_seen && !replacement.is_initialized &&
        !view.world.find_claim(replacement.name)) {
      return "replacement was deleted";
    }
  }
  if (execution.stage == Stage::kCreate) {
    if (execution.attempts >= kMostCreations) {
      return "launching replacement nodeclaim";
    }
    for (const plan::PlannedClaim& planned : execution.command.replacements) {
      if (execution.attempts == 0 &&
          world::is_over_limits(view.snapshot, planned.pool()->meta.name)) {
        return "launching replacement nodeclaim, resource usage exceeds limit";
      }
    }
  }
  return "";
}

// DIS-157
void DisruptionQueue::give_up(const View& view,
                              const std::string& id,
                              const std::string& why,
                              Step& step) {
  const auto found = commands_.find(id);
  log_.error("failed terminating nodes while executing command, rolling back",
             {{"command", describe(found->second.command, id)}, {"error", why}});
  count_failure(found->second.command,
                static_cast<std::size_t>(std::ranges::count(
                    found->second.replacements, false, &Replacement::is_initialized)),
                step.metrics);
  pauses_.failed(found->second.command, view.now);
  for (const disrupt::Candidate& candidate : found->second.command.candidates) {
    world_.drop_intent(world::IntentKind::kDeletion, candidate.claim_name());
  }
  commands_.erase(found);
  note_pending();
  step.enqueue.emplace_back("disruption", "");
}

}  // namespace control
