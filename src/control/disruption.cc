#include "control/disruption.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "control/changes.h"
#include "control/decision_metrics.h"
#include "disrupt/picture.h"
#include "k8s/conditions.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

using disrupt::Method;

constexpr std::string_view kCause = "disruption";
constexpr k8s::DurationNs kUnsyncedRetry = 1 * k8s::kSecond;
// The queue says when it is through; this is for a command that was given up meanwhile.
constexpr k8s::DurationNs kUnsettledRetry = 1 * k8s::kSecond;

constexpr std::array kMethods{Method::kEmptiness,
                              Method::kStaticDrift,
                              Method::kDrift,
                              Method::kMultiNode,
                              Method::kSingleNode};

bool waits_for_validation(Method method) {
  return method != Method::kStaticDrift && method != Method::kDrift;
}

bool is_tainted(const k8s::Node& node) {
  return std::ranges::any_of(node.taints, [](const k8s::Taint& taint) {
    return world::same_taint(taint, world::disrupted_taint());
  });
}

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

struct Published {
  EventText text;
  std::vector<std::string> dedupe = {};  // Besides the object.
  k8s::DurationNs dedupe_for = 2 * k8s::kMinute;
};

void publish_one(const k8s::Object& object, const Published& what, Step& step) {
  std::vector<std::string> key{object.meta.uid};
  key.insert(key.end(), what.dedupe.begin(), what.dedupe.end());
  act::Effect effect = event(kCause, object, what.text, std::move(key));
  std::get<act::PublishEvent>(effect.action).dedupe_for = what.dedupe_for;
  step.effects.push_back(std::move(effect));
}

// One event on the node and one on the claim, as far as they exist.
void on_both(const world::NodeRow& row, const Published& what, Step& step) {
  if (row.node != nullptr) {
    publish_one(*row.node, what, step);
  }
  if (row.claim != nullptr) {
    publish_one(*row.claim, what, step);
  }
}

// DIS-172
std::string describe(const disrupt::Command& command, const disrupt::Candidate& candidate) {
  const std::size_t launches = command.replacements.size();
  if (command.candidates.size() > 1) {
    return base::concat(command.decision(),
                        ": [",
                        candidate.node_name(),
                        "] (part of ",
                        command.candidates.size(),
                        "-node consolidation)");
  }
  return base::concat(
      command.decision(),
      ": [",
      candidate.node_name(),
      "]",
      launches == 0 ? ""
                    : fmt::format(" -> [{} replacement{}]", launches, launches == 1 ? "" : "s"));
}

// DIS-171
std::string approval_text(const disrupt::Scoring& scoring) {
  return fmt::format(
      "score {:.2f} >= threshold {:.2f} (k: {:.0f}, savings {:.1f}%, disruption {:.1f}%)",
      scoring.score.value,
      1 / disrupt::kBalancedK,
      disrupt::kBalancedK,
      scoring.score.savings_fraction * 100,
      scoring.score.disruption_fraction * 100);
}

void publish_approvals(const world::Snapshot& snapshot,
                       const disrupt::Command& command,
                       const std::vector<disrupt::Scoring>& scorings,
                       Step& step) {
  for (const disrupt::Scoring& scoring : scorings) {
    if (!scoring.is_scored || !scoring.is_move_approved) {
      continue;
    }
    const Published what{.text = {.type = "Normal",
                                  .reason = "ConsolidationApproved",
                                  .message = approval_text(scoring)}};
    if (command.method == Method::kSingleNode) {
      on_both(*command.candidates.front().row, what, step);
    } else if (const auto pool = disrupt::find_pool(snapshot, scoring.pool)) {
      publish_one(*pool->pool, what, step);  // DIS-131
    }
  }
}

}  // namespace

disrupt::ClaimNames buffered_claims(const world::Snapshot& snapshot, const Memory& memory) {
  disrupt::ClaimNames claims = memory.buffered_claims;
  if (!memory.buffered.empty()) {
    snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
      if (row.claim != nullptr && memory.buffered.contains(row.provider_id())) {
        claims.insert(row.claim->meta.name);
      }
    });
  }
  return claims;
}

