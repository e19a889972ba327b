#include "sim/days/ledger.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "disrupt/budget.h"
#include "k8s/conditions.h"
#include "sim/cluster/pod_facts.h"

namespace sim::days {

namespace {

constexpr k8s::DurationNs kReportStep = 5 * k8s::kMinute;
constexpr std::string_view kInterruption = "Interruption";

double hours(k8s::DurationNs time) {
  return static_cast<double>(time) / static_cast<double>(k8s::kHour);
}

bool is_daemon(const k8s::Pod& pod) {
  const k8s::OwnerReference* owner = pod.meta.controller();
  return owner != nullptr && (owner->kind == "DaemonSet" || owner->kind == "Node");
}

// The nearest rank.
k8s::DurationNs percentile(const std::vector<k8s::DurationNs>& sorted, double share) {
  if (sorted.empty()) {
    return 0;
  }
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

Waits summarize(std::vector<k8s::DurationNs> waits) {
  std::ranges::sort(waits);
  return {.pods = waits.size(),
          .p50 = percentile(waits, 0.5),
          .p90 = percentile(waits, 0.9),
          .p99 = percentile(waits, 0.99),
          .longest = waits.empty() ? 0 : waits.back()};
}

std::string names_of(const disrupt::Command& command) {
  constexpr std::size_t kShown = 4;
  std::vector<std::string> names;
  for (const disrupt::Candidate& candidate : command.candidates) {
    if (names.size() < kShown) {
      names.push_back(fmt::format("{} ({})",
                                  candidate.node_name(),
                                  candidate.type != nullptr ? candidate.type->name : "?"));
    }
  }
  const std::size_t hidden = command.candidates.size() - names.size();
  return base::join(names, ", ") + (hidden > 0 ? fmt::format(" and {} more", hidden) : "");
}

std::string launches_of(const disrupt::Command& command) {
  std::vector<std::string> out;
  for (const plan::PlannedClaim& planned : command.replacements) {
    const plan::CheapestOffering& cheapest = planned.cheapest();
    out.push_back(fmt::format(
        "{} {} ${:.4f}/h", cheapest.instance_type, cheapest.capacity_type, cheapest.price));
  }
  return out.empty() ? "" : " -> " + base::join(out, ", ");
}

}  // namespace

std::size_t Report::evictions_in_all() const {
  std::size_t sum = 0;
  for (const auto& [cause, count] : evictions) {
    sum += count;
  }
  return sum;
}

std::size_t Report::consolidation_evictions() const {
  std::size_t sum = 0;
  for (const auto& [cause, count] : evictions) {
    sum += cause == disrupt::kEmpty || cause == disrupt::kUnderutilized ? count : 0;
  }
  return sum;
}

double Report::consolidation_savings() const {
  double sum = 0;
  for (const auto& [method, one] : methods) {
    sum += method == "drift" ? 0 : one.savings;
  }
  return sum;
}

Ledger::Ledger(runtime::Executor& executor, Sandbox& sandbox, const Calendar& calendar)
    : env_(executor, 0), sandbox_(sandbox), calendar_(calendar), seen_(calendar.start) {
  report_.start = calendar.start;
  report_.days = calendar.days;
  report_.step = kReportStep;
  report_.samples.resize(static_cast<std::size_t>(calendar.days * k8s::kDay / kReportStep));
}

void Ledger::start() {
  sandbox_.cloud().watch_machines(
      env_.guard([this](const Machine& machine) { on_machine(machine); }));
  sandbox_.kube().subscribe(k8s::Kind::kPod,
                            env_.guard([this](const k8s::ObjectEvent& event) { on_pod(event); }));
  sandbox_.kube().subscribe(k8s::Kind::kNodeClaim,
                            env_.guard([this](const k8s::ObjectEvent& event) { on_claim(event); }));
}

bool Ledger::is_counting() const {
  return env_.now() >= calendar_.start && env_.now() < calendar_.end();
}

void Ledger::advance() {
  const k8s::TimeNs until = std::min(env_.now(), calendar_.end());
  while (seen_ < until) {
    const auto index = static_cast<std::size_t>((seen_ - calendar_.start) / kReportStep);
    const k8s::TimeNs end = calendar_.start + static_cast<std::int64_t>(index + 1) * kReportStep;
    const k8s::TimeNs next = std::min(until, end);
    const double share = static_cast<double>(next - seen_) / static_cast<double>(kReportStep);
    Sample& sample = report_.samples[index];
    sample.nodes += share * static_cast<double>(running_.size());
    sample.price += share * price_;
    sample.pods += share * static_cast<double>(bound_);
    sample.pending = std::max(sample.pending, static_cast<double>(pending_));
    seen_ = next;
  }
  if (is_counting()) {
    report_.most_nodes = std::max(report_.most_nodes, running_.size());
    report_.most_pods = std::max(report_.most_pods, bound_);
  }
}

void Ledger::place(PodState& state, const std::string& node) {
  --pending_;
  ++bound_;
  state.node = node;
  if (is_counting() && state.created >= calendar_.start) {
    waits_.push_back(env_.now() - state.created);
    ++report_.pods_started;
  }
}

void Ledger::forget(const PodState& state) {
  --(state.node.empty() ? pending_ : bound_);
}

void Ledger::on_pod(const k8s::ObjectEvent& event) {
  if (event.object == nullptr) {
    return;
  }
  const auto& pod = k8s::as<k8s::Pod>(*event.object);
  if (is_daemon(pod)) {
    return;
  }
  advance();
  const auto known = pods_.find(pod.meta.uid);
  if (event.op == k8s::EventOp::kDeleted || is_terminal(pod)) {
    if (known != pods_.end()) {
      forget(known->second);
      pods_.erase(known);
    }
    return;
  }
  if (known == pods_.end()) {
    ++pending_;
  }
  PodState& state = pods_[pod.meta.uid];
  state.created = state.created == 0 ? env_.now() : state.created;
  if (state.node.empty() && !pod.spec.node_name.empty()) {
    place(state, pod.spec.node_name);
  }
  if (pod.meta.is_deleting() && !state.is_leaving) {
    state.is_leaving = true;
    count_eviction(state.node);
  }
}

void Ledger::count_eviction(const std::string& node) {
  const auto cause = leaving_.find(node);
  if (is_counting() && cause != leaving_.end()) {
    ++report_.evictions[cause->second];
  }
}

void Ledger::on_claim(const k8s::ObjectEvent& event) {
  if (event.object == nullptr) {
    return;
  }
  const auto& claim = k8s::as<k8s::NodeClaim>(*event.object);
  pods_of_claim_[claim.meta.name] = claim.spec.requests.get("pods").value();
  if (event.op == k8s::EventOp::kDeleted) {
    leaving_.erase(claim.status.node_name);
    pods_of_claim_.erase(claim.meta.name);
    replacements_.erase(claim.meta.name);
    interrupted_.erase(claim.meta.name);
  } else if (claim.meta.is_deleting() && !claim.status.node_name.empty()) {
    const k8s::Condition* reason = k8s::find_condition(claim.status.conditions, "DisruptionReason");
    std::string cause = interrupted_.contains(claim.meta.name) ? std::string(kInterruption)
                        : reason != nullptr                    ? reason->reason
                                                               : "Other";
    leaving_.try_emplace(claim.status.node_name, std::move(cause));
  }
}

void Ledger::on_machine(const Machine& machine) {
  advance();
  const auto known = running_.find(machine.provider_id);
  if (machine.state > MachineState::kRunning) {
    if (known != running_.end()) {
      stop_paying(known->second);
      price_ -= known->second.price;
      running_.erase(known);
      report_.terminated += is_counting() ? 1U : 0U;
    }
    price_ = running_.empty() ? 0 : price_;  // No dust of rounding.
    return;
  }
  if (known != running_.end()) {
    return;
  }
  running_.emplace(machine.provider_id,
                   Running{.type = machine.instance_type,
                           .capacity_type = machine.capacity_type,
                           .price = machine.price,
                           .since = env_.now()});
  price_ += machine.price;
  if (!is_counting()) {
    return;
  }
  ++report_.launched;
  const bool is_replacement = replacements_.contains(machine.claim_name);
  decide({.what = "launch",
          .reason = is_replacement ? "Replacement" : "Pods",
          .text = fmt::format("{} {} {} ${:.4f}/h for {} pods ({})",
                              machine.instance_type,
                              machine.zone,
                              machine.capacity_type,
                              machine.price,
                              pods_of_claim_[machine.claim_name],
                              machine.claim_name)});
}

void Ledger::stop_paying(const Running& machine) {
  const k8s::TimeNs from = std::max(machine.since, calendar_.start);
  const k8s::TimeNs to = std::min(env_.now(), calendar_.end());
  if (to <= from) {
    return;
  }
  const double time = hours(to - from);
  report_.cost += time * machine.price;
  report_.cost_by_capacity_type[machine.capacity_type] += time * machine.price;
  report_.node_hours += time;
  report_.node_hours_by_type[machine.type] += time;
}

void Ledger::on_command(const disrupt::Command& command) {
  if (!is_counting()) {
    return;
  }
  MethodSum& sum = report_.methods[std::string(disrupt::name_of(command.method))];
  ++sum.commands;
  sum.nodes += command.candidates.size();
  sum.replacements += command.replacements.size();
  sum.savings += command.savings;
  std::size_t pods = 0;
  for (const disrupt::Candidate& candidate : command.candidates) {
    pods += candidate.reschedulable.size();
  }
  decide({.what = std::string(command.decision()),
          .reason = std::string(command.reason()),
          .text = fmt::format("{}{}, {} pods move", names_of(command), launches_of(command), pods),
          .savings = command.savings});
}

void Ledger::on_interruption(const std::string& claim) {
  interrupted_.insert(claim);
  decide({.what = "interruption", .reason = std::string(kInterruption), .text = claim});
}

void Ledger::on_news(const std::string& text) {
  decide({.what = "news", .reason = {}, .text = text});
}

void Ledger::decide(Decision decision) {
  if (is_counting()) {
    decision.at = env_.now();
    report_.decisions.push_back(std::move(decision));
  }
}

Report Ledger::finish() {
  advance();
  for (const auto& [id, machine] : running_) {
    stop_paying(machine);
  }
  report_.still_pending = pending_;
  report_.waits = summarize(std::move(waits_));
  return std::move(report_);
}

}  // namespace sim::days
