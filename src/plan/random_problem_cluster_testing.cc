// Nodes, claims, bound pods and volumes of random problems; constraints that both pools and pods
// use.
#include <algorithm>

#include "base/text.h"
#include "plan/random_problem_testing.h"
#include "plan/scene_testing.h"
#include "world/names.h"

namespace plan::testing {
namespace {

struct Key {
  std::string name;
  std::vector<std::string> values;
};

std::vector<Key> keys_of(const Generation& g) {
  std::vector<Key> keys = {
      {std::string(cloud::label::kZone), g.zones},
      {std::string(cloud::label::kArch), {"amd64", "arm64"}},
      {std::string(cloud::label::kCapacityType), {"on-demand", "spot"}},
      {std::string(kSizeLabel), {"small", "large"}},
      {std::string(kTeamLabel), {"red", "blue"}},
      {std::string(kSpecialLabel), {"yes", "yes", "yes", "no"}},
      {std::string(cloud::label::kInstanceType), {"type-a", "type-b", "type-c"}},
      {"failure-domain.beta.kubernetes.io/zone", g.zones}};
  if (g.uses(Feature::kReserved)) {
    keys[2].values.emplace_back("reserved");
  }
  return keys;
}

// One of the ways to be a node (SCH-35, SCH-134..137).
enum class Stage { kReady, kUninitialized, kUnregistered, kClaimOnly, kUnmanaged };

Stage draw_stage(Generation& g) {
  if (!g.draws(Feature::kUnfinishedNodes, 50)) {
    return g.dice.percent(15) ? Stage::kUnmanaged : Stage::kReady;
  }
  return g.dice.pick(
      std::vector<Stage>{Stage::kUninitialized, Stage::kUnregistered, Stage::kClaimOnly});
}

k8s::StringMap node_labels(Generation& g, const cloud::InstanceType& type) {
  k8s::StringMap labels;
  for (const cloud::TypeLabel& label : type.labels) {
    if (!label.values.empty()) {
      labels[label.key] = g.dice.pick(label.values);
    }
  }
  if (g.dice.percent(8)) {
    labels[std::string(cloud::label::kZone)] = "zone-x";
  }
  if (g.draws(Feature::kPoolLabels, 50)) {
    labels[std::string(kTeamLabel)] = g.dice.percent(50) ? "red" : "blue";
  }
  return labels;
}

void add_bound_pods(Generation& g, const k8s::Node& node) {
  for (int i = g.dice.below(3); i > 0; --i) {
    k8s::Pod& pod = g.draft.pods.emplace_back();
    pod.meta.name = base::concat("bound-", g.draft.pods.size());
    pod.meta.namespace_ = g.draws(Feature::kNamespaces, 30) ? "other" : "default";
    pod.meta.uid = "uid-" + pod.meta.name;
    pod.meta.labels["app"] = g.dice.percent(50) ? "a" : "b";
    pod.meta.creation_time = 1;
    pod.spec.node_name = node.meta.name;
    pod.spec.containers.emplace_back().resources.requests =
        resources(base::concat(g.dice.between(1, 8) * 100, "m"), "128Mi");
    pod.status.phase = g.dice.percent(5) ? "Succeeded" : "Running";
    if (g.dice.percent(5)) {
      pod.meta.deletion_time = 1'700'000'000LL * 1'000'000'000;
    }
    if (g.draws(Feature::kPorts, 20)) {
      pod.spec.containers[0].ports.push_back({.container_port = 80, .host_port = 9000});
    }
    if (g.draws(Feature::kAntiAffinity, 25)) {
      pod.spec.pod_anti_affinity.required.push_back(
          affinity(g.dice.percent(50) ? std::string(cloud::label::kZone)
                                      : std::string(cloud::label::kHostname),
                   selector("app", g.dice.percent(50) ? "a" : "b")));
    }
    if (g.draws(Feature::kDaemons, 15)) {
      pod.meta.namespace_ = "kube-system";
      pod.meta.owners.push_back({.api_version = "apps/v1",
                                 .kind = "DaemonSet",
                                 .name = "daemon-1",
                                 .uid = "uid-daemon-1",
                                 .controller = true});
    }
    if (g.draws(Feature::kVolumes, 30)) {
      pod.spec.volumes.push_back({.name = "data", .claim_name = "shared"});
    }
  }
}

void set_figures(Generation& g,
                 const cloud::InstanceType& type,
                 k8s::Resources& capacity,
                 k8s::Resources& allocatable) {
  capacity = type.capacity;
  allocatable = type.allocatable();
  if (g.dice.percent(10)) {
    allocatable.set("cpu", k8s::Quantity::units(0));
  }
}

void add_taints(Generation& g, Stage stage, std::vector<k8s::Taint>& taints) {
  if (g.draws(Feature::kTaints, 30)) {
    taints.push_back(random_taint(g));
  }
  if (stage != Stage::kReady && g.dice.percent(40)) {
    taints.push_back({.key = "node.kubernetes.io/not-ready", .value = "", .effect = "NoSchedule"});
  }
  if (stage != Stage::kClaimOnly && g.draws(Feature::kTaints, 15)) {
    taints.push_back({.key = "startup", .value = "", .effect = "NoSchedule"});
  }
}

void add_node(Generation& g, int number) {
  const Stage stage = draw_stage(g);
  const cloud::InstanceType& type = g.dice.pick(g.draft.types);
  k8s::StringMap labels = node_labels(g, type);
  const std::string name = base::concat("node-", number);
  if (stage != Stage::kUnmanaged) {
    labels[std::string(world::kPoolLabel)] = g.dice.pick(g.draft.pools).meta.name;
    k8s::NodeClaim& claim = g.draft.claims.emplace_back();
    claim.meta.name = base::concat("claim-", 9 - number);
    claim.meta.uid = "uid-" + claim.meta.name;
    claim.meta.labels = labels;
    claim.spec.node_class = {
        .group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
    claim.status.provider_id = "id-" + name;
    set_figures(g, type, claim.status.capacity, claim.status.allocatable);
    add_taints(g, Stage::kClaimOnly, claim.spec.taints);
    claim.spec.startup_taints.push_back({.key = "startup", .value = "", .effect = "NoSchedule"});
    if (g.draws(Feature::kDeletingNodes, 30)) {
      claim.meta.deletion_time = 1'700'000'000LL * 1'000'000'000;
    }
  }
  if (stage == Stage::kClaimOnly) {
    return;
  }
  k8s::Node& node = g.draft.nodes.emplace_back();
  node.meta.name = name;
  node.meta.uid = "uid-" + name;
  node.provider_id = "id-" + name;
  node.meta.labels = labels;
  if (g.dice.percent(90)) {
    node.meta.labels[std::string(world::kHostnameLabel)] = name;
  }
  if (stage == Stage::kReady || stage == Stage::kUninitialized) {
    node.meta.labels[std::string(world::kRegisteredLabel)] = "true";
  }
  if (stage == Stage::kReady) {
    node.meta.labels[std::string(world::kInitializedLabel)] = "true";
  }
  set_figures(g, type, node.status.capacity, node.status.allocatable);
  add_taints(g, stage, node.taints);
  add_bound_pods(g, node);
  if (g.draws(Feature::kRemovedNodes, 30) && stage == Stage::kReady) {
    g.draft.removed.push_back(name);
  }
  if (g.draws(Feature::kVolumes, 60)) {
    k8s::CSINode& csi = g.draft.csi_nodes.emplace_back();
    csi.meta.name = name;
    csi.drivers.push_back({.name = "ebs.csi.aws.com",
                           .node_id = "",
                           .allocatable_count = g.dice.percent(80)
                                                    ? std::optional(g.dice.between(0, 2))
                                                    : std::nullopt});
  }
}

void add_volume(Generation& g, const std::string& name) {
  k8s::PersistentVolume& volume = g.draft.volumes.emplace_back();
  volume.meta.name = "pv-" + name;
  volume.csi_driver = g.dice.percent(80) ? "ebs.csi.aws.com" : "other.csi.example.com";
  volume.is_local = g.dice.percent(15);
  for (int terms = g.dice.below(3); terms > 0; --terms) {
    k8s::NodeSelectorTerm& made = volume.node_affinity.emplace_back();
    made.match_expressions.push_back(
        term(std::string(cloud::label::kZone), "In", {g.dice.pick(g.zones)}));
    if (g.dice.percent(15)) {
      made.match_expressions.push_back(random_term(g, false));
    }
    if (volume.is_local && g.dice.percent(50)) {
      made.match_expressions = {term("kubernetes.io/hostname", "In", {"node-1"})};
    }
  }
}

}  // namespace

k8s::SelectorTerm random_term(Generation& g, bool is_pool) {
  if (g.dice.percent(15)) {
    const std::vector<std::string> ops = is_pool
                                             ? std::vector<std::string>{"Gt", "Lt", "Gte", "Lte"}
                                             : std::vector<std::string>{"Gt", "Lt"};
    return term(std::string(kCountLabel),
                g.dice.pick(ops),
                {base::to_text(std::int64_t{g.dice.between(1, 6)})});
  }
  std::vector<Key> keys = keys_of(g);
  if (is_pool) {  // Pools say on purpose whether they have teams.
    std::erase_if(keys, [](const Key& key) { return key.name == kTeamLabel; });
  }
  const Key key = g.dice.pick(keys);
  const std::string op = g.dice.pick(
      std::vector<std::string>{"In", "In", "In", "In", "NotIn", "NotIn", "Exists", "DoesNotExist"});
  std::vector<std::string> values;
  if (op == "In" || op == "NotIn") {
    values.push_back(g.dice.pick(key.values));
    if (const std::string& other = g.dice.pick(key.values);
        other != values[0] && g.dice.percent(60)) {
      values.push_back(other);
    }
  }
  return term(key.name, op, values);
}

k8s::Taint random_taint(Generation& g) {
  return {.key = g.dice.percent(60) ? "dedicated" : "gpu",
          .value = g.dice.percent(70) ? "x" : "",
          .effect =
              g.dice.pick(std::vector<std::string>{"NoSchedule", "NoExecute", "PreferNoSchedule"})};
}

std::vector<k8s::Toleration> random_tolerations(Generation& g) {
  std::vector<k8s::Toleration> out;
  if (!g.uses(Feature::kTaints)) {
    return out;
  }
  if (g.dice.percent(40)) {
    out.push_back({.key = "dedicated", .op = "Exists"});
  }
  if (g.dice.percent(30)) {
    out.push_back({.key = "gpu", .op = "Equal", .value = "x", .effect = "NoSchedule"});
  }
  if (g.dice.percent(10)) {
    out.push_back({.key = "", .op = "Exists"});
  }
  return out;
}

void add_nodes(Generation& g) {
  const int count = g.uses(Feature::kNodes) ? g.dice.between(1, 4) : 0;
  for (int i = 1; i <= count; ++i) {
    add_node(g, i);
  }
}

void add_volumes(Generation& g) {
  if (!g.uses(Feature::kVolumes)) {
    return;
  }
  for (int i = g.dice.between(1, 2); i > 0; --i) {
    k8s::StorageClass& made = g.draft.storage_classes.emplace_back();
    made.meta.name = base::concat("class-", i);
    made.provisioner = g.dice.percent(50) ? "ebs.csi.aws.com" : "kubernetes.io/aws-ebs";
    made.binding_mode = "WaitForFirstConsumer";
    for (int terms = g.dice.below(3); terms > 0; --terms) {
      made.allowed_topologies.push_back(
          {term(std::string(cloud::label::kZone), "In", {g.dice.pick(g.zones)})});
    }
  }
  for (const std::string name : {"shared", "data-1", "data-2", "data-3"}) {
    k8s::PersistentVolumeClaim& claim = g.draft.volume_claims.emplace_back();
    claim.meta.name = name;
    claim.meta.namespace_ = "default";
    claim.phase = "Pending";
    claim.storage_class = g.dice.pick(g.draft.storage_classes).meta.name;
    if (g.dice.percent(60)) {
      add_volume(g, name);
      claim.volume_name = "pv-" + name;
      claim.phase = "Bound";
      claim.meta.annotations["pv.kubernetes.io/bind-completed"] = "yes";
    }
  }
}

}  // namespace plan::testing
