#include "plan/plan_base.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "k8s/resources.h"
#include "plan/claim_parts.h"
#include "plan/devices.h"
#include "plan/provisionable.h"
#include "world/pool_hash.h"

namespace plan {
namespace {

constexpr std::string_view kPreferNoSchedule = "PreferNoSchedule";

bool comes_before(const k8s::NodePool& a, const k8s::NodePool& b) {
  const auto weight = [](const k8s::NodePool& pool) { return pool.weight.value_or(0); };
  return weight(a) != weight(b) ? weight(a) > weight(b) : a.meta.name > b.meta.name;
}

}  // namespace

PlanBase::PlanBase(const Problem& problem, PlanMemory& memory)
    : problem_(problem), memory_(memory) {
  memory_.prepare(problem);
  hostname_key_ = words().intern(cloud::label::kHostname);
  removed_.resize(problem.snapshot.nodes.end_id());
  for (const world::NodeId node : problem.removed) {
    removed_[node] = true;
  }
  nodes().follow(problem.snapshot);
  for (const world::NodeId id : nodes().order()) {
    if (nodes().node(id).is_deleting) {
      removed_[id] = true;
    }
  }
  collect_names();
  compile_daemons();
  compile_budgets();
  compile_templates();
  if (uses_devices_ && !problem.options.ignore_dra_requests) {
    make_devices();
  }
}

PlanBase::~PlanBase() = default;

// SCH-402, SCH-278: slices of machines that stay; what pods of the others hold is free.
void PlanBase::make_devices() {
  DeviceScope scope;
  snapshot().nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    if (!is_removed(id)) {
      if (row.is_initialized() && row.node != nullptr) {
        scope.nodes.insert(row.node->meta.name);
      }
      return;
    }
    for (const world::PodId pod : row.pods) {
      scope.going_pods.insert(snapshot().pods[pod].pod->meta.uid);
    }
  });
  devices_ = std::make_unique<DeviceAllocator>(snapshot(), sets(), scope);
}

void PlanBase::collect_names() {
  memory_.names().intern("cpu");
  memory_.names().intern("memory");
  memory_.names().intern("pods");
  std::unordered_set<const model::PodShape*> seen;
  for (const world::PodId id : problem_.pods) {
    const world::PodRow& row = snapshot().pods[id];
    if (seen.insert(row.shape.get()).second) {
      memory_.names().intern_all(row.shape->requests);
      uses_devices_ |= row.shape->uses_dra;
    }
  }
  for (const auto& pod : snapshot().daemon_pods) {
    memory_.names().intern_all(k8s::pod_requests(*pod));
  }
}

bool PlanBase::is_daemon_key(model::Symbol key) {
  return std::ranges::any_of(daemons_, [&](const Daemon& daemon) {
    return std::ranges::any_of(daemon.terms, [&](const NodeConstraint& term) {
      return sets().get(term.set, key) != nullptr;
    });
  });
}

void PlanBase::compile_daemons() {
  for (const auto& pod : snapshot().daemon_pods) {
    Daemon daemon{.pod = pod,
                  .shape = model::make_pod_shape(*pod),
                  .terms = {},
                  .tolerations = {},
                  .own_tolerations = {}};
    if (daemon.shape.uses_dra && options().ignore_dra_requests) {
      continue;
    }
    ConstraintBuilder selector(sets());
    selector.add(daemon.shape.node_selector);
    for (const k8s::NodeSelectorTerm& term : daemon.shape.node_affinity.required) {
      ConstraintBuilder with_term = selector;
      daemon.terms.push_back(with_term.add(term.match_expressions).build());
    }
    if (daemon.terms.empty()) {
      daemon.terms.push_back(selector.build());
    }
    std::vector<k8s::Toleration> tolerations = daemon.shape.tolerations;
    daemon.own_tolerations = taints().intern(tolerations);
    tolerations.push_back({.key = "",
                           .op = "Exists",
                           .value = "",
                           .effect = std::string(kPreferNoSchedule),
                           .seconds = {}});
    daemon.tolerations = taints().intern(std::move(tolerations));
    daemons_.push_back(std::move(daemon));
  }
}

// SCH-133: what active nodes use counts; nodes that are going away do not.
void PlanBase::compile_budgets() {
  for (const auto& pool : snapshot().pools) {
    PoolBudget budget;
    for (const auto& [resource, limit] : pool->pool->limits) {
      budget.limits.push_back({.resource = resource, .remaining = limit});
    }
    budgets_.emplace(pool->pool->meta.name, std::move(budget));
  }
  for (const world::NodeId id : nodes().order()) {
    const KnownNode& node = nodes().node(id);
    const auto budget = budgets_.find(node.pool);
    if (is_removed(id) || budget == budgets_.end()) {
      continue;
    }
    for (PoolLimit& limit : budget->second.limits) {
      limit.remaining -=
          limit.resource == "nodes" ? k8s::Quantity::units(1) : node.capacity.get(limit.resource);
    }
  }
}

std::vector<k8s::Quantity> PlanBase::budgets_left() const {
  std::vector<k8s::Quantity> left;
  for (const auto& [pool, budget] : budgets_) {
    std::ranges::transform(budget.limits, std::back_inserter(left), &PoolLimit::remaining);
  }
  return left;
}

void PlanBase::set_budgets_left(const std::vector<k8s::Quantity>& left) {
  std::size_t next = 0;
  for (auto& [pool, budget] : budgets_) {
    for (PoolLimit& limit : budget.limits) {
      limit.remaining = left.at(next++);
    }
  }
}

