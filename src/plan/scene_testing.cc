#include "plan/scene_testing.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/resources.h"
#include "world/pods.h"

namespace plan::testing {
namespace {

constexpr k8s::TimeNs kSecond = 1'000'000'000;
constexpr k8s::TimeNs kStart = 1'700'000'000 * kSecond;

k8s::Quantity gi(int count) {
  return k8s::Quantity::units(std::int64_t{count} << 30, k8s::Quantity::Format::kBinarySI);
}

void offer(cloud::InstanceType& type,
           const std::string& capacity,
           const std::string& zone,
           double price) {
  type.offerings.push_back({.zone = zone, .capacity_type = capacity, .price = price});
}

k8s::NodeClaim claim_of(const Machine& machine) {
  k8s::NodeClaim claim = machine.claim;
  if (claim.meta.name.empty()) {
    claim.meta.name = "claim-" + machine.node.meta.name;
    claim.meta.labels = machine.node.meta.labels;
  }
  claim.status.provider_id = machine.node.provider_id;
  claim.status.node_name = machine.has_node ? machine.node.meta.name : "";
  return claim;
}

std::unique_ptr<world::NodeRow> node_row(const Machine& machine) {
  auto row = std::make_unique<world::NodeRow>();
  if (machine.has_node) {
    row->node = std::make_shared<const k8s::Node>(machine.node);
  }
  if (machine.has_claim) {
    row->claim = std::make_shared<const k8s::NodeClaim>(claim_of(machine));
  }
  row->marked_for_deletion = machine.is_leaving;
  return row;
}

}  // namespace

cloud::InstanceType make_type(const std::string& name,
                              int cpu,
                              int memory_gi,
                              int pods,
                              const std::vector<std::string>& zones,
                              const std::string& arch) {
  cloud::InstanceType type;
  type.name = name;
  type.capacity = {{"cpu", k8s::Quantity::units(cpu)},
                   {"memory", gi(memory_gi)},
                   {"pods", k8s::Quantity::units(pods)}};
  type.kube_reserved = {{"cpu", k8s::Quantity::milli(100)},
                        {"memory", *k8s::Quantity::parse("10Mi")}};
  type.labels = {{"karpenter.sh/capacity-type", {"on-demand", "spot"}},
                 {"kubernetes.io/arch", {arch}},
                 {"kubernetes.io/os", {"linux"}},
                 {"node.kubernetes.io/instance-type", {name}},
                 {"topology.kubernetes.io/zone", zones}};
  const double price = 0.1 * cpu + 0.1 * memory_gi * 1.073741824;
  for (const std::string& zone : zones) {
    offer(type, "on-demand", zone, price);
    offer(type, "spot", zone, price / 2);
  }
  return type;
}

cloud::CataloguePtr make_catalogue(std::vector<cloud::InstanceType> types) {
  auto catalogue = std::make_shared<cloud::Catalogue>();
  catalogue->types = std::move(types);
  std::ranges::sort(catalogue->types, {}, &cloud::InstanceType::name);
  return catalogue;
}

cloud::CataloguePtr fake_catalogue(int types) {
  std::vector<cloud::InstanceType> made;
  for (int i = 0; i < types; ++i) {
    cloud::InstanceType type = make_type(base::concat("fake-it-", i),
                                         i + 1,
                                         2 * (i + 1),
                                         10 * (i + 1),
                                         {"test-zone-1", "test-zone-2", "test-zone-3"});
    const double price = (i + 1) * (0.1 + 0.2 * 1.073741824);
    type.offerings.clear();
    offer(type, "spot", "test-zone-1", price);
    offer(type, "spot", "test-zone-2", price);
    offer(type, "on-demand", "test-zone-1", price);
    offer(type, "on-demand", "test-zone-2", price);
    offer(type, "on-demand", "test-zone-3", price);
    const bool is_large = i + 1 > 4 && 2 * (i + 1) > 8;
    type.labels.push_back({"size", {is_large ? "large" : "small"}});
    type.labels.push_back(
        {"special", is_large ? std::vector<std::string>{"optional"} : std::vector<std::string>{}});
    type.labels.push_back({"integer", {base::to_text(std::int64_t{i + 1})}});
    std::ranges::sort(type.labels, {}, &cloud::TypeLabel::key);
    made.push_back(std::move(type));
  }
  return make_catalogue(std::move(made));
}

k8s::Resources resources(const std::string& cpu, const std::string& memory) {
  return {{"cpu", *k8s::Quantity::parse(cpu)}, {"memory", *k8s::Quantity::parse(memory)}};
}

k8s::SelectorTerm term(std::string key, std::string op, std::vector<std::string> values) {
  return {
      .key = std::move(key), .op = std::move(op), .values = std::move(values), .min_values = {}};
}

k8s::LabelSelector selector(std::string key, std::string value) {
  return {.match_labels = {{std::move(key), std::move(value)}}, .match_expressions = {}};
}

k8s::TopologySpreadConstraint spread(std::string key, k8s::LabelSelector of, int max_skew) {
  k8s::TopologySpreadConstraint constraint;
  constraint.max_skew = max_skew;
  constraint.topology_key = std::move(key);
  constraint.when_unsatisfiable = "DoNotSchedule";
  constraint.selector = std::move(of);
  return constraint;
}

k8s::PodAffinityTerm affinity(std::string key, k8s::LabelSelector of) {
  k8s::PodAffinityTerm made;
  made.topology_key = std::move(key);
  made.selector = std::move(of);
  return made;
}

k8s::NodePool& Scene::pool(const std::string& name) {
  k8s::NodePool& made = pools_.emplace_back();
  made.meta.name = name;
  made.meta.uid = "uid-" + name;
  catalogues_[name] = catalogue_;
  made.template_spec.node_class = {
      .group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
  return made;
}

k8s::Pod& Scene::pod(const std::string& name) {
  k8s::Pod& made = pods_.emplace_back();
  made.meta.name = name;
  made.meta.namespace_ = "default";
  made.meta.uid = "uid-" + name;
  made.meta.creation_time = kStart + ++made_pods_ * kSecond;
  made.spec.containers.emplace_back().resources.requests = resources("100m", "128Mi");
  made.status.phase = "Pending";
  made.status.conditions.push_back(
      {.type = "PodScheduled", .status = "False", .reason = "Unschedulable"});
  return made;
}

std::vector<k8s::Pod*> Scene::pods(const std::string& prefix, int count) {
  std::vector<k8s::Pod*> made;
  for (int i = 0; i < count; ++i) {
    made.push_back(&pod(base::concat(prefix, "-", i)));
  }
  return made;
}

k8s::Pod& Scene::bound_pod(const std::string& name, const std::string& node) {
  k8s::Pod& made = pod(name);
  made.spec.node_name = node;
  made.status.phase = "Running";
  made.status.conditions.clear();
  return made;
}

k8s::Pod& Scene::daemon(const std::string& name) {
  k8s::Pod& made = daemons_.emplace_back();
  made.meta.name = name;
  made.meta.namespace_ = "kube-system";
  made.spec.containers.emplace_back().resources.requests = resources("500m", "128Mi");
  made.meta.owners.push_back({.api_version = "apps/v1", .kind = "DaemonSet", .name = name});
  return made;
}

k8s::Node& Scene::node(const std::string& name, const std::string& pool, const std::string& zone) {
  return machine(name, pool, zone).node;
}

Machine& Scene::machine(const std::string& name, const std::string& pool, const std::string& zone) {
  Machine& machine = machines_.emplace_back();
  k8s::Node& made = machine.node;
  made.meta.name = name;
  made.provider_id = "provider-" + name;
  made.meta.labels = {{"karpenter.sh/nodepool", pool},
                      {"karpenter.sh/registered", "true"},
                      {"karpenter.sh/initialized", "true"},
                      {"karpenter.sh/capacity-type", "on-demand"},
                      {"kubernetes.io/hostname", name},
                      {"kubernetes.io/arch", "amd64"},
                      {"kubernetes.io/os", "linux"},
                      {"topology.kubernetes.io/zone", zone}};
  made.status.allocatable = resources("4", "8Gi");
  made.status.allocatable.set("pods", k8s::Quantity::units(20));
  made.status.capacity = made.status.allocatable;
  return machine;
}

void Scene::build_nodes() {
  std::map<std::string, std::vector<world::PodId>> bound;
  built_.pods.for_each([&](world::PodId id, const world::PodRow& row) {
    if (!row.pod->spec.node_name.empty() && !world::is_terminal(*row.pod)) {
      bound[row.pod->spec.node_name].push_back(id);
    }
  });
  for (const Machine& machine : machines_) {
    auto row = node_row(machine);
    row->pods = bound[machine.node.meta.name];
    for (const world::PodId id : row->pods) {
      const world::PodRow& pod = built_.pods[id];
      row->pod_requests.add(pod.shape->requests);
      if (world::is_daemon_pod(*pod.pod)) {
        row->daemon_requests.add(pod.shape->requests);
      }
    }
    built_.nodes.insert(std::shared_ptr<const world::NodeRow>(std::move(row)));
  }
}

void Scene::add_pods(world::Snapshot& snapshot) {
  for (const k8s::Pod& pod : pods_) {
    auto [shared, shape] = shapes_.adopt(std::make_shared<const k8s::Pod>(pod));
    snapshot.pods.insert(
        std::make_shared<const world::PodRow>(std::move(shared), std::move(shape)));
  }
}

void Scene::settle() {
  add_pods(snapshot_);
  pods_.clear();
}

void Scene::build() {
  built_ = snapshot_;
  add_pods(built_);
  build_nodes();
  for (const k8s::NodePool& pool : pools_) {
    auto row = std::make_shared<world::PoolRow>();
    row->pool = std::make_shared<const k8s::NodePool>(pool);
    row->catalogue = catalogues_.at(pool.meta.name);
    if (const auto why = unready_.find(pool.meta.name); why != unready_.end()) {
      row->unready_reason = why->second;
    }
    built_.pools.push_back(row);
  }
  for (const k8s::Pod& daemon : daemons_) {
    built_.daemon_pods.push_back(std::make_shared<const k8s::Pod>(daemon));
  }
}

k8s::Pod& Scene::pod_of(world::PodId id) {
  const std::string& uid = built_.pods[id].pod->meta.uid;
  return *std::ranges::find_if(pods_, [&](const k8s::Pod& pod) { return pod.meta.uid == uid; });
}

void Scene::launch_claim(const PlannedClaim& planned, Launch how) {
  const std::string name = base::concat("launched-", machines_.size() + 1);
  const cloud::InstanceType& type = *catalogue_->find(planned.cheapest().instance_type);
  Machine& made = machine(name, planned.pool()->meta.name, planned.cheapest().zone);
  k8s::StringMap labels = planned.form->claim.meta.labels;
  for (const cloud::TypeLabel& label : type.labels) {
    if (label.values.size() == 1) {
      labels.insert_or_assign(label.key, label.values.front());
    }
  }
  labels.insert_or_assign("topology.kubernetes.io/zone", planned.cheapest().zone);
  labels.insert_or_assign("karpenter.sh/capacity-type", planned.cheapest().capacity_type);
  made.claim = planned.claim();
  made.claim.meta.name = "claim-" + name;
  made.claim.meta.labels = labels;
  made.claim.status.allocatable = type.allocatable();
  made.claim.status.capacity = type.capacity;
  made.node.taints = planned.form->claim.spec.taints;
  made.node.status = {.capacity = type.capacity, .allocatable = type.allocatable()};
  labels.insert(made.node.meta.labels.begin(), made.node.meta.labels.end());
  made.node.meta.labels = labels;
  made.has_node = how == Launch::kReady;
}

void Scene::launch(const Plan& plan, Launch how) {
  const auto bind = [&](const std::vector<world::PodId>& ids, const std::string& node) {
    for (const world::PodId id : ids) {
      k8s::Pod& pod = pod_of(id);
      pod.spec.node_name = node;
      pod.status.phase = "Running";
      pod.status.conditions.clear();
    }
  };
  for (const PlannedClaim& planned : plan.claims) {
    launch_claim(planned, how);
    if (how == Launch::kReady) {
      bind(planned.pods, machines_.back().node.meta.name);
    }
  }
  for (const ExistingPlacement& placement : plan.existing) {
    const world::NodeRow& row = built_.nodes[placement.node];
    if (row.node != nullptr) {
      bind(placement.pods, row.node->meta.name);
    }
  }
}

std::vector<std::string> Scene::unplaced_of(const Plan& plan) const {
  std::vector<std::string> names;
  for (const Unplaced& unplaced : plan.unplaced) {
    names.push_back(pod_name(unplaced.pod));
  }
  return names;
}

std::string Scene::reason(const Plan& plan, const std::string& pod) const {
  for (const Unplaced& unplaced : plan.unplaced) {
    if (pod_name(unplaced.pod) == pod) {
      return unplaced.reason;
    }
  }
  return "";
}

Plan Scene::plan() {
  build();
  const Candidates candidates = find_candidates(built_, options);
  Plan plan = compute_plan({.snapshot = built_, .pods = candidates.pods, .options = options});
  plan.unplaced.insert(plan.unplaced.end(), candidates.refused.begin(), candidates.refused.end());
  return plan;
}

std::string Scene::pod_name(world::PodId id) const {
  return built_.pods[id].pod->meta.name;
}

std::vector<std::vector<std::string>> Scene::claims(const Plan& plan) const {
  std::vector<std::vector<std::string>> result;
  for (const PlannedClaim& claim : plan.claims) {
    std::vector<std::string>& names = result.emplace_back();
    for (const world::PodId pod : claim.pods) {
      names.push_back(pod_name(pod));
    }
    std::ranges::sort(names);
  }
  return result;
}

std::map<std::string, int> Scene::spread_over(const Plan& plan, const std::string& key) const {
  std::map<std::string, int> counts;
  for (const PlannedClaim& claim : plan.claims) {
    const k8s::SelectorTerm* found = requirement(claim.form->claim, key);
    const std::string value = found == nullptr ? "any" : base::join(found->values, ",");
    counts[value] += static_cast<int>(claim.pods.size());
  }
  for (const ExistingPlacement& placement : plan.existing) {
    const auto& labels = built_.nodes[placement.node].labels();
    const auto label = labels.find(key);
    counts[label == labels.end() ? "none" : label->second] +=
        static_cast<int>(placement.pods.size());
  }
  return counts;
}

const k8s::SelectorTerm* requirement(const k8s::NodeClaim& claim, const std::string& key) {
  const auto found = std::ranges::find(claim.spec.requirements, key, &k8s::SelectorTerm::key);
  return found == claim.spec.requirements.end() ? nullptr : &*found;
}

}  // namespace plan::testing
