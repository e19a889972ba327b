// Templates, daemon loads, existing machines and limits of the reference scheduler.
#include <algorithm>

#include "base/text.h"
#include "plan/provisionable.h"
#include "plan/reference/scheduler_testing.h"

namespace plan::reference {
namespace {

const std::string kHost(cloud::label::kHostname);

// SCH-65
std::vector<AllocatableGroup> allocatable_groups(const cloud::InstanceType& type) {
  struct Key {
    k8s::Resources capacity;
    k8s::Resources overhead;

    bool operator==(const Key& other) const {
      return capacity == other.capacity && overhead == other.overhead;
    }
  };

  std::vector<Key> keys = {{}};
  std::vector<AllocatableGroup> out = {{.allocatable = type.allocatable(), .offerings = {}}};
  for (const cloud::Offering& offering : type.offerings) {
    if (!offering.available) {
      continue;
    }
    const Key key{offering.capacity_override.value_or(k8s::Resources{}),
                  offering.overhead_override.value_or(k8s::Resources{})};
    auto found = std::ranges::find(keys, key);
    if (found == keys.end()) {
      cloud::InstanceType changed = type;
      for (const auto& [name, quantity] : key.capacity) {
        changed.capacity.set(name, quantity);
      }
      k8s::Resources overhead = type.kube_reserved;
      overhead.add(type.system_reserved);
      overhead.add(type.eviction_threshold);
      for (const auto& [name, quantity] : key.overhead) {
        overhead.set(name, quantity);
      }
      changed.kube_reserved = overhead;
      changed.system_reserved = changed.eviction_threshold = {};
      out.push_back({.allocatable = changed.allocatable(), .offerings = {}});
      keys.push_back(key);
      found = keys.end() - 1;
    }
    out[static_cast<std::size_t>(found - keys.begin())].offerings.push_back(&offering);
  }
  return out;
}

bool is_usable(const world::PoolRow& row) {
  return !row.pool->replicas && row.unready_reason.empty() && !row.pool->meta.is_deleting();
}

}  // namespace

Scheduler::Scheduler(const Problem& problem)
    : problem_(problem), schema_(schema_of(problem.snapshot, problem.options)) {
  for (const auto& row : problem.snapshot.pools) {
    if (is_usable(*row)) {
      pools_.push_back(row.get());
    }
  }
  std::ranges::sort(pools_, [](const world::PoolRow* a, const world::PoolRow* b) {
    return std::pair(a->pool->weight.value_or(0), a->pool->meta.name) >
           std::pair(b->pool->weight.value_or(0), b->pool->meta.name);
  });
  for (const world::PoolRow* row : pools_) {
    if (row->catalogue != nullptr) {
      make_types(*row);
      make_template(*row);
    }
  }
  charge_limits();
  learn_attach_limits();
  make_machines();
  std::vector<MachineView> views;
  for (const Machine& machine : machines_) {
    views.push_back({.row = machine.row, .reqs = machine.reqs});
  }
  topology_.emplace(problem_, *schema_, pool_views(), views);
}

void Scheduler::make_types(const world::PoolRow& row) {
  for (const cloud::InstanceType& type : row.catalogue->types) {
    if (type_of_.contains(&type)) {
      continue;
    }
    Type& made = types_.emplace_back();
    made.type = &type;
    for (const cloud::TypeLabel& label : type.labels) {
      add(made.reqs, one_of(label.key, {label.values.begin(), label.values.end()}));
    }
    made.groups = allocatable_groups(type);
    type_of_[&type] = &made;
    for (const cloud::Offering& offering : type.offerings) {  // SCH-191
      if (offering.capacity_type == "reserved" && !offering.reservation_id.empty()) {
        const auto [slot, is_new] =
            reservations_.try_emplace(offering.reservation_id, offering.reservation_capacity);
        slot->second = std::min(slot->second, offering.reservation_capacity);
      }
    }
  }
}

// SCH-130, SCH-131
void Scheduler::make_template(const world::PoolRow& row) {
  const k8s::NodePool& pool = *row.pool;
  const k8s::NodeClassRef& node_class = pool.template_spec.node_class;
  Template made{.row = &row};
  add(made.reqs, *schema_, pool.template_spec.requirements);
  add(made.reqs, *schema_, pool.template_labels);
  add(made.reqs, one_of("karpenter.sh/nodepool", {pool.meta.name}));
  add(made.reqs,
      one_of(base::concat(node_class.group, "/", base::to_lower(node_class.kind)),
             {node_class.name}));
  add(made.reqs, one_of("karpenter.sh/registered", {"true"}));
  add(made.reqs, one_of("karpenter.sh/initialized", {"true"}));
  for (const cloud::InstanceType& type : row.catalogue->types) {
    const Type& candidate = *type_of_.at(&type);
    bool has_offering = false;
    if (!conflict(candidate.reqs, made.reqs) &&
        fits_group(candidate, made.reqs, {}, &has_offering)) {
      made.types.push_back(&candidate);
    }
  }
  const bool is_strict = problem_.options.min_values_policy == MinValuesPolicy::kStrict;
  if (made.types.empty() || (is_strict && !short_of_min_values(made.reqs, made.types).empty())) {
    return;
  }
  may_tolerate_ |= std::ranges::any_of(pool.template_spec.taints, [](const k8s::Taint& taint) {
    return taint.effect == "PreferNoSchedule";
  });
  make_loads(made);
  templates_.push_back(std::move(made));
}

// SCH-210
void Scheduler::make_loads(Template& tmpl) const {
  std::map<std::set<const k8s::Pod*>, std::size_t> known;
  for (const Type* type : tmpl.types) {
    std::set<const k8s::Pod*> daemons;
    for (const auto& daemon : problem_.snapshot.daemon_pods) {
      if (runs_on(*daemon, tmpl, *type)) {
        daemons.insert(daemon.get());
      }
    }
    const auto [slot, is_new] = known.try_emplace(daemons, tmpl.loads.size());
    tmpl.load_of[type] = slot->second;
    if (is_new) {
      DaemonLoad& load = tmpl.loads.emplace_back();
      for (const k8s::Pod* daemon : daemons) {
        load.overhead.add(effective_requests(daemon->spec));
        const std::vector<Port> ports = ports_of(daemon->spec);
        load.ports.insert(load.ports.end(), ports.begin(), ports.end());
      }
    }
  }
}

// SCH-212
bool Scheduler::runs_on(const k8s::Pod& daemon, const Template& tmpl, const Type& type) const {
  std::vector<k8s::Toleration> tolerations = daemon.spec.tolerations;
  tolerations.push_back({.key = "", .op = "Exists", .value = "", .effect = "PreferNoSchedule"});
  if (is_dra(daemon.spec) || !tolerates(tolerations, tmpl.pool().template_spec.taints)) {
    return false;
  }
  return std::ranges::any_of(required_terms(daemon.spec, *schema_), [&](const Reqs& term) {
    return !incompatible(tmpl.reqs, term, schema_->well_known()) && !conflict(type.reqs, term);
  });
}

bool Scheduler::is_removed(world::NodeId id) const {
  return std::ranges::find(problem_.removed, id) != problem_.removed.end();
}

// SCH-84
bool Scheduler::is_dra(const k8s::PodSpec& spec) const {
  const auto asks = [](const k8s::Container& c) { return !c.resources.claims.empty(); };
  return problem_.options.ignore_dra_requests &&
         (!spec.resource_claims.empty() || std::ranges::any_of(spec.containers, asks) ||
          std::ranges::any_of(spec.init_containers, asks));
}

// SCH-134
void Scheduler::make_machines() {
  problem_.snapshot.nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    if (!row.is_deleting() && !is_removed(id)) {
      machines_.push_back(make_machine(id, row));
    }
  });
  std::ranges::sort(machines_, [](const Machine& a, const Machine& b) {
    return std::pair(!a.row->is_initialized(), a.row->name()) <
           std::pair(!b.row->is_initialized(), b.row->name());
  });
}

