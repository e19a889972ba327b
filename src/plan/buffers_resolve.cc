// From a buffer's references to a pod template and a number of pods (spec 04 s10.2).
#include <algorithm>
#include <limits>

#include "base/text.h"
#include "k8s/resources.h"
#include "plan/buffers.h"

namespace plan {
namespace {

BufferResolution unresolved(const k8s::CapacityBuffer& buffer,
                            std::string reason,
                            std::string message) {
  BufferResolution result;
  result.is_missing = reason != "ResolutionFailed";
  result.ready = {.type = "ReadyForProvisioning",
                  .status = "False",
                  .reason = std::move(reason),
                  .message = std::move(message),
                  .observed_generation = buffer.meta.generation};
  return result;
}

std::optional<k8s::Kind> scalable_kind(const std::string& kind) {
  if (kind == "Deployment") {
    return k8s::Kind::kDeployment;
  }
  if (kind == "StatefulSet") {
    return k8s::Kind::kStatefulSet;
  }
  return kind == "ReplicaSet" ? std::optional(k8s::Kind::kReplicaSet) : std::nullopt;
}

// The object of a sorted list that is in the buffer's namespace and has this name.
template <typename List, typename Accepts>
auto find_named(const List& list,
                const k8s::CapacityBuffer& buffer,
                const std::string& name,
                Accepts accepts) -> decltype(list.front().get()) {
  const auto found = std::ranges::find_if(list, [&](const auto& item) {
    return item->meta.namespace_ == buffer.meta.namespace_ && item->meta.name == name &&
           accepts(*item);
  });
  return found == list.end() ? nullptr : found->get();
}

// LIF-183. A share of a workload without pods is none, whatever the limits.
std::int32_t count_replicas(const k8s::CapacityBuffer& buffer,
                            const k8s::PodTemplate& pod_template,
                            std::optional<std::int64_t> scaled) {
  std::optional<std::int64_t> desired;
  if (buffer.replicas) {
    desired = *buffer.replicas;
  }
  if (buffer.percentage && scaled) {
    desired = std::max(desired.value_or(0), (*scaled * *buffer.percentage + 99) / 100);
  }
  if (buffer.limits) {
    const auto most = replicas_within(*buffer.limits, k8s::pod_requests(pod_template.spec));
    if (most) {
      desired = std::min(desired.value_or(*most), *most);
    }
  }
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(desired.value_or(0), std::numeric_limits<std::int32_t>::max()));
}

BufferResolution resolved(const k8s::CapacityBuffer& buffer,
                          const k8s::PodTemplate& pod_template,
                          std::optional<std::int64_t> scaled) {
  BufferResolution result;
  result.pod_template = &pod_template;
  result.replicas = count_replicas(buffer, pod_template, scaled);
  result.ready = {.type = "ReadyForProvisioning",
                  .status = "True",
                  .reason = "Resolved",
                  .message = "Pod template resolved successfully",
                  .observed_generation = buffer.meta.generation};
  return result;
}

// LIF-179.
BufferResolution resolve_scalable(const world::Snapshot& snapshot,
                                  const k8s::CapacityBuffer& buffer) {
  const k8s::ScalableRef& ref = *buffer.scalable;
  if (!ref.api_group.empty() && ref.api_group != "apps") {
    return unresolved(buffer,
                      "ResolutionFailed",
                      base::concat("unsupported scalableRef API group \"", ref.api_group, "\""));
  }
  const auto kind = scalable_kind(ref.kind);
  if (!kind) {
    return unresolved(
        buffer, "ResolutionFailed", base::concat("unsupported kind \"", ref.kind, "\""));
  }
  const auto* workload =
      find_named(snapshot.workloads, buffer, ref.name, [&](const k8s::Workload& candidate) {
        return candidate.kind == *kind;
      });
  if (workload == nullptr) {
    return unresolved(buffer,
                      "ScalableRefNotFound",
                      base::concat(ref.kind, ".apps \"", ref.name, "\" not found"));
  }
  return resolved(buffer, workload->pod_template, workload->replicas);
}

}  // namespace

std::optional<std::int64_t> replicas_within(const k8s::Resources& limits,
                                            const k8s::Resources& request) {
  std::optional<std::int64_t> least;
  for (const auto& [name, limit] : limits) {
    const std::int64_t wanted = name == "pods" ? 0 : request.get(name).milli_value();
    if (wanted > 0) {
      const std::int64_t fitting = std::max<std::int64_t>(limit.milli_value(), 0) / wanted;
      least = std::min(least.value_or(fitting), fitting);
    }
  }
  return least;
}

// LIF-179..183.
BufferResolution resolve_buffer(const world::Snapshot& snapshot,
                                const k8s::CapacityBuffer& buffer) {
  if (buffer.pod_template) {
    const auto* found = find_named(
        snapshot.pod_templates, buffer, *buffer.pod_template, [](const k8s::PodTemplateObject&) {
          return true;
        });
    if (found == nullptr) {
      return unresolved(buffer,
                        "PodTemplateNotFound",
                        base::concat("PodTemplate \"", *buffer.pod_template, "\" not found"));
    }
    BufferResolution result = resolved(buffer, found->pod_template, std::nullopt);
    result.generation = found->meta.generation;
    return result;
  }
  return buffer.scalable
             ? resolve_scalable(snapshot, buffer)
             : unresolved(
                   buffer, "ResolutionFailed", "Neither podTemplateRef nor scalableRef is set");
}

}  // namespace plan
