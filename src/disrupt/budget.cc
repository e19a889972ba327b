#include "disrupt/budget.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/cron.h"

namespace disrupt {

base::Result<bool> is_active(const k8s::Budget& budget, k8s::TimeNs now) {
  if (!budget.schedule && !budget.duration) {
    return true;
  }
  const k8s::Cron cron = TRY(k8s::Cron::parse(budget.schedule.value_or("")));
  const std::optional<k8s::TimeNs> next = cron.next(now - budget.duration.value_or(0));
  return next.has_value() && *next <= now;
}

base::Result<std::int64_t> allowed_by(const k8s::Budget& budget,
                                      std::int64_t nodes,
                                      k8s::TimeNs now) {
  if (!TRY(is_active(budget, now))) {
    return kUnlimited;
  }
  std::string_view text = budget.nodes;
  const bool is_percent = text.ends_with('%');
  if (is_percent) {
    text.remove_suffix(1);
  }
  const std::optional<std::int64_t> value = base::parse_int(text);
  if (!value || *value < 0) {
    return base::fail(base::ErrorCode::kInvalid,
                      base::concat("nodes: \"", budget.nodes, "\" is no count and no percentage"));
  }
  return is_percent ? (*value * nodes + 99) / 100 : std::min(*value, kUnlimited);
}

base::Result<std::int64_t> allowed_by(const k8s::NodePool& pool,
                                      std::string_view reason,
                                      std::int64_t nodes,
                                      k8s::TimeNs now) {
  std::int64_t allowed = kUnlimited;
  for (const k8s::Budget& budget : pool.disruption.budgets) {
    const std::int64_t one = TRY(allowed_by(budget, nodes, now));
    if (budget.reasons.empty() ||
        std::ranges::find(budget.reasons, reason) != budget.reasons.end()) {
      allowed = std::min(allowed, one);
    }
  }
  return allowed;
}

std::map<std::string, PoolAllowance, std::less<>> allowances(const world::Snapshot& snapshot,
                                                             std::string_view reason) {
  std::map<std::string, PoolAllowance, std::less<>> out;
  for (const auto& row : snapshot.pools) {
    out[row->pool->meta.name];
  }
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    const auto found = out.find(row.pool());
    if (found == out.end() || !row.is_managed() || row.node == nullptr || !row.is_initialized() ||
        k8s::is_true(row.claim->status.conditions, "InstanceTerminating")) {
      return;
    }
    ++found->second.nodes;
    if (row.is_deleting() || !k8s::is_true(row.node->status.conditions, "Ready")) {
      ++found->second.disrupting;
    }
  });
  for (const auto& row : snapshot.pools) {
    PoolAllowance& allowance = out[row->pool->meta.name];
    allowance.allowed =
        allowed_by(*row->pool, reason, allowance.nodes, snapshot.now).value_or(0);  // DIS-55
  }
  return out;
}

std::vector<std::string> broken_budgets(const world::Snapshot& snapshot) {
  std::vector<std::string> out;
  for (const auto& row : snapshot.pools) {
    if (const auto allowed = allowed_by(*row->pool, kEmpty, 100, snapshot.now); !allowed) {
      out.push_back(base::concat("invalid disruption budgets in nodepool ",
                                 row->pool->meta.name,
                                 ", ",
                                 allowed.error().detail));
    }
  }
  return out;
}

}  // namespace disrupt