void PlanBase::compile_templates() {
  std::vector<std::shared_ptr<const world::PoolRow>> pools;
  for (const auto& pool : snapshot().pools) {
    const std::string& name = pool->pool->meta.name;
    if (pool->pool->replicas || pool->pool->meta.is_deleting()) {
      continue;  // SCH-114: static pools and dying pools plan nothing.
    }
    if (!pool->unready_reason.empty()) {
      warnings_.push_back(base::concat(
          "ignoring nodepool, not ready (NodePool=", name, ", reason=", pool->unready_reason, ")"));
      continue;
    }
    has_pools_ = true;
    if (pool->catalogue == nullptr || pool->catalogue->types.empty()) {
      warnings_.push_back(
          base::concat("skipping, no resolved instance types found (NodePool=", name, ")"));
      continue;
    }
    pools.push_back(pool);
  }
  std::ranges::stable_sort(
      pools, [](const auto& a, const auto& b) { return comes_before(*a->pool, *b->pool); });
  for (const auto& pool : pools) {
    add_template(pool);
  }
}

void PlanBase::add_template(const std::shared_ptr<const world::PoolRow>& pool) {
  const k8s::NodePool& node_pool = *pool->pool;
  Template tmpl{.pool = pool,
                .columns = &memory_.columns_of(pool->catalogue),
                .set = template_set(sets(), node_pool),
                .taints = taints().intern(node_pool.template_spec.taints),
                .rows = {},
                .groups = {},
                .hash = world::pool_hash(node_pool)};
  tmpl.rows = tmpl.columns->usable_rows(tmpl.set);
  tmpl.rows &= tmpl.columns->sound_rows();
  std::vector<Shortfall> shortfall;
  if (tmpl.rows.any() && options().min_values_policy == MinValuesPolicy::kStrict) {
    shortfall = min_values_shortfall(sets(), *tmpl.columns, tmpl.set, tmpl.rows);
  }
  if (tmpl.rows.none() || !shortfall.empty()) {  // SCH-130, SCH-223
    std::string text =
        base::concat("NodePool requirements filtered out all compatible available instance types",
                     shortfall.empty() ? "" : " due to minValues incompatibility");
    warnings_.push_back(base::concat(text, " (NodePool=", node_pool.meta.name, ")"));
    filtered_pools_.emplace(node_pool.meta.name, std::move(text));
    return;
  }
  has_prefer_no_schedule_ |= std::ranges::any_of(
      node_pool.template_spec.taints,
      [](const k8s::Taint& taint) { return taint.effect == kPreferNoSchedule; });
  tmpl.groups = daemon_groups(tmpl);
  budgets_[node_pool.meta.name].index(*tmpl.columns);
  templates_.push_back(std::move(tmpl));
}

std::vector<DaemonGroup> PlanBase::daemon_groups(const Template& tmpl) {
  std::vector<DaemonGroup> groups{
      {.rows = tmpl.rows, .overhead = {}, .demand = Amounts(names().size(), 0), .ports = {}}};
  for (const Daemon& daemon : daemons_) {
    if (!taints().tolerates(daemon.tolerations, tmpl.taints)) {
      continue;
    }
    base::Bitset runs_on(tmpl.columns->row_count());
    for (const NodeConstraint& term : daemon.terms) {  // SCH-213: every term, not the first left.
      if (sets().combine(tmpl.set, term.set, model::Undefined::kWellKnown).is_valid()) {
        runs_on |= tmpl.columns->compatible_rows(term.set);
      }
    }
    std::vector<DaemonGroup> split;
    for (DaemonGroup& group : groups) {
      DaemonGroup with = group;
      with.rows &= runs_on;
      group.rows.and_not(runs_on);
      if (group.rows.any()) {
        split.push_back(std::move(group));
      }
      if (with.rows.any()) {
        with.overhead.add(daemon.shape.requests);
        with.ports.insert(with.ports.end(), daemon.shape.ports.begin(), daemon.shape.ports.end());
        with.demand = names().demand(with.overhead);
        split.push_back(std::move(with));
      }
    }
    groups = std::move(split);
  }
  return groups;
}

std::vector<Shortfall> min_values_shortfall(model::SetTable& sets,
                                            const Columns& columns,
                                            model::SetId set,
                                            const base::Bitset& rows) {
  std::vector<Shortfall> missing;
  if (!sets.has_min_values(set) || rows.none()) {
    return missing;
  }
  for (const model::ReqId id : sets.members(set)) {
    const model::Requirement& requirement = sets.requirement(id);
    if (!requirement.min_values) {
      continue;
    }
    std::int64_t available = 0;
    for (const Columns::Posting& posting : columns.postings(requirement.key)) {
      available += posting.rows.intersects(rows) ? 1 : 0;
    }
    if (available < *requirement.min_values) {
      missing.push_back({.key = requirement.key, .available = available});
    }
  }
  return missing;
}

model::SetId relax_min_values(model::SetTable& sets,
                              model::SetId set,
                              const std::vector<Shortfall>& shortfall) {
  for (const Shortfall& missing : shortfall) {
    model::Requirement requirement = *sets.get(set, missing.key);
    requirement.min_values = missing.available;
    set = sets.replace(set, requirement);
  }
  return set;
}

std::string shortfall_text(const model::SetTable& sets, const std::vector<Shortfall>& shortfall) {
  std::vector<std::string> keys;
  for (const Shortfall& missing : shortfall) {
    keys.emplace_back(sets.words().text(missing.key));
  }
  std::ranges::sort(keys);
  return base::concat(
      "minValues requirement is not met for label(s) (label(s)=[", base::join(keys, " "), "])");
}

}  // namespace plan
