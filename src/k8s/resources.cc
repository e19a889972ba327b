#include "k8s/resources.h"

#include <algorithm>

#include "k8s/conditions.h"

namespace k8s {
namespace {

// Requests of one container while its pod runs: while a resize is under way the node holds the
// larger of what is asked for and what is still allocated; when it is refused, the latter.
Resources running_requests(const Container& container,
                           const std::vector<ContainerStatus>& statuses,
                           bool is_refused) {
  Resources out = container.resources.requests;
  const auto status = std::ranges::find(statuses, container.name, &ContainerStatus::name);
  if (status == statuses.end()) {
    return out;
  }
  if (is_refused) {
    out = {};
  }
  if (status->resources) {
    out.raise_to(status->resources->requests);
  }
  out.raise_to(status->allocated);
  return out;
}

bool is_sidecar(const Container& container) {
  return container.restart_policy == "Always";
}

// Sidecars start in order and stay; an init container runs beside the sidecars before it.
template <typename ResourcesOf>
Resources aggregate(const PodSpec& spec, ResourcesOf resources_of) {
  Resources running;
  for (const Container& container : spec.containers) {
    running.add(resources_of(container, false));
  }
  Resources sidecars;
  Resources peak;
  for (const Container& container : spec.init_containers) {
    const Resources mine = resources_of(container, true);
    if (is_sidecar(container)) {
      running.add(mine);
      sidecars.add(mine);
      peak.raise_to(sidecars);
    } else {
      Resources together = sidecars;
      together.add(mine);
      peak.raise_to(together);
    }
  }
  running.raise_to(peak);
  return running;
}

// Pod-level resources cover these; anything else stays with the containers.
bool is_pod_level(std::string_view name) {
  return name == "cpu" || name == "memory" || name.starts_with("hugepages-");
}

void override_with(const Resources& pod_level, Resources& out) {
  for (const auto& [name, quantity] : pod_level) {
    if (is_pod_level(name)) {
      out.set(name, quantity);
    }
  }
}

// The API server defaults pod-level requests from pod-level limits where no container requests any.
Resources pod_level_requests(const ResourceRequirements& pod_level, const Resources& aggregated) {
  Resources out = pod_level.requests;
  for (const auto& [name, quantity] : pod_level.limits) {
    if (out.find(name) == nullptr && aggregated.find(name) == nullptr) {
      out.set(name, quantity);
    }
  }
  return out;
}

Resources finish_requests(const PodSpec& spec, Resources out) {
  if (spec.resources) {
    override_with(pod_level_requests(*spec.resources, out), out);
  }
  out.add(spec.overhead);
  out.set("pods", Quantity::units(1));
  return out;
}

void default_container(Container& container) {
  for (const auto& [name, quantity] : container.resources.limits) {
    if (container.resources.requests.find(name) == nullptr) {
      container.resources.requests.set(name, quantity);
    }
  }
}

}  // namespace

bool is_resize_infeasible(const Pod& pod) {
  const Condition* pending = find_condition(pod.status.conditions, "PodResizePending");
  return pending != nullptr && pending->status == kTrue && pending->reason == "Infeasible";
}

Resources pod_requests(const Pod& pod) {
  const bool is_refused = is_resize_infeasible(pod);
  return finish_requests(pod.spec, aggregate(pod.spec, [&](const Container& c, bool is_init) {
                           if (is_init && !is_sidecar(c)) {
                             return c.resources.requests;  // Only what stays can be resized.
                           }
                           return running_requests(c,
                                                   is_init ? pod.status.init_container_statuses
                                                           : pod.status.container_statuses,
                                                   is_refused);
                         }));
}

Resources pod_requests(const PodSpec& spec) {
  return finish_requests(
      spec, aggregate(spec, [](const Container& c, bool) { return c.resources.requests; }));
}

Resources pod_limits(const PodSpec& spec) {
  Resources out = aggregate(spec, [](const Container& c, bool) { return c.resources.limits; });
  if (spec.resources) {
    override_with(spec.resources->limits, out);
  }
  // Overhead adds to limits that exist; it does not create any.
  for (const auto& [name, quantity] : spec.overhead) {
    if (const Quantity* limit = out.find(name); limit != nullptr && !limit->is_zero()) {
      out.set(name, *limit + quantity);
    }
  }
  return out;
}

void default_requests_to_limits(PodSpec& spec) {
  std::ranges::for_each(spec.containers, default_container);
  std::ranges::for_each(spec.init_containers, default_container);
}

bool fits(const Resources& requests, const Resources& total) {
  const auto is_negative = [](const Resources::Entry& entry) { return entry.second.nano() < 0; };
  if (std::ranges::any_of(total, is_negative)) {
    return false;
  }
  return std::ranges::all_of(requests, [&](const Resources::Entry& entry) {
    return entry.second <= total.get(entry.first);
  });
}

}  // namespace k8s
