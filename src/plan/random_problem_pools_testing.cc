// Instance types, pools and daemon sets of random problems.
#include <algorithm>

#include "base/text.h"
#include "plan/random_problem_testing.h"
#include "plan/scene_testing.h"

namespace plan::testing {
namespace {

const std::vector<std::string> kTeams = {"red", "blue"};

void add_offerings(Generation& g, cloud::InstanceType& type, int price) {
  for (const std::string& zone : g.zones) {
    if (g.zones.size() > 1 && g.dice.percent(15)) {
      continue;
    }
    for (const std::string capacity : {"on-demand", "spot"}) {
      if (g.dice.percent(10)) {
        continue;
      }
      cloud::Offering& made = type.offerings.emplace_back();
      made.zone = zone;
      made.capacity_type = capacity;
      made.price = 0.25 * (capacity == "spot" ? price : 2 * price);
      made.available = !g.draws(Feature::kUnavailable, 25);
      if (g.draws(Feature::kOverrides, 25)) {
        made.capacity_override = k8s::Resources{{"example.com/gpu", k8s::Quantity::units(2)}};
      }
      if (g.draws(Feature::kOverrides, 15)) {
        made.overhead_override = resources("900m", "1Gi");
      }
    }
    if (g.draws(Feature::kReserved, 30)) {
      const int id = g.dice.between(1, 2);
      cloud::Offering& made = type.offerings.emplace_back();
      made.zone = zone;
      made.capacity_type = "reserved";
      made.price = 0.01;
      made.reservation_id = base::concat("cr-", id);
      made.reservation_capacity = id;
      made.available = !g.draws(Feature::kUnavailable, 25);
    }
  }
}

void add_labels(Generation& g, cloud::InstanceType& type, int cpu) {
  std::set<std::string> zones;
  std::set<std::string> capacities;
  for (const cloud::Offering& offering : type.offerings) {
    zones.insert(offering.zone);
    capacities.insert(offering.capacity_type);
  }
  type.labels = {{"karpenter.sh/capacity-type", {capacities.begin(), capacities.end()}},
                 {"kubernetes.io/arch", {g.dice.percent(25) ? "arm64" : "amd64"}},
                 {"kubernetes.io/os", {"linux"}},
                 {"node.kubernetes.io/instance-type", {type.name}},
                 {"topology.kubernetes.io/zone", {zones.begin(), zones.end()}},
                 {std::string(kSizeLabel), {cpu > 3 ? "large" : "small"}},
                 {std::string(kCountLabel), {base::to_text(std::int64_t{cpu})}}};
  type.labels.push_back(
      {std::string(kSpecialLabel),
       g.dice.percent(40) ? std::vector<std::string>{"yes"} : std::vector<std::string>{}});
  std::ranges::sort(type.labels, {}, &cloud::TypeLabel::key);
}

void add_limits(Generation& g, k8s::NodePool& pool) {
  if (g.dice.percent(50)) {
    pool.limits.set("cpu", k8s::Quantity::units(g.dice.between(1, 20)));
  }
  if (g.dice.percent(30)) {
    pool.limits.set("nodes", k8s::Quantity::units(g.dice.between(0, 4)));
  }
  if (g.dice.percent(20)) {
    pool.limits.set("memory", k8s::Quantity::units(std::int64_t{g.dice.between(4, 40)} << 30));
  }
  if (g.dice.percent(10)) {
    pool.limits.set("example.com/gpu", k8s::Quantity::units(g.dice.between(0, 2)));
  }
}

void add_requirements(Generation& g, k8s::NodePool& pool) {
  std::vector<k8s::SelectorTerm>& requirements = pool.template_spec.requirements;
  for (int i = g.dice.pick(std::vector<int>{0, 0, 0, 1, 2}); i > 0; --i) {
    requirements.push_back(random_term(g, true));
    if (g.draws(Feature::kMinValues, 40)) {
      requirements.back().min_values = g.dice.between(1, 4);
    }
  }
  if (g.draws(Feature::kMinValues, 60)) {
    requirements.push_back(term("node.kubernetes.io/instance-type", "Exists", {}));
    requirements.back().min_values = g.dice.between(1, 5);
  }
  if (g.draws(Feature::kPoolLabels, 40)) {
    pool.template_labels[std::string(kTeamLabel)] = g.dice.pick(kTeams);
  } else if (g.draws(Feature::kPoolLabels, 60)) {
    requirements.push_back(g.dice.percent(60) ? term(std::string(kTeamLabel), "In", kTeams)
                                              : term(std::string(kTeamLabel), "Exists", {}));
  }
}

}  // namespace

void add_types(Generation& g) {
  const int count = g.dice.between(3, 12);
  for (int i = 0; i < count; ++i) {
    const int cpu = g.dice.pick(std::vector<int>{1, 1, 2, 2, 3, 4, 8});
    const int memory = cpu * g.dice.between(1, 3);
    cloud::InstanceType& type = g.draft.types.emplace_back();
    type.name = base::concat("type-", static_cast<char>('a' + i));
    type.capacity = {{"cpu", k8s::Quantity::units(cpu)},
                     {"memory", k8s::Quantity::units(std::int64_t{memory} << 30)},
                     {"pods", k8s::Quantity::units(g.dice.between(2, 12))}};
    if (g.draws(Feature::kOverrides, 20)) {
      type.capacity.set("example.com/gpu", k8s::Quantity::units(1));
    }
    if (g.draws(Feature::kContainers, 10)) {
      type.capacity.set("hugepages-2Mi", k8s::Quantity::units(std::int64_t{256} << 20));
    }
    type.kube_reserved = resources(g.dice.percent(5) ? "1500m" : "100m", "64Mi");
    if (g.dice.percent(20)) {
      type.system_reserved = resources("50m", "0");
    }
    if (g.dice.percent(20)) {
      type.eviction_threshold = {{"memory", *k8s::Quantity::parse("100Mi")}};
    }
    add_offerings(g, type, g.dice.percent(50) ? cpu : g.dice.between(1, 8));
    add_labels(g, type, cpu);
  }
}

void add_pools(Generation& g) {
  const int count = g.uses(Feature::kManyPools) ? g.dice.between(2, 4) : 1;
  for (int i = 0; i < count; ++i) {
    k8s::NodePool& pool = g.draft.pools.emplace_back();
    pool.meta.name = base::concat("pool-", i + 1);
    pool.meta.uid = "uid-" + pool.meta.name;
    pool.template_spec.node_class = {
        .group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
    if (g.dice.percent(50)) {
      pool.weight = g.dice.between(1, 3);
    }
    if (g.draws(Feature::kLimits, 60)) {
      add_limits(g, pool);
    }
    if (g.draws(Feature::kStaticPools, 20)) {
      pool.replicas = 1;
    }
    if (g.draws(Feature::kStaticPools, 10)) {
      pool.meta.deletion_time = 1;
    }
    if (g.draws(Feature::kTaints, 40)) {
      pool.template_spec.taints.push_back(random_taint(g));
    }
    if (g.draws(Feature::kTaints, 20)) {
      pool.template_spec.startup_taints.push_back(
          {.key = "startup", .value = "", .effect = "NoSchedule"});
    }
    add_requirements(g, pool);
  }
}

void add_daemons(Generation& g) {
  if (!g.uses(Feature::kDaemons)) {
    return;
  }
  for (int i = g.dice.between(1, 3); i > 0; --i) {
    k8s::Workload& set = g.draft.workloads.emplace_back(k8s::Kind::kDaemonSet);
    set.meta.name = base::concat("daemon-", i);
    set.meta.namespace_ = "kube-system";
    set.meta.uid = "uid-" + set.meta.name;
    k8s::PodSpec& spec = set.pod_template.spec;
    spec.containers.emplace_back().resources.requests =
        resources(base::concat(g.dice.between(1, 8) * 50, "m"), "64Mi");
    if (g.dice.percent(15)) {
      spec.containers[0].resources.requests = {};
      spec.containers[0].resources.limits = resources("300m", "64Mi");
    }
    if (g.draws(Feature::kPorts, 30)) {
      spec.containers[0].ports.push_back({.container_port = 80, .host_port = 8080});
    }
    spec.tolerations = random_tolerations(g);
    if (g.dice.percent(40)) {
      const k8s::SelectorTerm pin = random_term(g, false);
      if (pin.op == "In") {
        spec.node_selector[pin.key] = pin.values[0];
      }
    }
    for (int terms = g.dice.percent(40) ? g.dice.between(1, 2) : 0; terms > 0; --terms) {
      spec.node_affinity.required.emplace_back().match_expressions.push_back(random_term(g, false));
    }
    if (g.dice.percent(10)) {
      spec.node_affinity.preferred.push_back(
          {.weight = 1, .preference = {{random_term(g, false)}}});
    }
  }
}

}  // namespace plan::testing
