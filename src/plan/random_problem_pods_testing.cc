// Pending pods of random problems: a few workloads, each with some equal pods.
#include <algorithm>

#include "base/text.h"
#include "k8s/kinds.h"
#include "plan/random_problem_testing.h"
#include "plan/scene_testing.h"

namespace plan::testing {
namespace {

constexpr k8s::TimeNs kSecond = 1'000'000'000;
constexpr k8s::TimeNs kStart = 1'600'000'000 * kSecond;

std::string draw_topology_key(Generation& g) {
  return g.dice.pick(std::vector<std::string>{std::string(cloud::label::kZone),
                                              std::string(cloud::label::kZone),
                                              std::string(cloud::label::kHostname),
                                              std::string(cloud::label::kHostname),
                                              std::string(cloud::label::kCapacityType),
                                              std::string(kTeamLabel),
                                              std::string(kSizeLabel)});
}

std::optional<k8s::LabelSelector> draw_selector(Generation& g) {
  if (g.dice.percent(4)) {
    return std::nullopt;
  }
  if (g.dice.percent(6)) {
    return k8s::LabelSelector{};
  }
  if (g.dice.percent(15)) {
    return k8s::LabelSelector{.match_labels = {},
                              .match_expressions = {term("app", "In", {"a", "b"})}};
  }
  return selector("app", g.dice.pick(std::vector<std::string>{"a", "b", "c"}));
}

k8s::TopologySpreadConstraint draw_spread(Generation& g) {
  k8s::TopologySpreadConstraint made;
  made.max_skew = g.dice.percent(70) ? 1 : g.dice.between(2, 3);
  made.topology_key = draw_topology_key(g);
  made.when_unsatisfiable = g.dice.percent(70) ? "DoNotSchedule" : "ScheduleAnyway";
  made.selector = draw_selector(g);
  if (g.dice.percent(15)) {
    made.min_domains = g.dice.between(1, 4);
  }
  if (g.dice.percent(20)) {
    made.node_affinity_policy = g.dice.percent(60) ? "Ignore" : "Honor";
  }
  if (g.dice.percent(20)) {
    made.node_taints_policy = g.dice.percent(60) ? "Honor" : "Ignore";
  }
  if (g.dice.percent(10)) {
    made.match_label_keys = {g.dice.percent(70) ? "revision" : "unknown"};
  }
  return made;
}

k8s::PodAffinityTerm draw_affinity(Generation& g) {
  k8s::PodAffinityTerm made;
  made.topology_key = draw_topology_key(g);
  made.selector = draw_selector(g);
  if (g.draws(Feature::kNamespaces, 25)) {
    made.namespaces = {g.dice.percent(50) ? "other" : "default"};
  }
  if (g.draws(Feature::kNamespaces, 25)) {
    made.namespace_selector = g.dice.percent(40) ? k8s::LabelSelector{} : selector("tier", "back");
  }
  return made;
}

void constrain_nodes(Generation& g, k8s::PodSpec& spec) {
  if (g.draws(Feature::kSelectors, 50)) {
    const k8s::SelectorTerm pin = random_term(g, false);
    if (!pin.values.empty()) {
      spec.node_selector[pin.key] = pin.values[0];
    }
  }
  for (int i = g.draws(Feature::kTerms, 60) ? g.dice.between(1, 3) : 0; i > 0; --i) {
    k8s::NodeSelectorTerm& made = spec.node_affinity.required.emplace_back();
    for (int j = g.dice.between(1, 2); j > 0; --j) {
      made.match_expressions.push_back(random_term(g, false));
    }
  }
  for (int i = g.draws(Feature::kPreferred, 60) ? g.dice.between(1, 3) : 0; i > 0; --i) {
    k8s::PreferredNodeTerm& made = spec.node_affinity.preferred.emplace_back();
    made.weight = g.dice.between(1, 3);
    made.preference.match_expressions.push_back(random_term(g, false));
  }
}

void constrain_topology(Generation& g, k8s::PodSpec& spec) {
  for (int i = g.draws(Feature::kSpread, 60) ? g.dice.between(1, 2) : 0; i > 0; --i) {
    spec.topology_spread.push_back(draw_spread(g));
  }
  for (int i = g.draws(Feature::kPodAffinity, 30) ? g.dice.between(1, 2) : 0; i > 0; --i) {
    spec.pod_affinity.required.push_back(draw_affinity(g));
  }
  for (int i = g.draws(Feature::kAntiAffinity, 40) ? g.dice.between(1, 2) : 0; i > 0; --i) {
    spec.pod_anti_affinity.required.push_back(draw_affinity(g));
  }
  for (int i = g.draws(Feature::kPreferredPods, 40) ? g.dice.between(1, 2) : 0; i > 0; --i) {
    spec.pod_affinity.preferred.push_back(
        {.weight = g.dice.between(1, 2), .term = draw_affinity(g)});
  }
  for (int i = g.draws(Feature::kPreferredPods, 40) ? g.dice.between(1, 2) : 0; i > 0; --i) {
    spec.pod_anti_affinity.preferred.push_back(
        {.weight = g.dice.between(1, 2), .term = draw_affinity(g)});
  }
}

void add_init_containers(Generation& g, k8s::PodSpec& spec) {
  for (int i = g.draws(Feature::kContainers, 50) ? g.dice.between(1, 3) : 0; i > 0; --i) {
    k8s::Container& made = spec.init_containers.emplace_back();
    made.resources.requests = resources(base::concat(g.dice.between(1, 12) * 100, "m"), "64Mi");
    made.restart_policy = g.dice.percent(50) ? "Always" : "";
  }
  if (g.draws(Feature::kContainers, 20)) {
    spec.overhead = resources("150m", "32Mi");
  }
  if (g.draws(Feature::kContainers, 15)) {
    spec.resources.emplace().requests = {{"cpu", *k8s::Quantity::parse("700m")}};
  }
  if (g.draws(Feature::kContainers, 10)) {
    spec.containers[0].resources.requests.set("hugepages-2Mi", *k8s::Quantity::parse("64Mi"));
  }
}

k8s::PodSpec draw_spec(Generation& g) {
  k8s::PodSpec spec;
  const int cpu = g.dice.pick(std::vector<int>{0, 100, 100, 250, 500, 700, 1000, 1500, 2500});
  spec.containers.emplace_back().resources.requests =
      resources(base::concat(cpu, "m"), base::concat(g.dice.between(1, 20) * 100, "Mi"));
  if (g.draws(Feature::kOverrides, 30)) {
    spec.containers[0].resources.requests.set("example.com/gpu", k8s::Quantity::units(1));
  }
  if (g.dice.percent(3)) {
    spec.containers[0].resources.claims.emplace_back("device");
  }
  add_init_containers(g, spec);
  constrain_nodes(g, spec);
  constrain_topology(g, spec);
  spec.tolerations = random_tolerations(g);
  if (g.draws(Feature::kPorts, 40)) {
    spec.containers[0].ports.push_back({.container_port = 80,
                                        .host_port = g.dice.percent(50) ? 8080 : 9000,
                                        .protocol = g.dice.percent(80) ? "TCP" : "UDP",
                                        .host_ip = g.dice.percent(70)   ? ""
                                                   : g.dice.percent(50) ? "10.0.0.1"
                                                                        : "10.0.0.2"});
  }
  for (int i = g.draws(Feature::kVolumes, 50) ? g.dice.between(1, 2) : 0; i > 0; --i) {
    spec.volumes.push_back({.name = base::concat("v", i),
                            .claim_name = g.dice.pick(
                                std::vector<std::string>{"shared", "data-1", "data-2", "data-3"})});
  }
  return spec;
}

// An owner from which default spread can deduce a selector (SCH-363).
void add_owner(Generation& g, k8s::Kind kind, const std::string& name, const std::string& app) {
  k8s::Workload& set = g.draft.workloads.emplace_back(kind);
  set.meta.name = name;
  set.meta.namespace_ = "default";
  set.meta.uid = "uid-" + name;
  set.selector = selector("app", app);
}

}  // namespace

void add_pods(Generation& g) {
  const int total = g.dice.percent(70) ? g.dice.between(1, 6) : g.dice.between(4, 12);
  const int workloads = std::min(total, g.dice.between(1, 4));
  for (int w = 0; w < workloads; ++w) {
    const k8s::PodSpec spec = draw_spec(g);
    const std::string app = g.dice.pick(std::vector<std::string>{"a", "b", "c"});
    const std::string name = base::concat("w", w);
    const bool is_owned = g.draws(Feature::kDefaultSpread, 60);
    const auto owner_kind = w == 2 ? k8s::Kind::kReplicationController : k8s::Kind::kReplicaSet;
    if (is_owned) {
      add_owner(g, owner_kind, name, app);
    }
    const std::string space = g.draws(Feature::kNamespaces, 30) && !is_owned ? "other" : "default";
    const bool has_revisions = g.dice.percent(20);
    for (int i = w; i < total; i += workloads) {
      k8s::Pod& pod = g.draft.pods.emplace_back();
      pod.meta.name = base::concat(name, "-", i);
      pod.meta.namespace_ = space;
      pod.meta.uid = "uid-" + pod.meta.name;
      pod.meta.labels["app"] = app;
      if (has_revisions) {
        pod.meta.labels["revision"] = base::concat(i % 2);
      }
      if (is_owned) {
        pod.meta.owners.push_back({.api_version = w == 2 ? "v1" : "apps/v1",
                                   .kind = std::string(k8s::kind_name(owner_kind)),
                                   .name = name,
                                   .uid = "uid-" + name,
                                   .controller = true});
      }
      pod.meta.creation_time = kStart + g.dice.below(3) * kSecond;
      pod.spec = spec;
      pod.status.phase = "Pending";
      pod.status.conditions.push_back(
          {.type = "PodScheduled", .status = "False", .reason = "Unschedulable"});
    }
  }
}

}  // namespace plan::testing