Controller Disruption::controller() {
  Controller controller;
  controller.name = std::string(kCause);
  controller.is_repeatable = false;
  controller.reconcile = [this](const View& view, const std::string&) { return pass(view); };
  controller.keys = [](const k8s::ObjectEvent&, const world::World&, auto&) {};
  return controller;
}

disrupt::Settings Disruption::settings(const View& view) const {
  return {.plan = view.config.plan,
          .spot_to_spot = view.config.spot_to_spot,
          .busy = queue_.held(),
          .buffered = buffered_claims(view.snapshot, view.memory)};
}

// DIS-2, DIS-3
Step Disruption::pass(const View& view) {
  Step step;
  if (!view.snapshot.is_synced) {
    step.wake(view.now + kUnsyncedRetry);
    return step;
  }
  clean_orphans(view, step);
  if (!queue_.is_settled()) {
    step.wake(view.now + kUnsettledRetry);
    return step;
  }
  if (waiting_ && view.now < waiting_->valid_at) {
    step.wake(waiting_->valid_at);
    return step;
  }
  const disrupt::Settings now = settings(view);
  if (!waiting_ && is_still_quiet(view, now)) {
    step.wake(view.now + view.config.disruption_period);
    return step;
  }
  disrupt::Pass pass(view.snapshot, now, memory_);
  ask_all(view, pass, step);
  probes_ += pass.probes();
  return step;
}

void Disruption::ask_all(const View& view, disrupt::Pass& pass, Step& step) {
  std::size_t method = 0;
  const bool was_waiting = waiting_.has_value();
  if (waiting_ && resume(view, pass, method, step)) {
    return;
  }
  for (; method < kMethods.size(); ++method) {
    if (ask(view, kMethods[method], pass, step)) {
      return;
    }
  }
  if (!was_waiting) {  // What a failed validation left behind is looked at again.
    quiet_ = {.seen = world_.snapshot(view.now),
              .held = pass.settings().busy,
              .buffered = pass.settings().buffered,
              .until = disrupt::next_change(view.snapshot)};
  }
  step.wake(view.now + view.config.disruption_period);
}

bool Disruption::is_still_quiet(const View& view, const disrupt::Settings& now) {
  if (!quiet_ || view.now >= quiet_->until || quiet_->held != now.busy ||
      quiet_->buffered != now.buffered || !disrupt::is_same_picture(*quiet_->seen, view.snapshot)) {
    quiet_.reset();
    return false;
  }
  quiet_->seen = world_.snapshot(view.now);  // The nearer, the sooner compared.
  return true;
}

// DIS-110: what has waited still holds, or the pass goes on behind its method.
bool Disruption::resume(const View& view, disrupt::Pass& pass, std::size_t& method, Step& step) {
  disrupt::Command before = std::move(waiting_->command);
  waiting_.reset();
  auto valid = disrupt::validate(pass, before);
  if (valid) {
    queue_.start(std::move(*valid), view.now, step);
    step.wake(view.now + k8s::kMillisecond);  // DIS-3: at once, with the command in the queue.
    return true;
  }
  count_rejection(before, step.metrics);
  if (before.method == Method::kEmptiness) {
    log_.debug(
        "abandoning empty node consolidation attempt due to pod churn, command is no longer valid");
  } else {
    publish_command(before, "ConsolidationRejected", text_of(valid.error()), step);
  }
  const auto at = std::ranges::find(kMethods, before.method);
  method = static_cast<std::size_t>(at - kMethods.begin()) + 1;
  return false;
}

