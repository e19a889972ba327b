#include "control/disruption.h"

#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "k8s/conditions.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

constexpr std::string_view kCause = "disruption";
constexpr std::string_view kQueue = "disruption.queue";
constexpr k8s::DurationNs kUnsyncedRetry = 1 * k8s::kSecond;
constexpr k8s::DurationNs kQueueRetry = 1 * k8s::kSecond;
constexpr k8s::DurationNs kCommandTimeout = 10 * k8s::kMinute;

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

// One event on the node and one on the claim, as far as they exist.
void on_both(const world::NodeRow& row,
             std::string_view cause,
             const EventText& text,
             k8s::DurationNs dedupe_for,
             Step& step) {
  const auto publish = [&](const k8s::Object& object) {
    act::Effect effect = event(cause, object, text, {object.meta.uid});
    std::get<act::PublishEvent>(effect.action).dedupe_for = dedupe_for;
    step.effects.push_back(std::move(effect));
  };
  if (row.node != nullptr) {
    publish(*row.node);
  }
  if (row.claim != nullptr) {
    publish(*row.claim);
  }
}

}  // namespace

std::set<std::string, std::less<>> buffered_claims(const world::Snapshot& snapshot,
                                                   const Memory& memory) {
  std::set<std::string, std::less<>> claims = memory.buffered_claims;
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
  controller.reconcile = [this](const View& view, const std::string&) { return pass(view); };
  controller.keys = [this](const k8s::ObjectEvent& event, const world::World&, auto& keys) {
    // A step of a command shows in the node or the claim.
    if (!queue_.empty() &&
        (event.kind == k8s::Kind::kNode || event.kind == k8s::Kind::kNodeClaim)) {
      keys.emplace_back();
    }
  };
  return controller;
}

std::set<std::string, std::less<>> Disruption::busy() const {
  std::set<std::string, std::less<>> claims;
  for (const Marked& marked : queue_) {
    claims.insert(marked.claim);
  }
  return claims;
}

// Held by a command, or by a buffer.
std::set<std::string, std::less<>> Disruption::spoken_for(const View& view) const {
  auto claims = busy();
  claims.merge(buffered_claims(view.snapshot, view.memory));
  return claims;
}

Step Disruption::pass(const View& view) {
  Step step;
  if (!view.snapshot.is_synced) {
    step.wake(view.now + kUnsyncedRetry);
    return step;
  }
  std::erase_if(queue_, [&](const Marked& marked) { return advance(view, marked, step); });
  if (!queue_.empty()) {
    step.wake(view.now + kQueueRetry);
  }
  clean_orphans(view, step);
  if (waiting_) {
    if (view.now < waiting_->valid_at) {
      step.wake(waiting_->valid_at);
      return step;
    }
    const disrupt::Command valid =
        disrupt::validate(view.snapshot, waiting_->command, spoken_for(view));
    waiting_.reset();
    if (valid.is_empty()) {
      log_.debug(
          "abandoning empty node consolidation attempt due to pod churn, command is no "
          "longer valid");
    } else {
      start(view, valid);
    }
    step.wake(view.now + k8s::kMillisecond);  // DIS-3: at once, for the marks and the next command.
    return step;
  }
  disrupt::EmptinessReport report = disrupt::find_empty_nodes(view.snapshot, spoken_for(view));
  publish_notes(view, report, step);
  if (!report.command.is_empty()) {
    waiting_ = {std::move(report.command), view.now + view.config.validation_wait};
    step.wake(waiting_->valid_at);
  } else {
    step.wake(view.now + view.config.disruption_period);
  }
  return step;
}

