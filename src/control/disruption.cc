#include "control/disruption.h"

#include <algorithm>

#include "control/decision_metrics.h"
#include "control/disruption_events.h"
#include "control/static_pools.h"
#include "disrupt/extended.h"
#include "disrupt/picture.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

using disrupt::Method;

constexpr k8s::DurationNs kUnsyncedRetry = 1 * k8s::kSecond;
// The queue says when it is through; this is for a command that was given up meanwhile.
constexpr k8s::DurationNs kUnsettledRetry = 1 * k8s::kSecond;

bool waits_for_validation(Method method) {
  return method != Method::kStaticDrift && method != Method::kDrift;
}

// DIS-143: what was written or promised since the answer's snapshot may have taken the room that
// the limit on nodes leaves a static pool.
bool is_granted(const View& view, const disrupt::Command& command) {
  if (command.method != Method::kStaticDrift) {
    return true;
  }
  const k8s::NodePool& pool = *command.replacements.front().pool();
  return grant_nodes(pool, count_claims(view, pool.meta.name), 1) == 1;
}

std::size_t position_after(Method method, const disrupt::Settings& settings) {
  const auto methods = disrupt::methods_of(settings);
  return static_cast<std::size_t>(std::ranges::find(methods, method) - methods.begin()) + 1;
}

// As the snapshot will be when the machines have been told to go.
world::SnapshotPtr without(const world::Snapshot& snapshot,
                           const std::vector<disrupt::Command>& commands) {
  auto out = std::make_shared<world::Snapshot>(snapshot);
  for (const disrupt::Command& command : commands) {
    for (const disrupt::Candidate& candidate : command.candidates) {
      const world::NodeRow* row = out->nodes.find(candidate.node);
      if (row != nullptr && row->claim != nullptr &&
          row->claim->meta.uid == candidate.row->claim->meta.uid) {
        auto going = std::make_shared<world::NodeRow>(*row);
        going->marked_for_deletion = true;
        out->nodes.replace(candidate.node, std::move(going));
      }
    }
  }
  return out;
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
  controller.name = std::string(kDisruptionCause);
  controller.is_repeatable = false;
  controller.reconcile = [this](const View& view, const std::string&) { return pass(view); };
  controller.keys = [](const k8s::ObjectEvent&, const world::World&, auto&) {};
  return controller;
}

disrupt::Settings Disruption::settings(const View& view) const {
  disrupt::ClaimNames busy = queue_.held();
  for (const Waiting& waiting : waiting_) {
    for (const disrupt::Command& command : waiting.commands) {
      for (const disrupt::Candidate& candidate : command.candidates) {
        busy.insert(candidate.claim_name());
      }
    }
  }
  return {.plan = view.config.plan,
          .spot_to_spot = view.config.spot_to_spot,
          .busy = std::move(busy),
          .buffered = buffered_claims(view.snapshot, view.memory),
          .costs = costs_.by_pool(),
          .extended = is_extended_,
          .past = past_,
          .resting = queue_.pauses().resting(view.now)};
}

// DIS-2, DIS-3
Step Disruption::pass(const View& view) {
  Step step;
  if (is_asking()) {
    return step;  // The answer brings us back.
  }
  watch_gap(view);
  if (!view.snapshot.is_synced) {
    search_.reset();
    step.wake(view.now + kUnsyncedRetry);
    return step;
  }
  if (search_ == nullptr && clean_orphans(view, step)) {
    step.wake(view.now + k8s::kMillisecond);
    return step;  // DIS-4: what a conflict leaves marked still counts.
  }
  const bool goes_on = search_ != nullptr ? !take_answer(view, step) : begin(view, step);
  if (!goes_on) {
    return step;
  }
  if (search_->method == disrupt::methods_of(search_->settings).size()) {
    end(view, step);
  } else {
    ask();
  }
  return step;
}

// False: there is nothing to ask now.
bool Disruption::begin(const View& view, Step& step) {
  if (!queue_.is_settled()) {
    step.wake(view.now + kUnsettledRetry);
    return false;
  }
  std::optional<Waiting> due;
  if (!waiting_.empty() && view.now >= waiting_.front().valid_at) {
    due = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
  } else if (!waiting_.empty() && waiting_.back().commands.front().method != Method::kEmptiness) {
    step.wake(waiting_.front().valid_at);
    return false;
  }
  const disrupt::Settings now = settings(view);
  if (!due && waiting_.empty() && is_still_quiet(view, now)) {
    step.wake(view.now + view.config.disruption_period);
    return false;
  }
  watch_pools(view);
  track_costs(view, step);
  publish_guards(view, step);
  search_ = std::make_shared<Search>(
      Search{.snapshot = world_.snapshot(view.now), .settings = now, .memory = memory_});
  if (due) {
    search_->validating = std::move(due);
    search_->has_doubts = true;
  } else if (!waiting_.empty()) {
    look_past_waiting();
    search_->method = position_after(Method::kEmptiness, now);
  }
  return true;
}

// The rest of the search does as if the empty machines that wait were gone.
void Disruption::look_past_waiting() {
  search_->pass.reset();
  search_->probes = 0;
  search_->has_doubts = true;
  search_->snapshot = without(*search_->snapshot, waiting_.front().commands);
}

