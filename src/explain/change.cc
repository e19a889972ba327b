#include "explain/change.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

#include "base/text.h"
#include "k8s/resources.h"
#include "k8s/taints.h"

namespace explain {
namespace {

using Changes = std::vector<Change>;

template <typename T>
void erase_at(std::vector<T>& list, std::size_t index) {
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(index));
}

std::string term_text(const k8s::SelectorTerm& term) {
  return term.values.empty()
             ? base::concat(term.key, " ", term.op)
             : base::concat(term.key, " ", term.op, " [", base::join(term.values, " "), "]");
}

// Taints of pools and of nodes that the pod does not tolerate, each once.
void add_tolerations(const plan::Problem& problem, const k8s::Pod& pod, Changes& changes) {
  const auto add = [&](const std::vector<k8s::Taint>& taints) {
    for (const k8s::Taint& taint : taints) {
      const bool is_tolerated = std::ranges::any_of(
          pod.spec.tolerations,
          [&](const k8s::Toleration& toleration) { return k8s::tolerates(toleration, taint); });
      const std::string text = "tolerate the taint " + k8s::taint_text(taint);
      if (is_tolerated || std::ranges::find(changes, text, &Change::text) != changes.end()) {
        continue;
      }
      changes.push_back({.text = text, .pod = [taint](k8s::Pod& changed) {
                           changed.spec.tolerations.push_back({.key = taint.key,
                                                               .op = "Equal",
                                                               .value = taint.value,
                                                               .effect = taint.effect,
                                                               .seconds = {}});
                         }});
    }
  };
  for (const auto& row : problem.snapshot.pools) {
    add(row->pool->template_spec.taints);
  }
  problem.snapshot.nodes.for_each(
      [&](world::NodeId, const world::NodeRow& row) { add(row.taints()); });
}

void add_selectors(const k8s::Pod& pod, Changes& changes) {
  for (const auto& [key, value] : pod.spec.node_selector) {
    changes.push_back({.text = base::concat("drop the node selector ", key, "=", value),
                       .pod = [key](k8s::Pod& changed) { changed.spec.node_selector.erase(key); }});
  }
  const auto& terms = pod.spec.node_affinity.required;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    for (std::size_t j = 0; j < terms[i].match_expressions.size(); ++j) {
      changes.push_back({.text = base::concat("drop the required node affinity ",
                                              term_text(terms[i].match_expressions[j])),
                         .pod = [i, j](k8s::Pod& changed) {
                           erase_at(changed.spec.node_affinity.required[i].match_expressions, j);
                         }});
    }
  }
}

void add_topology(const k8s::Pod& pod, Changes& changes) {
  const auto& spreads = pod.spec.topology_spread;
  for (std::size_t i = 0; i < spreads.size(); ++i) {
    if (spreads[i].when_unsatisfiable != "ScheduleAnyway") {
      changes.push_back({.text = base::concat(
                             "make the spread over ", spreads[i].topology_key, " ScheduleAnyway"),
                         .pod = [i](k8s::Pod& changed) {
                           changed.spec.topology_spread[i].when_unsatisfiable = "ScheduleAnyway";
                         }});
    }
  }
  const auto add_terms = [&](k8s::PodAffinity k8s::PodSpec::* kind, std::string_view name) {
    const auto& terms = (pod.spec.*kind).required;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      changes.push_back(
          {.text = base::concat("drop the required ", name, " over ", terms[i].topology_key),
           .pod = [kind, i](k8s::Pod& changed) {
             erase_at((changed.spec.*kind).required.edit(), i);
           }});
    }
  };
  add_terms(&k8s::PodSpec::pod_affinity, "pod affinity");
  add_terms(&k8s::PodSpec::pod_anti_affinity, "pod anti-affinity");
}

bool has_host_ports(const k8s::Pod& pod) {
  return std::ranges::any_of(pod.spec.containers, [](const k8s::Container& container) {
    return std::ranges::any_of(container.ports,
                               [](const k8s::ContainerPort& port) { return port.host_port != 0; });
  });
}

void add_ports_and_volumes(const k8s::Pod& pod, Changes& changes) {
  if (has_host_ports(pod)) {
    changes.push_back({.text = "drop the host ports", .pod = [](k8s::Pod& changed) {
                         for (k8s::Container& container : changed.spec.containers) {
                           std::erase_if(container.ports, [](const k8s::ContainerPort& port) {
                             return port.host_port != 0;
                           });
                         }
                       }});
  }
  for (const k8s::Volume& volume : pod.spec.volumes) {
    if (volume.ephemeral || !volume.claim_name.empty()) {
      changes.push_back({.text = base::concat("drop the volume ", volume.name),
                         .pod = [name = volume.name](k8s::Pod& changed) {
                           erase_if(changed.spec.volumes,
                                    [&](const k8s::Volume& v) { return v.name == name; });
                         }});
    }
  }
}