// SCH-135..137
Machine Scheduler::make_machine(world::NodeId id, const world::NodeRow& row) const {
  Machine made{.id = id, .row = &row};
  add(made.reqs, *schema_, row.labels());
  made.reqs.try_emplace(kHost, one_of(kHost, {row.name()}));
  made.taints = row.taints();
  k8s::Resources expected;
  for (const auto& daemon : problem_.snapshot.daemon_pods) {
    const auto terms = required_terms(daemon->spec, *schema_);
    if (!is_dra(daemon->spec) && tolerates(daemon->spec.tolerations, made.taints) &&
        std::ranges::any_of(terms,
                            [&](const Reqs& term) { return !incompatible(made.reqs, term, {}); })) {
      expected.add(effective_requests(daemon->spec));
    }
  }
  made.remaining = row.allocatable();
  made.remaining.subtract(row.pod_requests);
  for (const auto& [name, quantity] : expected) {
    const k8s::Quantity more = quantity - row.daemon_requests.get(name);
    made.remaining.subtract({{name, std::max(more, k8s::Quantity())}});
  }
  for (const world::PodId pod : row.pods) {
    const k8s::Pod& bound = *problem_.snapshot.pods[pod].pod;
    const std::vector<Port> ports = ports_of(bound.spec);
    made.ports.insert(made.ports.end(), ports.begin(), ports.end());
    for (const auto& [driver, claims] :
         driver_volumes(problem_.snapshot, bound).value_or(DriverVolumes{})) {
      made.volumes[driver].insert(claims.begin(), claims.end());
    }
  }
  for (const auto& csi : problem_.snapshot.csi_nodes) {
    if (row.node == nullptr || csi->meta.name != row.node->meta.name) {
      continue;
    }
    for (const k8s::CSIDriverOnNode& driver : csi->drivers) {
      if (driver.allocatable_count) {
        made.volume_limits[driver.name] = *driver.allocatable_count;
      }
    }
  }
  return made;
}