void Disruption::ask() {
  search_->is_asking = true;
  search_->since = executor_.clock().now();
  runtime::run_compute<Answer>(
      executor_,
      [search = search_] {
        if (search->pass == nullptr) {
          search->pass = std::make_unique<disrupt::Pass>(
              *search->snapshot, search->settings, search->memory->plan, &search->memory->refusals);
        }
        Answer answer;
        if (search->validating) {
          answer.validated = disrupt::validate(*search->pass, search->validating->commands);
        } else {
          answer.findings =
              disrupt::find(disrupt::methods_of(search->settings)[search->method], *search->pass);
        }
        answer.probes = search->pass->probes();
        return answer;
      },
      [this, alive = alive_, search = search_](Answer answer) {
        if (!*alive) {
          return;
        }
        search->is_asking = false;
        search->answer = std::move(answer);
        on_answer();
      });
}

void Disruption::end(const View& view, Step& step) {
  if (!search_->has_doubts) {  // What did not hold is looked at again.
    quiet_ = {.seen = search_->snapshot,
              .held = search_->settings.busy,
              .buffered = search_->settings.buffered,
              .until = disrupt::next_change(*search_->snapshot)};
    for (const auto& [pool, until] : search_->settings.resting) {
      quiet_->until = std::min(quiet_->until, until);
    }
    if (search_->look_again) {
      quiet_->until = std::min(quiet_->until, *search_->look_again);
    }
    for (const disrupt::PastMove& move : past_) {
      quiet_->until = std::min(quiet_->until, move.at + disrupt::kNoReturn);
    }
  }
  search_.reset();
  step.wake(view.now + view.config.disruption_period);
  if (!waiting_.empty()) {
    step.wake(waiting_.front().valid_at);
  }
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

bool Disruption::take_answer(const View& view, Step& step) {
  Answer answer = std::move(*search_->answer);
  search_->answer.reset();
  probes_ += answer.probes - search_->probes;
  search_->probes = answer.probes;
  if (search_->validating) {
    return resume(view, std::move(answer), step);
  }
  const Method method = disrupt::methods_of(search_->settings)[search_->method];
  if (method == Method::kStaticDrift) {
    search_->drifted = answer.findings.eligible;
  } else if (method == Method::kDrift) {
    answer.findings.eligible += search_->drifted;
  }
  publish_findings(view, *search_->snapshot, method, answer.findings, step);
  count_findings(method, answer.findings, step.metrics);
  log_scores(answer.findings);
  if (answer.findings.look_again) {
    search_->look_again = answer.findings.look_again;  // Only one method says so.
  }
  if (decide(view, method, std::move(answer.findings), step)) {
    search_.reset();
    return true;
  }
  ++search_->method;
  return false;
}

// DIS-110: what has waited still holds, or the pass goes on behind its method.
bool Disruption::resume(const View& view, Answer answer, Step& step) {
  const Waiting waited = std::move(*search_->validating);
  search_->validating.reset();
  const std::vector<disrupt::Command>& before = waited.commands;
  const Method method = before.front().method;
  measure(method, waited.since, step);
  std::vector<disrupt::Command> valid;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (answer.validated[i]) {
      valid.push_back(std::move(*answer.validated[i]));
      continue;
    }
    const disrupt::Refusal why = answer.validated[i].error();
    count_rejection(before[i], step.metrics);
    if (method == Method::kEmptiness) {
      log_.debug(
          "abandoning empty node consolidation attempt due to pod churn, command is no longer "
          "valid");
    } else {
      publish_rejection(before[i], disrupt::text_of(why), step);
    }
  }
  if (start(view, std::move(valid), step)) {
    search_.reset();
    return true;
  }
  if (!waiting_.empty()) {  // Its turn comes first.
    search_.reset();
    step.wake(waiting_.front().valid_at);
    return true;
  }
  search_->method = position_after(method, search_->settings);
  return false;
}

// One method: its commands are started or left to wait.
bool Disruption::decide(const View& view, Method method, disrupt::Findings findings, Step& step) {
  if (findings.commands.empty() || !waits_for_validation(method)) {
    measure(method, search_->since, step);
    return start(view, std::move(findings.commands), step);
  }
  for (const disrupt::Command& command : findings.commands) {
    publish_approvals(*search_->snapshot, command, findings.scorings, step);
    if (!command.replacements.empty()) {
      publish_candidacy(command, step);  // DIS-94
    }
  }
  waiting_.push_back({.commands = std::move(findings.commands),
                      .valid_at = view.now + view.config.validation_wait,
                      .since = search_->since});
  step.wake(waiting_.front().valid_at);
  if (method != Method::kEmptiness) {
    return true;
  }
  search_->settings.busy = settings(view).busy;
  look_past_waiting();
  return false;
}

// DIS-114: whatever came between the answer's snapshot and now speaks against it. True: commands
// were started, and the loop goes on at once (DIS-3), with them in the queue.
bool Disruption::start(const View& view, std::vector<disrupt::Command> commands, Step& step) {
  std::erase_if(past_, [&](const disrupt::PastMove& move) {
    return view.now - move.at >= disrupt::kNoReturn;
  });
  if (commands.empty()) {
    return false;
  }
  const auto stands = disrupt::still_stand(view.snapshot, settings(view).busy, commands);
  std::size_t started = 0;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (!stands[i] || !is_granted(view, commands[i])) {
      continue;
    }
    ++started;
    const std::vector<std::string> names = queue_.start(commands[i], view.now, step);
    if (commands[i].method == Method::kExtended) {
      past_.push_back(disrupt::past_move(commands[i], names, view.now));
    }
    step.wake(view.now + k8s::kMillisecond);
  }
  search_->has_doubts |= started < commands.size();
  return started > 0;
}

}  // namespace control
