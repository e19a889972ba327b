#include "sim/harness/guard_watch.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/time.h"
#include "sim/cluster/pod_facts.h"

namespace sim {
namespace {

bool selects(const k8s::PodDisruptionBudget& budget, const k8s::Pod& pod) {
  return budget.meta.namespace_ == pod.meta.namespace_ && budget.selector &&
         matches(*budget.selector, pod.meta.labels);
}

std::string name_of(const k8s::Pod& pod) {
  return pod.meta.namespace_ + "/" + pod.meta.name;
}

}  // namespace

void GuardWatch::on_decision(const Decision& decision, k8s::TimeNs now) {
  for (const SeenMachine& machine : machines_of(store_)) {
    const bool is_candidate = is_in(decision.claims, machine.name());
    if (is_candidate) {
      check_machine(machine, decision, now);
      continue;
    }
    // What is left alone, and stands there with an objection.
    for (const auto& pod : machine.pods) {
      if (forbids_disruption(*pod, now)) {
        observer_.met("guard: another node's pod");
      } else if (!budget_refusal(*pod, now).empty()) {
        observer_.met(budgets_of(*pod).size() > 1 ? "pdb: several, another node's"
                                                  : "pdb: closed, another node's");
      }
    }
    if (machine.node != nullptr && guarded_.contains(machine.node->meta.name)) {
      observer_.met("guard: another node");
    }
  }
}

void GuardWatch::check_machine(const SeenMachine& machine,
                               const Decision& decision,
                               k8s::TimeNs now) {
  const std::string where = base::concat(decision.method, " of nodeclaim ", machine.name());
  if (machine.node != nullptr && has_stood(guarded_, machine.node->meta.name, now)) {
    observer_.problem(where + " although its node forbids it");
  }
  const bool may_disregard =
      decision.reason == "Drifted" && machine.claim->spec.termination_grace_period.has_value();
  for (const auto& pod : machine.pods) {
    const std::string* guard = pod->meta.annotation(kDoNotDisruptAnnotation);
    const bool forbids = forbids_disruption(*pod, now);
    const std::string refusal = forbids ? std::string{} : budget_refusal(*pod, now);
    if (guard != nullptr && !forbids && (guard->ends_with('m') || guard->ends_with('s'))) {
      observer_.met("guard: elapsed");
    }
    if (!budgets_of(*pod).empty() && refusal.empty() && !forbids) {
      observer_.met("pdb: open");
    }
    if (!forbids && refusal.empty()) {
      continue;
    }
    if (may_disregard) {
      observer_.met("guard: disregarded by drift with a grace period");
    } else if (has_stood(bound_, pod->meta.uid, now)) {
      observer_.problem(base::concat(
          where, " although pod ", name_of(*pod), " forbids it: ", forbids ? *guard : refusal));
    }
  }
}

bool GuardWatch::has_stood(const std::map<std::string, k8s::TimeNs>& since,
                           const std::string& key,
                           k8s::TimeNs now) const {
  const auto found = since.find(key);
  return found != since.end() && now - found->second >= lag_;
}

std::vector<GuardWatch::BudgetPtr> GuardWatch::budgets_of(const k8s::Pod& pod) const {
  auto budgets = all_of<k8s::PodDisruptionBudget>(store_, k8s::Kind::kPodDisruptionBudget);
  std::erase_if(budgets, [&](const BudgetPtr& budget) { return !selects(*budget, pod); });
  return budgets;
}

std::string GuardWatch::budget_refusal(const k8s::Pod& pod, k8s::TimeNs now) const {
  if (!is_alive(pod)) {
    return {};
  }
  std::vector<BudgetPtr> budgets = budgets_of(pod);
  std::erase_if(
      budgets, [&](const BudgetPtr& budget) { return !has_stood(exists_, budget->meta.uid, now); });
  if (budgets.size() > 1) {
    return "several budgets";
  }
  if (budgets.empty() || !has_stood(closed_, budgets.front()->meta.uid, now)) {
    return {};
  }
  return "budget " + budgets.front()->meta.name;
}

// LIF-143
bool GuardWatch::is_past_grace(const k8s::Pod& pod, k8s::TimeNs now) const {
  for (const SeenMachine& machine : machines_of(store_)) {
    if (machine.claim->status.node_name != pod.spec.node_name || !machine.is_leaving()) {
      continue;
    }
    const std::string* deadline =
        machine.claim->meta.annotation("karpenter.sh/nodeclaim-termination-timestamp");
    const k8s::TimeNs at = deadline == nullptr ? 0 : k8s::parse_time(*deadline).value_or(0);
    return at != 0 && now >= at - pod.spec.termination_grace_seconds.value_or(0) * k8s::kSecond;
  }
  return false;
}

void GuardWatch::on_arrival(const k8s::WriteRequest& request, k8s::TimeNs now) {
  const bool is_delete = request.verb == k8s::Verb::kDelete;
  if (request.key.kind != k8s::Kind::kPod || (!is_delete && request.verb != k8s::Verb::kEvict)) {
    return;
  }
  const auto document =
      store_.find(api::type_of(k8s::Kind::kPod), request.key.namespace_, request.key.name);
  if (document == nullptr) {
    return;
  }
  const auto& pod = k8s::as<k8s::Pod>(*document->typed());
  if (!is_alive(pod)) {
    return;
  }
  if (is_past_grace(pod, now)) {
    observer_.met("guard: grace period over");
    return;
  }
  if (is_delete) {
    observer_.problem("pod " + name_of(pod) + " is deleted, not evicted");
  } else if (forbids_disruption(pod, now)) {
    observer_.problem("pod " + name_of(pod) + " is evicted although it forbids it");
  } else {
    check_health(pod, now);
    evicted_.insert(pod.meta.uid);
  }
}

// By counting, not by the budget's status: the server is not believed either.
void GuardWatch::check_health(const k8s::Pod& pod, k8s::TimeNs now) {
  const std::vector<BudgetPtr> budgets = budgets_of(pod);
  if (budgets.size() != 1 || !is_healthy(pod) || budgets.front()->disruptions_allowed <= 0 ||
      budgets.front()->meta.is_deleting()) {
    return;  // The server refuses, or it costs nothing.
  }
  observer_.met("pdb: eviction");
  const k8s::PodDisruptionBudget& budget = *budgets.front();
  std::int64_t healthy = 0;
  for (const auto& other : all_of<k8s::Pod>(store_, k8s::Kind::kPod)) {
    healthy += selects(budget, *other) && is_healthy(*other) ? 1 : 0;
  }
  const auto ailing = ailing_.find(budget.meta.uid);
  if (healthy - 1 < budget.desired_healthy &&
      (ailing == ailing_.end() || now - ailing->second > k8s::kSecond)) {
    observer_.problem(base::concat("evicting pod ",
                                   name_of(pod),
                                   " leaves ",
                                   healthy - 1,
                                   " healthy where budget ",
                                   budget.meta.name,
                                   " wants ",
                                   budget.desired_healthy));
  }
}

void GuardWatch::on_change(const api::Change& change, k8s::TimeNs now) {
  const k8s::ObjectPtr& object = change.object->typed();
  const bool is_gone = change.op == api::ChangeOp::kDeleted;
  const auto note = [&](auto& since, const std::string& key, bool stands) {
    if (is_gone || !stands) {
      since.erase(key);
    } else {
      since.emplace(key, now);
    }
  };
  if (object->kind == k8s::Kind::kNode) {
    const std::string* guard = object->meta.annotation(kDoNotDisruptAnnotation);
    note(guarded_, object->meta.name, guard != nullptr && *guard == "true");
  } else if (object->kind == k8s::Kind::kPodDisruptionBudget) {
    const auto& budget = k8s::as<k8s::PodDisruptionBudget>(*object);
    note(exists_, budget.meta.uid, true);
    note(closed_, budget.meta.uid, budget.disruptions_allowed == 0);
  } else if (object->kind == k8s::Kind::kPod) {
    const auto& pod = k8s::as<k8s::Pod>(*object);
    note(bound_, pod.meta.uid, !pod.spec.node_name.empty());
    if ((is_gone || !is_healthy(pod)) && !evicted_.contains(pod.meta.uid)) {
      for (const BudgetPtr& budget : budgets_of(pod)) {
        ailing_[budget->meta.uid] = now;
      }
    }
  }
}

}  // namespace sim