// DIS-4: marks of a command that nobody remembers.
void Disruption::clean_orphans(const View& view, Step& step) const {
  const auto held = busy();
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

void Disruption::publish_notes(const View& view,
                               const disrupt::EmptinessReport& report,
                               Step& step) const {
  for (const auto& note : report.notes) {
    const EventText text{
        .type = "Normal",
        .reason = note.is_unconsolidatable ? "Unconsolidatable" : "DisruptionBlocked",
        .message = note.is_unconsolidatable ? note.blocked.text : sentence(note.blocked.text)};
    on_both(view.snapshot.nodes[note.node],
            kCause,
            text,
            note.is_unconsolidatable ? 15 * k8s::kMinute : 2 * k8s::kMinute,
            step);
  }
  for (const auto& row : view.snapshot.pools) {
    if (std::ranges::find(report.exhausted_pools, row->pool->meta.name) ==
        report.exhausted_pools.end()) {
      continue;
    }
    act::Effect effect =
        event(kCause,
              *row->pool,
              {.type = "Normal",
               .reason = "DisruptionBlocked",
               .message = base::concat("No allowed disruptions for disruption reason ",
                                       report.command.reason,
                                       " due to blocking budget")},
              {row->pool->meta.uid, report.command.reason});
    std::get<act::PublishEvent>(effect.action).dedupe_for = 1 * k8s::kMinute;
    step.effects.push_back(std::move(effect));
  }
}

// DIS-150, DIS-153: held and marked in memory at once, so that nothing else counts on them.
void Disruption::start(const View& view, const disrupt::Command& command) {
  std::vector<std::string> nodes;
  std::set<std::string> pools;
  std::size_t pods = 0;
  for (const disrupt::Candidate& candidate : command.candidates) {
    nodes.push_back(candidate.node_name);
    pools.insert(candidate.pool->pool->meta.name);
    pods += candidate.reschedulable.size();
    queue_.push_back({candidate.claim, command.reason, view.now, candidate.reschedulable.size()});
    world_.add_intent({.kind = world::IntentKind::kDeletion, .claim = candidate.claim, .until = 0});
  }
  log_.info("disrupting node(s)",
            {{"command",
              base::concat(command.reason,
                           ": delete: nodepools=[",
                           base::join(pools, ","),
                           "]: [",
                           base::join(nodes, ", "),
                           "]")},
             {"decision", "delete"},
             {"disrupted-node-count", static_cast<std::int64_t>(nodes.size())},
             {"replacement-node-count", 0},
             {"pod-count", static_cast<std::int64_t>(pods)}});
}

// DIS-151, DIS-155: taint, then condition, then delete; each is seen before the next is written.
// True when the machine is through, or the attempt is given up.
bool Disruption::advance(const View& view, const Marked& marked, Step& step) {
  const auto id = view.world.find_claim(marked.claim);
  if (!id) {
    return true;
  }
  const world::NodeRow& row = view.snapshot.nodes[*id];
  if (row.claim->meta.is_deleting()) {
    return true;  // DIS-158: it stays marked until it is gone.
  }
  if (view.now - marked.since > kCommandTimeout) {
    world_.drop_intent(world::IntentKind::kDeletion, marked.claim);
    return true;  // DIS-157: the orphan clean-up takes the marks away.
  }
  if (row.node != nullptr && !is_tainted(*row.node)) {
    k8s::Node next = *row.node;
    next.taints.push_back(world::disrupted_taint());
    write_main(step, kCause, *row.node, next, Lock::kYes);
    return false;
  }
  if (!k8s::is_true(row.claim->status.conditions, "DisruptionReason")) {
    k8s::NodeClaim next = *row.claim;
    k8s::Condition condition;
    condition.type = "DisruptionReason";
    condition.status = k8s::kTrue;
    condition.reason = marked.reason;
    condition.message = marked.reason;
    k8s::ConditionSet(next.status.conditions, k8s::Kind::kNodeClaim, row.claim->meta)
        .set(std::move(condition), view.now);
    write_status(step, kCause, *row.claim, next, Lock::kYes);
    return false;
  }
  const auto publish = [&](const k8s::Object& object, std::string_view what) {
    step.effects.push_back(
        event(kQueue,
              object,
              {.type = "Normal",
               .reason = "DisruptionTerminating",
               .message = base::concat("Disrupting ", what, ": ", marked.reason)},
              {object.meta.uid, marked.reason}));
  };
  if (row.node != nullptr) {
    publish(*row.node, "Node");
  }
  publish(*row.claim, "NodeClaim");
  delete_object(step, kQueue, *row.claim);
  return false;
}

}  // namespace control
