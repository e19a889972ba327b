#include "plan/reference/wish_testing.h"

#include <algorithm>

#include "k8s/taints.h"

namespace plan::reference {
namespace {

k8s::Resources sum(k8s::Resources a, const k8s::Resources& b) {
  a.add(b);
  return a;
}

template <typename Terms>
bool drop_heaviest(Terms& terms) {
  if (terms.empty()) {
    return false;
  }
  terms.erase(std::ranges::max_element(terms, {}, [](const auto& term) { return term.weight; }));
  return true;
}

bool drop_schedule_anyway(std::vector<k8s::TopologySpreadConstraint>& constraints) {
  const auto first = std::ranges::find(
      constraints, "ScheduleAnyway", &k8s::TopologySpreadConstraint::when_unsatisfiable);
  if (first == constraints.end()) {
    return false;
  }
  constraints.erase(first);
  return true;
}

bool add_toleration(std::vector<k8s::Toleration>& tolerations) {
  const auto is_ours = [](const k8s::Toleration& t) {
    return t.key.empty() && t.op == "Exists" && t.effect == "PreferNoSchedule";
  };
  if (std::ranges::any_of(tolerations, is_ours)) {
    return false;
  }
  tolerations.push_back({.key = "", .op = "Exists", .value = "", .effect = "PreferNoSchedule"});
  return true;
}

bool is_unspecified(const std::string& ip) {
  return ip == "0.0.0.0" || ip == "::";
}

}  // namespace

Wish make_wish(world::PodId id, const k8s::Pod& pod) {
  return {.id = id,
          .name = pod.meta.name,
          .namespace_ = pod.meta.namespace_,
          .labels = pod.meta.labels,
          .spec = pod.spec,
          .requests = effective_requests(pod.spec),
          .ports = ports_of(pod.spec),
          .reqs = {},
          .strict = {}};
}

void refresh(Wish& wish, const cloud::LabelSchema& schema, PreferencePolicy policy) {
  wish.strict.clear();
  add(wish.strict, schema, wish.spec.node_selector);
  const k8s::NodeAffinity& affinity = wish.spec.node_affinity;
  if (!affinity.required.empty()) {
    add(wish.strict, schema, affinity.required[0].match_expressions);
  }
  wish.reqs = wish.strict;
  if (policy == PreferencePolicy::kRespect && !affinity.preferred.empty()) {
    const auto heaviest =
        std::ranges::max_element(affinity.preferred, {}, &k8s::PreferredNodeTerm::weight);
    add(wish.reqs, schema, heaviest->preference.match_expressions);
  }
}

bool relax(Wish& wish, bool may_tolerate) {
  k8s::PodSpec& spec = wish.spec;
  if (spec.node_affinity.required.size() > 1) {
    spec.node_affinity.required.erase(spec.node_affinity.required.begin());
    return true;
  }
  return drop_heaviest(spec.pod_affinity.preferred) ||
         drop_heaviest(spec.pod_anti_affinity.preferred) ||
         drop_heaviest(spec.node_affinity.preferred) ||
         drop_schedule_anyway(spec.topology_spread.edit()) ||
         (may_tolerate && add_toleration(spec.tolerations.edit()));
}

k8s::Resources effective_requests(const k8s::PodSpec& spec) {
  k8s::Resources containers;
  for (const k8s::Container& container : spec.containers) {
    containers.add(container.resources.requests);
  }
  k8s::Resources sidecars;
  k8s::Resources peak;
  for (const k8s::Container& container : spec.init_containers) {
    if (container.restart_policy == "Always") {
      sidecars.add(container.resources.requests);
      peak.raise_to(sidecars);
    } else {
      peak.raise_to(sum(sidecars, container.resources.requests));
    }
  }
  k8s::Resources out = sum(containers, sidecars);
  out.raise_to(peak);
  if (spec.resources) {
    for (const auto& [name, quantity] : spec.resources->requests) {
      out.set(name, quantity);
    }
  }
  out.add(spec.overhead);
  out.add({{"pods", k8s::Quantity::units(1)}});
  return out;
}

std::vector<Port> ports_of(const k8s::PodSpec& spec) {
  std::vector<Port> out;
  for (const k8s::Container& container : spec.containers) {
    for (const k8s::ContainerPort& port : container.ports) {
      if (port.host_port != 0) {
        out.push_back({.ip = port.host_ip.empty() ? "0.0.0.0" : port.host_ip,
                       .number = port.host_port,
                       .protocol = port.protocol});
      }
    }
  }
  return out;
}

bool conflicts(const std::vector<Port>& a, const std::vector<Port>& b) {
  for (const Port& x : a) {
    for (const Port& y : b) {
      if (x.protocol == y.protocol && x.number == y.number &&
          (x.ip == y.ip || is_unspecified(x.ip) || is_unspecified(y.ip))) {
        return true;
      }
    }
  }
  return false;
}

bool tolerates(const std::vector<k8s::Toleration>& tolerations,
               const std::vector<k8s::Taint>& taints) {
  return std::ranges::all_of(taints, [&](const k8s::Taint& taint) {
    return std::ranges::any_of(tolerations,
                               [&](const k8s::Toleration& t) { return k8s::tolerates(t, taint); });
  });
}

bool fits(const k8s::Resources& requests, const k8s::Resources& total) {
  const k8s::Quantity zero;
  return std::ranges::all_of(total, [&](const auto& entry) { return entry.second >= zero; }) &&
         std::ranges::all_of(
             requests, [&](const auto& entry) { return entry.second <= total.get(entry.first); });
}

std::vector<Reqs> required_terms(const k8s::PodSpec& spec, const cloud::LabelSchema& schema) {
  Reqs selector;
  add(selector, schema, spec.node_selector);
  std::vector<Reqs> out;
  for (const k8s::NodeSelectorTerm& term : spec.node_affinity.required) {
    add(out.emplace_back(selector), schema, term.match_expressions);
  }
  return out.empty() ? std::vector<Reqs>{selector} : out;
}

}  // namespace plan::reference