// SCH-133
void Scheduler::charge_limits() {
  for (const auto& row : problem_.snapshot.pools) {
    remaining_[row->pool->meta.name] = row->pool->limits;
  }
  problem_.snapshot.nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    const auto pool = remaining_.find(row.pool());
    if (row.is_deleting() || is_removed(id) || pool == remaining_.end()) {
      return;
    }
    k8s::Resources used = row.capacity();
    used.set("nodes", k8s::Quantity::units(1));
    k8s::Resources left;
    for (const auto& [name, quantity] : pool->second) {
      left.set(name, quantity - used.get(name));
    }
    pool->second = left;
  });
}

void Scheduler::learn_attach_limits() {
  problem_.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    const std::string* type =
        row.node == nullptr ? nullptr : row.node->meta.label(cloud::label::kInstanceType);
    for (const auto& csi : problem_.snapshot.csi_nodes) {
      if (type == nullptr || csi->meta.name != row.node->meta.name) {
        continue;
      }
      for (const k8s::CSIDriverOnNode& driver : csi->drivers) {
        if (driver.allocatable_count) {
          std::int64_t& limit = attach_limits_[*type][driver.name];
          limit = std::max(limit, std::int64_t{*driver.allocatable_count});
        }
      }
    }
  });
}

// SCH-300, of types that the pool's own requirements leave.
std::vector<PoolView> Scheduler::pool_views() const {
  std::vector<PoolView> out;
  for (const Template& tmpl : templates_) {
    PoolView& view = out.emplace_back();
    view.taints = tmpl.pool().template_spec.taints;
    view.reqs = tmpl.reqs;
    for (const cloud::InstanceType& type : tmpl.row->catalogue->types) {
      if (!conflict(type_of_.at(&type)->reqs, tmpl.reqs)) {
        view.type_labels.push_back(type_of_.at(&type)->reqs);
      }
    }
  }
  return out;
}

}  // namespace plan::reference
