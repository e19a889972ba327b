#include "plan/pods_testing.h"

#include <algorithm>

#include "base/text.h"
#include "world/pods.h"

namespace plan::testing {
namespace {

k8s::LabelSelector app_selector(const std::string& app) {
  return selector("app", app);
}

k8s::TopologySpreadConstraint& last_spread(k8s::Pod& pod) {
  return pod.spec.topology_spread.back();
}

}  // namespace

PodsOf& PodsOf::label(const std::string& key, const std::string& value) {
  return each([&](k8s::Pod& pod) { pod.meta.labels[key] = value; });
}

PodsOf& PodsOf::in(const std::string& namespace_name) {
  return each([&](k8s::Pod& pod) { pod.meta.namespace_ = namespace_name; });
}

PodsOf& PodsOf::ask(const std::string& resource, const std::string& quantity) {
  return each([&](k8s::Pod& pod) {
    pod.spec.containers[0].resources.requests.set(resource, *k8s::Quantity::parse(quantity));
  });
}

PodsOf& PodsOf::host_port(int port, const std::string& ip, const std::string& protocol) {
  return each([&](k8s::Pod& pod) {
    pod.spec.containers[0].ports.push_back(
        {.container_port = port, .host_port = port, .protocol = protocol, .host_ip = ip});
  });
}

PodsOf& PodsOf::volume(const std::string& claim) {
  return each(
      [&](k8s::Pod& pod) { pod.spec.volumes.push_back({.name = claim, .claim_name = claim}); });
}

PodsOf& PodsOf::owner(const std::string& api_version,
                      const std::string& kind,
                      const std::string& name) {
  return each([&](k8s::Pod& pod) {
    pod.meta.owners.push_back(
        {.api_version = api_version, .kind = kind, .name = name, .uid = {}, .controller = true});
  });
}

PodsOf& PodsOf::select(const std::string& key, const std::string& value) {
  return each([&](k8s::Pod& pod) { pod.spec.node_selector[key] = value; });
}

PodsOf& PodsOf::need(const k8s::SelectorTerm& expression) {
  return each([&](k8s::Pod& pod) {
    auto& terms = pod.spec.node_affinity.required;
    if (terms.empty()) {
      terms.emplace_back();
    }
    terms.front().match_expressions.push_back(expression);
  });
}

PodsOf& PodsOf::or_need(const k8s::SelectorTerm& expression) {
  return each([&](k8s::Pod& pod) {
    pod.spec.node_affinity.required.push_back({.match_expressions = {expression}});
  });
}

PodsOf& PodsOf::prefer(int weight, const k8s::SelectorTerm& expression) {
  return each([&](k8s::Pod& pod) {
    pod.spec.node_affinity.preferred.push_back(
        {.weight = weight, .preference = {.match_expressions = {expression}}});
  });
}

PodsOf& PodsOf::tolerate(const std::string& key, const std::string& effect) {
  return each([&](k8s::Pod& pod) {
    pod.spec.tolerations.push_back(
        {.key = key, .op = "Exists", .value = "", .effect = effect, .seconds = {}});
  });
}

PodsOf& PodsOf::tolerate_all() {
  return tolerate("");
}

PodsOf& PodsOf::spread(const std::string& key, int max_skew, const std::string& app) {
  return each([&](k8s::Pod& pod) {
    pod.spec.topology_spread.push_back(testing::spread(key, app_selector(app), max_skew));
  });
}

PodsOf& PodsOf::min_domains(int domains) {
  return each([&](k8s::Pod& pod) { last_spread(pod).min_domains = domains; });
}

PodsOf& PodsOf::anyway() {
  return each([](k8s::Pod& pod) { last_spread(pod).when_unsatisfiable = "ScheduleAnyway"; });
}

PodsOf& PodsOf::affinity_policy(const std::string& policy) {
  return each([&](k8s::Pod& pod) { last_spread(pod).node_affinity_policy = policy; });
}

PodsOf& PodsOf::taints_policy(const std::string& policy) {
  return each([&](k8s::Pod& pod) { last_spread(pod).node_taints_policy = policy; });
}

PodsOf& PodsOf::match_label_key(const std::string& key) {
  return each([&](k8s::Pod& pod) { last_spread(pod).match_label_keys.push_back(key); });
}

PodsOf& PodsOf::near(const std::string& key, const std::string& app) {
  return each([&](k8s::Pod& pod) {
    pod.spec.pod_affinity.required.push_back(affinity(key, app_selector(app)));
  });
}

PodsOf& PodsOf::away(const std::string& key, const std::string& app) {
  return each([&](k8s::Pod& pod) {
    pod.spec.pod_anti_affinity.required.push_back(affinity(key, app_selector(app)));
  });
}

PodsOf& PodsOf::rather_near(const std::string& key, const std::string& app, int weight) {
  return each([&](k8s::Pod& pod) {
    pod.spec.pod_affinity.preferred.push_back(
        {.weight = weight, .term = affinity(key, app_selector(app))});
  });
}

PodsOf& PodsOf::rather_away(const std::string& key, const std::string& app, int weight) {
  return each([&](k8s::Pod& pod) {
    pod.spec.pod_anti_affinity.preferred.push_back(
        {.weight = weight, .term = affinity(key, app_selector(app))});
  });
}

PodsOf pods(Scene& scene, const std::string& name, int count) {
  return PodsOf(count == 1 ? std::vector<k8s::Pod*>{&scene.pod(name)} : scene.pods(name, count));
}

PodsOf bound(Scene& scene, const std::string& name, const std::string& node, int count) {
  std::vector<k8s::Pod*> made;
  for (int i = 0; i < count; ++i) {
    made.push_back(&scene.bound_pod(count == 1 ? name : base::concat(name, "-", i), node));
  }
  return PodsOf(std::move(made));
}

std::vector<std::string> values(const PlannedClaim& claim, const std::string& key) {
  const k8s::SelectorTerm* found = requirement(claim.form->claim, key);
  return found == nullptr ? std::vector<std::string>() : found->values;
}

int placed(const Plan& plan) {
  std::size_t count = 0;
  for (const PlannedClaim& claim : plan.claims) {
    count += claim.pods.size();
  }
  for (const ExistingPlacement& placement : plan.existing) {
    count += placement.pods.size();
  }
  return static_cast<int>(count);
}

Counts where(const Scene& scene, const Plan& plan, const std::string& key, const std::string& app) {
  Counts counts;
  const auto count = [&](world::PodId id, const std::string& value) {
    const k8s::Pod& pod = *scene.snapshot().pods[id].pod;
    const std::string* label = pod.meta.label("app");
    if (label != nullptr && *label == app && world::is_active(pod)) {
      ++counts[value];
    }
  };
  const auto value_of = [&](const world::NodeRow& row) {
    const auto label = row.labels().find(key);
    return label == row.labels().end() ? std::string("none") : label->second;
  };
  for (const PlannedClaim& claim : plan.claims) {
    const k8s::SelectorTerm* found = requirement(claim.form->claim, key);
    for (const world::PodId id : claim.pods) {
      count(id, found == nullptr ? "any" : base::join(found->values, ","));
    }
  }
  for (const ExistingPlacement& placement : plan.existing) {
    for (const world::PodId id : placement.pods) {
      count(id, value_of(scene.snapshot().nodes[placement.node]));
    }
  }
  scene.snapshot().nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    for (const world::PodId id : row.pods) {
      count(id, value_of(row));
    }
  });
  return counts;
}

int skew(const Counts& counts) {
  if (counts.empty()) {
    return 0;
  }
  const auto [least, most] =
      std::ranges::minmax_element(counts, {}, [](const auto& entry) { return entry.second; });
  return most->second - least->second;
}

}  // namespace plan::testing
