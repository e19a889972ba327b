#include "control/disruption_events.h"

#include <fmt/format.h>

#include "base/text.h"
#include "control/changes.h"
#include "control/command_text.h"
#include "disrupt/budget.h"
#include "k8s/time.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

// Was it said so lately that it would be dropped?
bool is_held(const View& view,
             std::string_view reason,
             std::initializer_list<std::string_view> dedupe) {
  return view.said != nullptr && view.said->is_held(reason, dedupe, view.now);
}

struct Published {
  EventText text;
  std::vector<std::string> dedupe = {};  // Besides the object.
};

void publish_one(const k8s::Object& object, const Published& what, Step& step) {
  std::vector<std::string> key{object.meta.uid};
  key.insert(key.end(), what.dedupe.begin(), what.dedupe.end());
  step.effects.push_back(event(kDisruptionCause, object, what.text, std::move(key)));
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

// "false" is no mistake, and says nothing new (better than DIS-35).
void publish_guard(const k8s::Pod& pod, k8s::TimeNs now, Step& step) {
  const world::DoNotDisrupt guard = world::do_not_disrupt(pod, now);
  if (!guard.error.empty() && *pod.meta.annotation(world::kDoNotDisruptAnnotation) != "false") {
    publish_one(
        pod,
        {.text = {.type = "Warning",
                  .reason = "InvalidDoNotDisruptAnnotation",
                  .message = base::concat("Invalid karpenter.sh/do-not-disrupt annotation: ",
                                          guard.error,
                                          ", ignoring annotation")},
         .dedupe = {guard.error}},
        step);
  } else if (guard.until.value_or(0) != 0 && guard.is_active) {
    const std::string until = k8s::format_time(*guard.until);
    publish_one(
        pod,
        {.text = {.type = "Normal",
                  .reason = "DoNotDisruptUntil",
                  .message = base::concat(
                      "The karpenter.sh/do-not-disrupt grace period will elapse at ", until)},
         .dedupe = {until}},
        step);
  } else if (guard.until.value_or(0) != 0) {
    publish_one(pod,
                {.text = {.type = "Normal",
                          .reason = "DoNotDisruptGracePeriodElapsed",
                          .message = "The karpenter.sh/do-not-disrupt grace period has elapsed, "
                                     "pod is now disruptable"}},
                step);
  }
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

// DIS-171: on every candidate; with a category, rejected.
void publish_command(const disrupt::Command& command,
                     std::string_view reason,
                     std::string_view category,
                     Step& step) {
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

void publish_note(const View& view,
                  const world::NodeRow& row,
                  const disrupt::Note& note,
                  Step& step) {
  const std::string_view reason =
      note.is_unconsolidatable ? "Unconsolidatable" : "DisruptionBlocked";
  for (const k8s::Object* object : {static_cast<const k8s::Object*>(row.node.get()),
                                    static_cast<const k8s::Object*>(row.claim.get())}) {
    if (object == nullptr || is_held(view, reason, {object->meta.uid})) {
      continue;
    }
    publish_one(
        *object,
        {.text = {.type = "Normal",
                  .reason = reason,
                  .message = sentence(note.event.empty() ? note.text : note.event),
                  .dedupe_for = note.is_unconsolidatable ? 15 * k8s::kMinute : 2 * k8s::kMinute}},
        step);
  }
}

}  // namespace

void publish_findings(const View& view,
                      const world::Snapshot& snapshot,
                      disrupt::Method method,
                      const disrupt::Findings& findings,
                      Step& step) {
  for (const disrupt::Note& note : findings.notes) {
    if (!note.is_silent) {
      publish_note(view, snapshot.nodes[note.node], note, step);
    }
  }
  const std::string reason(disrupt::reason_of(method));
  for (const std::string& name : findings.exhausted_pools) {
    const auto pool = world::find_pool(snapshot, name);
    if (pool != nullptr && !is_held(view, "DisruptionBlocked", {pool->pool->meta.uid, reason})) {
      publish_one(*pool->pool,
                  {.text = {.type = "Normal",
                            .reason = "DisruptionBlocked",
                            .message = base::concat("No allowed disruptions for disruption reason ",
                                                    reason,
                                                    " due to blocking budget"),
                            .dedupe_for = 1 * k8s::kMinute},
                   .dedupe = {reason}},
                  step);
    }
  }
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
    if (command.method == disrupt::Method::kSingleNode) {
      on_both(*command.candidates.front().row, what, step);
    } else if (const auto pool = world::find_pool(snapshot, scoring.pool)) {
      publish_one(*pool->pool, what, step);  // DIS-131
    }
  }
}

void publish_guards(const View& view, Step& step) {
  for (const world::PodId id : view.world.guarded_pods()) {
    const world::PodRow& pod = view.snapshot.pods[id];
    const auto node = view.world.find_node(pod.pod->spec.node_name);
    if (!node || !pod.traits.is_active) {
      continue;
    }
    const world::NodeRow& row = view.snapshot.nodes[*node];
    if (row.is_managed() && row.is_initialized() && !row.is_deleting()) {
      publish_guard(*pod.pod, view.now, step);
    }
  }
}

void publish_candidacy(const disrupt::Command& command, Step& step) {
  publish_command(command, "ConsolidationCandidate", "", step);
}

void publish_rejection(const disrupt::Command& command, std::string_view category, Step& step) {
  publish_command(command, "ConsolidationRejected", category, step);
}

}  // namespace control
