#include "sim/harness/mark_watch.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/conditions.h"
#include "k8s/time.h"

namespace sim {
namespace {

// DIS-156, with as few machines as there are here.
constexpr k8s::DurationNs kCommandTimeout = 10 * k8s::kMinute;
// Watches that were lost, writes that were refused, passes that follow each other.
constexpr k8s::DurationNs kCleaning = 3 * k8s::kMinute;

}  // namespace

void MarkWatch::on_decision(const Decision& decision, k8s::TimeNs now) {
  promised_ += decision.replacements.size();
  for (const std::string& claim : decision.claims) {
    take_back(claim, now);  // What was tried before has come to nothing.
  }
  commands_.push_back({.claims = decision.claims, .replacements = decision.replacements.size()});
  going_.insert(going_.end(), decision.claims.begin(), decision.claims.end());
}

void MarkWatch::on_effect(std::string_view line) {
  constexpr std::string_view kCreate = "disruption.queue: create NodeClaim ";
  constexpr std::string_view kDelete = "disruption.queue: delete NodeClaim ";
  if (line.starts_with(kDelete)) {
    line.remove_prefix(kDelete.size());
    check_delivery(std::string(line.substr(0, line.find(' '))));
  } else if (line.starts_with(kCreate)) {
    line.remove_prefix(kCreate.size());
    created_.emplace(line.substr(0, line.find(' ')));
    if (created_.size() > promised_) {
      observer_.problem(
          base::concat(created_.size(), " replacements are made where ", promised_, " are due"));
    }
  }
}

void MarkWatch::on_restart(k8s::TimeNs now) {
  if (!marked_.empty()) {
    observer_.met("restart: while nodes are marked");
  }
  commands_.clear();
  going_.clear();
  queued_.clear();
  promised_ = 0;
  created_.clear();
  born_ = now;
}

bool MarkWatch::is_of_this_life(const std::string& claim) const {
  return std::ranges::any_of(commands_,
                             [&](const Command& command) { return is_in(command.claims, claim); });
}

void MarkWatch::take_back(const std::string& claim, k8s::TimeNs now) {
  std::erase_if(commands_, [&](const Command& command) {
    if (!is_in(command.claims, claim)) {
      return false;
    }
    for (const std::string& one : command.claims) {
      std::erase(going_, one);
      if (const auto mark = marked_.find(one); mark != marked_.end()) {
        mark->second = now;  // The marks are taken off one after the other.
      }
    }
    return true;
  });
}

void MarkWatch::on_arrival(const k8s::WriteRequest& request, k8s::TimeNs now) {
  if (request.verb != k8s::Verb::kDelete || request.key.kind != k8s::Kind::kNodeClaim) {
    return;
  }
  for (const SeenMachine& machine : machines_without_pods(store_)) {
    if (machine.name() != request.key.name || machine.is_leaving()) {
      continue;
    }
    const k8s::NodeClaim& claim = *machine.claim;
    if (queued_.contains(machine.name())) {
      return;
    }
    const bool is_expired =
        claim.spec.expire_after && now - claim.meta.creation_time >= *claim.spec.expire_after;
    if (is_expired) {
      observer_.met("expired");
    } else if (machine.is_initialized() && machine.node != nullptr &&
               k8s::is_true(machine.node->status.conditions, "Ready")) {
      observer_.problem("nodeclaim " + machine.name() + " is deleted though nobody decided it");
    }
  }
}

void MarkWatch::check_delivery(const std::string& claim) {
  if (!is_of_this_life(claim)) {
    observer_.problem("nodeclaim " + claim + " is disrupted though nobody decided it");
  }
  queued_.insert(claim);
  for (const SeenMachine& machine : machines_without_pods(store_)) {
    if (machine.name() == claim && machine.node != nullptr && !machine.is_leaving() &&
        !machine.has_disrupted_taint()) {
      observer_.problem("nodeclaim " + claim + " goes while pods may still be put there");
    }
  }
  std::size_t due = 0;
  for (Command& command : commands_) {
    if (is_in(command.claims, claim)) {
      command.is_through = true;
      observer_.met(command.replacements > 0 ? "through: replaced" : "through: deleted");
    }
    due += command.is_through ? command.replacements : 0;
  }
  const auto there = std::ranges::count_if(
      created_, [&](const std::string& name) { return came_up_.contains(name); });
  if (static_cast<std::size_t>(there) < due) {
    observer_.problem(base::concat("nodeclaim ",
                                   claim,
                                   " goes with ",
                                   there,
                                   " replacements up where ",
                                   due,
                                   " were promised"));
  }
}

void MarkWatch::look(const std::vector<SeenMachine>& machines, k8s::TimeNs now) {
  std::set<std::string> there;
  for (const SeenMachine& machine : machines) {
    there.insert(machine.name());
    if (machine.is_initialized()) {
      came_up_.insert(machine.name());
    }
    look_at(machine, now);
  }
  std::erase_if(marked_, [&](const auto& one) { return !there.contains(one.first); });
}

void MarkWatch::look_at(const SeenMachine& machine, k8s::TimeNs now) {
  const std::string& name = machine.name();
  if (machine.is_leaving()) {
    marked_.erase(name);
    return;
  }
  if (!machine.is_marked()) {
    if (marked_.erase(name) > 0) {
      observer_.met(is_of_this_life(name) ? "rolled back" : "rolled back after a restart");
      take_back(name, now);
    }
    return;
  }
  const k8s::TimeNs since = marked_.emplace(name, now).first->second;
  const k8s::TimeNs limit = is_of_this_life(name) ? since + kCommandTimeout + kCleaning
                                                  : std::max(since, born_) + kCleaning;
  if (now > limit && reported_.insert(name).second) {
    observer_.problem("nodeclaim " + name + " stays marked though no command goes on");
  }
}

}  // namespace sim