void set_total(k8s::Pod& pod, const std::string& resource, const k8s::Quantity& total) {
  for (k8s::Container& container : pod.spec.init_containers) {
    if (container.resources.requests.find(resource) != nullptr) {
      container.resources.requests.set(resource, k8s::Quantity());
    }
  }
  for (k8s::Container& container : pod.spec.containers) {
    container.resources.requests.set(resource, k8s::Quantity());
  }
  if (!pod.spec.containers.empty()) {
    pod.spec.containers.front().resources.requests.set(resource, total);
  }
  if (pod.spec.resources) {
    pod.spec.resources->requests.set(resource, total);
  }
}

// What people would write: hundredths of a core, whole mebibytes, whole anything else.
k8s::Quantity round_down(std::string_view resource, const k8s::Quantity& quantity) {
  constexpr k8s::Int128 kNano = 1'000'000'000;
  const k8s::Int128 step = resource == "cpu"      ? kNano / 100
                           : resource == "memory" ? kNano * (1 << 20)
                                                  : kNano;
  return k8s::Quantity::from_nano(quantity.nano() / step * step, quantity.format());
}

// What machines have to give of a resource, below `most` and largest first, in steps of a quarter
// at least.
std::vector<k8s::Quantity> supplies_below(const plan::Problem& problem,
                                          const std::string& resource,
                                          const k8s::Quantity& most) {
  std::set<k8s::Quantity, std::greater<>> all;
  for (const auto& pool : problem.snapshot.pools) {
    if (pool->catalogue != nullptr) {
      for (const cloud::InstanceType& type : pool->catalogue->types) {
        all.insert(round_down(resource, type.allocatable().get(resource)));
      }
    }
  }
  std::vector<k8s::Quantity> supplies;
  for (const k8s::Quantity& supply : all) {
    const bool is_step = supplies.empty() || supply.nano() * 5 <= supplies.back().nano() * 4;
    if (supply > k8s::Quantity() && supply < most && is_step) {
      supplies.push_back(supply);
    }
  }
  return supplies;
}

void add_smaller(const plan::Problem& problem, const k8s::Pod& pod, Changes& changes) {
  for (const auto& [resource, quantity] : k8s::pod_requests(pod)) {
    if (resource == "pods") {
      continue;
    }
    for (const k8s::Quantity& smaller : supplies_below(problem, resource, quantity)) {
      changes.push_back(
          {.text = base::concat(
               "ask for ", smaller.text(), " of ", resource, " instead of ", quantity.text()),
           .pod = [asked = resource, smaller](k8s::Pod& changed) {
             set_total(changed, asked, smaller);
           }});
    }
  }
}

void add_pools(const plan::Problem& problem, Changes& changes) {
  for (const auto& row : problem.snapshot.pools) {
    const k8s::NodePool& pool = *row->pool;
    for (const auto& [resource, limit] : pool.limits) {
      changes.push_back(
          {.text = base::concat(
               "lift the limit ", resource, "=", limit.text(), " of NodePool ", pool.meta.name),
           .pod = {},
           .pool_name = pool.meta.name,
           .pool = [lifted = resource](k8s::NodePool& changed) {
             k8s::Resources rest;
             for (const auto& [name, quantity] : changed.limits) {
               if (name != lifted) {
                 rest.set(name, quantity);
               }
             }
             changed.limits = rest;
           }});
    }
    const auto& requirements = pool.template_spec.requirements;
    for (std::size_t i = 0; i < requirements.size(); ++i) {
      changes.push_back({.text = base::concat("drop the requirement ",
                                              term_text(requirements[i]),
                                              " of NodePool ",
                                              pool.meta.name),
                         .pod = {},
                         .pool_name = pool.meta.name,
                         .pool = [i](k8s::NodePool& changed) {
                           erase_at(changed.template_spec.requirements, i);
                         }});
    }
  }
}

}  // namespace

std::vector<Change> list_changes(const plan::Problem& problem, world::PodId id) {
  const k8s::Pod& pod = *problem.snapshot.pods[id].pod;
  Changes changes;
  add_tolerations(problem, pod, changes);
  add_selectors(pod, changes);
  add_topology(pod, changes);
  add_ports_and_volumes(pod, changes);
  add_smaller(problem, pod, changes);
  add_pools(problem, changes);
  return changes;
}

}  // namespace explain
