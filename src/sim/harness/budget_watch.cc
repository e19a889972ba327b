#include "sim/harness/budget_watch.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/assert.h"
#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/conditions.h"
#include "k8s/time.h"

namespace sim {
namespace {

constexpr std::array kReasons{"Empty", "Drifted", "Underutilized"};
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int32_t>::max();

bool field_matches(std::string_view field, std::int64_t value) {
  if (field == "*") {
    return true;
  }
  if (field.starts_with("*/")) {
    return value % base::parse_int(field.substr(2)).value_or(1) == 0;
  }
  return base::parse_int(field) == value;
}

bool applies_to(const k8s::Budget& budget, const std::string& reason) {
  return budget.reasons.empty() || is_in(budget.reasons, reason);
}

std::int64_t pool_allows(const k8s::NodePool& pool,
                         const std::string& reason,
                         std::int64_t nodes,
                         k8s::TimeNs now) {
  std::int64_t least = kNoLimit;
  for (const k8s::Budget& budget : pool.disruption.budgets) {
    if (applies_to(budget, reason)) {
      least = std::min(least, budget_allows(budget, nodes, now));
    }
  }
  return least;
}

// DIS-56
bool counts(const SeenMachine& machine) {
  return machine.node != nullptr && machine.is_initialized() &&
         !k8s::is_true(machine.claim->status.conditions, "InstanceTerminating");
}

}  // namespace

// Minute by minute back to where the window that is just closing began.
bool window_is_open(const k8s::Budget& budget, k8s::TimeNs now) {
  if (!budget.schedule) {
    return true;
  }
  const auto fields = base::split(*budget.schedule, ' ');
  ASSERT(fields.size() == 5);
  for (k8s::TimeNs minute = now / k8s::kMinute;
       minute * k8s::kMinute > now - budget.duration.value_or(0);
       --minute) {
    if (field_matches(fields[0], minute % 60) && field_matches(fields[1], minute / 60 % 24)) {
      return true;
    }
  }
  return false;
}

std::int64_t budget_allows(const k8s::Budget& budget, std::int64_t nodes, k8s::TimeNs now) {
  if (!window_is_open(budget, now)) {
    return kNoLimit;
  }
  if (!budget.nodes.ends_with('%')) {
    return base::parse_int(budget.nodes).value_or(0);
  }
  const std::int64_t percent =
      base::parse_int(std::string_view(budget.nodes).substr(0, budget.nodes.size() - 1))
          .value_or(0);
  return (percent * nodes + 99) / 100;
}

std::map<std::string, BudgetWatch::PoolState> BudgetWatch::pools_now(
    const std::vector<SeenMachine>& machines, k8s::TimeNs now) const {
  std::map<std::string, PoolState> pools;
  for (const SeenMachine& machine : machines) {
    PoolState& pool = pools[machine.pool()];
    if (!counts(machine)) {
      continue;
    }
    if (machine.is_marked()) {
      pool.marked.insert(machine.name());
    }
    ++pool.nodes;
    if (!machine.is_marked() && !decided_.contains(machine.name()) &&
        (machine.is_leaving() || !k8s::is_true(machine.node->status.conditions, "Ready"))) {
      ++pool.others;
    }
  }
  for (const auto& pool : all_of<k8s::NodePool>(store_, k8s::Kind::kNodePool)) {
    PoolState& state = pools[pool->meta.name];
    for (const char* reason : kReasons) {
      state.allowed[reason] = pool_allows(*pool, reason, state.nodes, now);
    }
  }
  return pools;
}

std::int64_t BudgetWatch::most_allowed(const std::string& pool, const std::string& reason) const {
  std::int64_t most = 0;
  for (const Moment& moment : past_) {
    const auto found = moment.pools.find(pool);
    if (found != moment.pools.end()) {
      const auto allowed = found->second.allowed.find(reason);
      most = std::max(most, allowed == found->second.allowed.end() ? 0 : allowed->second);
    }
  }
  return most;
}

std::int64_t BudgetWatch::fewest_others(const std::string& pool) const {
  std::int64_t fewest = kNoLimit;
  for (const Moment& moment : past_) {
    const auto found = moment.pools.find(pool);
    fewest = std::min(fewest, found == moment.pools.end() ? 0 : found->second.others);
  }
  return past_.empty() ? 0 : fewest;
}

void BudgetWatch::look(const std::vector<SeenMachine>& machines, k8s::TimeNs now) {
  Moment moment{.until = now, .pools = pools_now(machines, now)};
  for (const auto& [name, pool] : moment.pools) {
    for (const std::string& claim : pool.marked) {
      decided_.erase(claim);
    }
  }
  if (!past_.empty()) {
    past_.back().until = now;
    check_marks(past_.back(), moment);
  }
  while (!past_.empty() && past_.front().until < now - lag_) {
    past_.pop_front();
  }
  past_.push_back(std::move(moment));
}

// Whoever decided has counted; but nobody may mark more than was allowed at any time meanwhile.
void BudgetWatch::check_marks(const Moment& before, const Moment& after) {
  for (const auto& [name, pool] : after.pools) {
    const auto old = before.pools.find(name);
    for (const std::string& claim : pool.marked) {
      if (old != before.pools.end() && old->second.marked.contains(claim)) {
        continue;
      }
      const std::string& reason = reasons_[claim];
      if (reason.empty()) {
        observer_.problem("nodeclaim " + claim + " is marked though nobody decided it");
      } else if (const std::int64_t most = most_allowed(name, reason);
                 static_cast<std::int64_t>(pool.marked.size()) > most) {
        observer_.problem(base::concat(pool.marked.size(),
                                       " nodes of pool ",
                                       name,
                                       " are disrupted at once, allowed for ",
                                       reason,
                                       ": ",
                                       most));
      }
    }
  }
}

void BudgetWatch::on_decision(const Decision& decision, k8s::TimeNs now) {
  const std::vector<SeenMachine> machines = machines_without_pods(store_);
  look(machines, now);
  std::map<std::string, std::set<std::string>> going;
  for (const SeenMachine& machine : machines) {
    if (is_in(decision.claims, machine.name())) {
      going[machine.pool()].insert(machine.name());
    }
  }
  for (const std::string& claim : decision.claims) {
    decided_[claim] = decision.reason;
    reasons_[claim] = decision.reason;
  }
  for (auto& [pool, claims] : going) {
    const auto& marked = past_.back().pools.at(pool).marked;
    claims.insert(marked.begin(), marked.end());
    for (const SeenMachine& machine : machines) {
      if (machine.pool() == pool && !machine.is_leaving() && decided_.contains(machine.name())) {
        claims.insert(machine.name());
      }
    }
    const std::int64_t sum = static_cast<std::int64_t>(claims.size()) + fewest_others(pool);
    const std::int64_t most = most_allowed(pool, decision.reason);
    if (sum > most) {
      observer_.problem(base::concat(decision.method,
                                     " takes pool ",
                                     pool,
                                     " to ",
                                     sum,
                                     " disrupted nodes, allowed for ",
                                     decision.reason,
                                     ": ",
                                     most));
    }
    if (sum == most) {
      observer_.met("budget: used up");
    }
    note_budgets(pool, decision.reason, now);
  }
}

// Which kinds of budgets stood over a decision.
void BudgetWatch::note_budgets(const std::string& pool,
                               const std::string& reason,
                               k8s::TimeNs now) {
  const auto document = store_.find(api::type_of(k8s::Kind::kNodePool), "", pool);
  if (document == nullptr) {
    return;
  }
  for (const k8s::Budget& budget : k8s::as<k8s::NodePool>(*document->typed()).disruption.budgets) {
    if (budget.schedule) {
      observer_.met(window_is_open(budget, now) ? "budget: in its window"
                                                : "budget: out of window");
    }
    if (!budget.reasons.empty()) {
      observer_.met(applies_to(budget, reason) ? "budget: of this reason"
                                               : "budget: of another reason");
    }
    observer_.met(budget.nodes.ends_with('%') ? "budget: percentage" : "budget: count");
  }
}

}  // namespace sim
