#include "disrupt/bed_testing.h"

#include <array>

#include "base/text.h"
#include "world/names.h"

namespace disrupt::testing {

namespace {

using world::testing::set_condition;

k8s::Resources resources_of(const std::string& type) {
  const std::int64_t cpus = *base::parse_int(std::string_view(type).substr(1));
  k8s::Resources out;
  out.set("cpu", k8s::Quantity::units(cpus));
  out.set("memory", k8s::Quantity::units(cpus << 32));
  out.set("pods", k8s::Quantity::units(100));
  return out;
}

k8s::StringMap labels_of(const std::string& name, const MachineSpec& spec) {
  return {{std::string(world::kPoolLabel), spec.pool},
          {std::string(world::kInstanceTypeLabel), spec.type},
          {std::string(world::kZoneLabel), spec.zone},
          {std::string(world::kCapacityTypeLabel), spec.capacity},
          {std::string(world::kHostnameLabel), name},
          {"kubernetes.io/arch", "amd64"},
          {"kubernetes.io/os", "linux"}};
}

}  // namespace

cloud::CataloguePtr small_catalogue() {
  auto catalogue = std::make_shared<cloud::Catalogue>();
  for (const int cpus : {16, 2, 4, 8}) {  // By name.
    cloud::InstanceType& type = catalogue->types.emplace_back();
    type.name = base::concat("t", cpus);
    type.capacity = resources_of(type.name);
    type.labels = {{"karpenter.sh/capacity-type", {"on-demand", "spot"}},
                   {"kubernetes.io/arch", {"amd64"}},
                   {"kubernetes.io/os", {"linux"}},
                   {"node.kubernetes.io/instance-type", {type.name}},
                   {"topology.kubernetes.io/zone", {"z1", "z2", "z3"}}};
    for (const char* zone : {"z1", "z2", "z3"}) {
      type.offerings.push_back({.zone = zone, .capacity_type = "on-demand", .price = cpus * 0.1});
      type.offerings.push_back({.zone = zone, .capacity_type = "spot", .price = cpus * 0.03});
    }
  }
  return catalogue;
}

Bed::Bed() {
  pool = make_pool("default");
  put(pool);
  world_.set_catalogue("EC2NodeClass", "default", small_catalogue());
  world_.mark_synced();
}

k8s::NodePool Bed::make_pool(const std::string& name) const {
  k8s::NodePool out = world::testing::make_pool(name);
  out.disruption.budgets = {
      k8s::Budget{.reasons = {}, .nodes = "100%", .schedule = {}, .duration = {}}};
  k8s::SelectorTerm term;
  term.key = std::string(world::kCapacityTypeLabel);
  term.op = "In";
  term.values = {"on-demand"};
  out.template_spec.requirements = {term};
  return out;
}

k8s::NodeClaim Bed::make_claim(const std::string& name, const MachineSpec& spec) const {
  k8s::NodeClaim out = world::testing::make_claim("claim-" + name, spec.pool);
  out.meta.labels = labels_of(name, spec);
  out.spec.node_class = pool.template_spec.node_class;
  out.status.provider_id = "id-" + name;
  out.status.node_name = name;
  out.status.capacity = resources_of(spec.type);
  out.status.allocatable = out.status.capacity;
  for (const char* type : {"Launched", "Registered", "Initialized", "Consolidatable"}) {
    set_condition(out.status.conditions, type, "True");
  }
  return out;
}

k8s::Node Bed::make_node(const std::string& name, const MachineSpec& spec) const {
  k8s::Node out;
  out.meta.name = name;
  out.meta.uid = "uid-" + name;
  out.meta.resource_version = "1";
  out.provider_id = "id-" + name;
  out.meta.labels = labels_of(name, spec);
  out.meta.labels[std::string(world::kRegisteredLabel)] = "true";
  out.meta.labels[std::string(world::kInitializedLabel)] = "true";
  out.status.capacity = resources_of(spec.type);
  out.status.allocatable = out.status.capacity;
  set_condition(out.status.conditions, "Ready", "True");
  return out;
}

k8s::Pod Bed::make_pod(const std::string& name, const std::string& node, int milli_cpu) const {
  k8s::Pod out;
  out.meta.name = name;
  out.meta.namespace_ = "ns";
  out.meta.uid = "uid-" + name;
  out.meta.labels["app"] = "web";
  out.spec.node_name = node;
  k8s::Container container;
  container.resources.requests.set("cpu", k8s::Quantity::milli(milli_cpu));
  out.spec.containers.push_back(container);
  out.status.phase = "Running";
  return out;
}

k8s::PodDisruptionBudget Bed::make_pdb(const std::string& name) const {
  k8s::PodDisruptionBudget out;
  out.meta.namespace_ = "ns";
  out.meta.name = name;
  out.selector = k8s::LabelSelector{};
  return out;
}

void Bed::add_machine(const std::string& name, const MachineSpec& spec) {
  put(make_claim(name, spec));
  put(make_node(name, spec));
}

void Bed::add_drifted(const std::string& name, k8s::TimeNs since, const MachineSpec& spec) {
  k8s::NodeClaim claim = make_claim(name, spec);
  set_condition(claim.status.conditions, "Drifted", "True", since);
  put(claim);
  put(make_node(name, spec));
}

void Bed::add_pod(const std::string& name, const std::string& node, int milli_cpu) {
  put(make_pod(name, node, milli_cpu));
}

Findings Bed::find(Method method) {
  const world::SnapshotPtr now_seen = snapshot();
  Pass pass(*now_seen, settings, memory_);
  return disrupt::find(method, pass);
}

std::expected<Command, Refusal> Bed::validate_now(const Command& command) {
  const world::SnapshotPtr now_seen = snapshot();
  Pass pass(*now_seen, settings, memory_);
  return validate(pass, {command}).front();
}

std::string Bed::blocked(const std::string& name, Grace grace) {
  const world::SnapshotPtr now_seen = snapshot();
  auto id = world_.find_node(name);
  if (!id) {
    id = world_.find_claim("claim-" + name);
  }
  const Judgement judgement = judge(*now_seen, PodGuards(*now_seen), settings.busy, *id);
  return judgement.stands(grace) ? "" : judgement.blocked.text;
}

std::vector<std::string> Bed::notes(const Findings& findings, const std::string& name) {
  std::vector<std::string> out;
  for (const Note& note : findings.notes) {
    if (note.node == world_.find_node(name)) {
      out.push_back(note.text);
    }
  }
  return out;
}

std::vector<std::string> nodes_of(const Findings& findings) {
  std::vector<std::string> out;
  if (!findings.commands.empty()) {
    for (const Candidate& candidate : findings.commands.front().candidates) {
      out.push_back(candidate.node_name());
    }
  }
  return out;
}

}  // namespace disrupt::testing