// One method: its findings are told, its commands started or left to wait.
bool Disruption::ask(const View& view, Method method, disrupt::Pass& pass, Step& step) {
  const base::Instant began = clock_.now();
  disrupt::Findings findings = disrupt::find(method, pass);
  count_evaluation(method, clock_.now() - began, step.metrics);
  publish(view, method, findings, step);
  count_findings(method, findings, step.metrics);
  if (findings.commands.empty()) {
    return false;
  }
  if (waits_for_validation(method)) {
    publish_approvals(view.snapshot, findings.commands.front(), findings.scorings, step);
    if (!findings.commands.front().replacements.empty()) {
      publish_command(findings.commands.front(), "ConsolidationCandidate", "", step);  // DIS-94
    }
    waiting_ = {std::move(findings.commands.front()), view.now + view.config.validation_wait};
    step.wake(waiting_->valid_at);
    return true;
  }
  for (disrupt::Command& command : findings.commands) {
    queue_.start(std::move(command), view.now, step);
  }
  step.wake(view.now + k8s::kMillisecond);
  return true;
}

// DIS-4: marks of a command that nobody remembers.
void Disruption::clean_orphans(const View& view, Step& step) const {
  const auto held = queue_.held();
  view.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.node == nullptr || row.claim == nullptr || row.is_deleting() ||
        row.node->meta.is_deleting() || held.contains(row.claim->meta.name)) {
      return;
    }
    if (is_tainted(*row.node)) {
      k8s::Node next = *row.node;
      std::erase_if(next.taints, [](const k8s::Taint& taint) {
        return world::same_taint(taint, world::disrupted_taint());
      });
      write_main(step, kCause, *row.node, next, Lock::kYes);
    }
    if (row.is_initialized() &&
        k8s::find_condition(row.claim->status.conditions, "DisruptionReason") != nullptr) {
      k8s::NodeClaim next = *row.claim;
      k8s::ConditionSet(next.status.conditions, k8s::Kind::kNodeClaim, row.claim->meta)
          .clear("DisruptionReason");
      write_status(step, kCause, *row.claim, next, Lock::kYes);
    }
  });
}

// DIS-31, DIS-60, DIS-73
void Disruption::publish(const View& view,
                         Method method,
                         const disrupt::Findings& findings,
                         Step& step) const {
  for (const disrupt::Note& note : findings.notes) {
    if (note.is_silent) {
      continue;
    }
    on_both(view.snapshot.nodes[note.node],
            {.text = {.type = "Normal",
                      .reason = note.is_unconsolidatable ? "Unconsolidatable" : "DisruptionBlocked",
                      .message = sentence(note.event.empty() ? note.text : note.event)},
             .dedupe_for = note.is_unconsolidatable ? 15 * k8s::kMinute : 2 * k8s::kMinute},
            step);
  }
  const std::string reason(disrupt::reason_of(method));
  for (const std::string& name : findings.exhausted_pools) {
    if (const auto pool = disrupt::find_pool(view.snapshot, name)) {
      publish_one(*pool->pool,
                  {.text = {.type = "Normal",
                            .reason = "DisruptionBlocked",
                            .message = base::concat("No allowed disruptions for disruption reason ",
                                                    reason,
                                                    " due to blocking budget")},
                   .dedupe = {reason},
                   .dedupe_for = 1 * k8s::kMinute},
                  step);
    }
  }
}

// DIS-171: on every candidate; with a category, rejected.
void Disruption::publish_command(const disrupt::Command& command,
                                 std::string_view reason,
                                 std::string_view category,
                                 Step& step) const {
  for (const disrupt::Candidate& candidate : command.candidates) {
    const std::string what = describe(command, candidate);
    std::string message =
        base::concat(category.empty() ? "Consolidation candidate: " : "Consolidation rejected: ",
                     what,
                     category.empty() ? "" : ", reason: ",
                     category,
                     fmt::format(" (savings: ${:.2f})", command.savings));
    on_both(*candidate.row,
            {.text = {.type = "Normal", .reason = reason, .message = std::move(message)},
             .dedupe = {what, std::string(category)}},
            step);
  }
}

}  // namespace control
