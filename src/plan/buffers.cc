#include "plan/buffers.h"

#include <algorithm>

#include "base/text.h"

namespace plan {
namespace {

constexpr const char* kFake = "karpenter.sh/capacity-buffer-fake-pod";
constexpr const char* kName = "karpenter.sh/capacity-buffer-name";
constexpr const char* kNamespace = "karpenter.sh/capacity-buffer-namespace";
constexpr std::string_view kReady = "ReadyForProvisioning";

using BufferKey = std::pair<std::string, std::string>;  // Namespace, name.

// T-160: both, or it is nobody's.
std::optional<BufferKey> buffer_of(const k8s::Pod& pod) {
  const std::string* name = pod.meta.annotation(kName);
  const std::string* namespace_ = pod.meta.annotation(kNamespace);
  return name && namespace_ ? std::optional(BufferKey(*namespace_, *name)) : std::nullopt;
}

// LIF-185.
bool contributes(const k8s::CapacityBuffer& buffer) {
  return k8s::is_true(buffer.conditions, kReady) && buffer.status_replicas.value_or(0) > 0 &&
         (buffer.pod_template || buffer.scalable);
}

// SCH-281, LIF-186, LIF-187.
k8s::Pod make_virtual_pod(const k8s::CapacityBuffer& buffer,
                          const k8s::PodTemplate& pod_template,
                          std::int32_t number,
                          k8s::TimeNs now) {
  k8s::Pod pod;
  pod.meta.name = base::concat("capacity-buffer-", buffer.meta.name, "-", number);
  pod.meta.namespace_ = buffer.meta.namespace_;
  pod.meta.uid = base::concat(buffer.meta.uid, "-", number);
  pod.meta.creation_time = now;
  pod.meta.labels = pod_template.labels;
  pod.meta.annotations = {
      {kFake, "true"}, {kName, buffer.meta.name}, {kNamespace, buffer.meta.namespace_}};
  pod.spec = pod_template.spec;
  pod.spec.node_name.clear();
  pod.spec.priority = kVirtualPriority;
  erase_if(pod.spec.volumes, [](const k8s::Volume& volume) {
    return volume.ephemeral || !volume.claim_name.empty();
  });
  pod.status.conditions.push_back(
      {.type = "PodScheduled", .status = "False", .reason = "Unschedulable"});
  return pod;
}

k8s::Condition provisioning(const k8s::CapacityBuffer& buffer,
                            std::string status,
                            std::string reason,
                            std::string message) {
  return {.type = "Provisioning",
          .status = std::move(status),
          .reason = std::move(reason),
          .message = std::move(message),
          .observed_generation = buffer.meta.generation};
}

// SCH-284.
std::optional<k8s::Condition> provisioning_of(const BufferOutcome& outcome) {
  const k8s::CapacityBuffer& buffer = *outcome.buffer;
  if (!k8s::is_true(buffer.conditions, kReady)) {
    return provisioning(
        buffer, "False", "NotReadyForProvisioning", "Buffer is not ReadyForProvisioning");
  }
  const std::int32_t desired = buffer.status_replicas.value_or(0);
  if (desired == 0) {
    return provisioning(buffer, "False", "BufferEmpty", "Buffer has zero desired replicas");
  }
  if (outcome.fresh > 0 || outcome.failed > 0) {
    return provisioning(buffer,
                        "False",
                        "RequiresNewCapacity",
                        base::concat(outcome.fresh,
                                     "/",
                                     desired,
                                     " virtual pods required new capacity, ",
                                     outcome.failed,
                                     " failed"));
  }
  if (outcome.existing == desired) {
    return provisioning(
        buffer,
        "True",
        "FitsExistingCapacity",
        base::concat("All ", outcome.existing, " virtual pods fit on existing capacity"));
  }
  return std::nullopt;
}

}  // namespace

bool is_virtual(const model::PodShape& shape) {
  return shape.priority == kVirtualPriority;
}

bool is_virtual(const k8s::Pod& pod) {
  const std::string* fake = pod.meta.annotation(kFake);
  return fake != nullptr && *fake == "true";
}

BufferedSnapshot add_virtual_pods(const world::SnapshotPtr& snapshot) {
  BufferedSnapshot result{.snapshot = snapshot, .pods = {}};
  std::shared_ptr<world::Snapshot> copy;
  model::PodShapes shapes;
  for (const auto& buffer : snapshot->capacity_buffers) {
    const k8s::PodTemplate* pod_template =
        contributes(*buffer) ? resolve_buffer(*snapshot, *buffer).pod_template : nullptr;
    if (pod_template == nullptr) {
      continue;
    }
    if (copy == nullptr) {
      copy = std::make_shared<world::Snapshot>(*snapshot);
    }
    for (std::int32_t i = 1; i <= *buffer->status_replicas; ++i) {
      auto pod = std::make_shared<const k8s::Pod>(
          make_virtual_pod(*buffer, *pod_template, i, snapshot->now));
      auto shape = shapes.intern(*pod);
      result.pods.push_back(copy->pods.insert(
          std::make_shared<const world::PodRow>(std::move(pod), std::move(shape))));
    }
  }
  if (copy != nullptr) {
    result.snapshot = std::move(copy);
  }
  return result;
}

std::vector<BufferOutcome> buffer_outcomes(const world::Snapshot& snapshot, const Plan& plan) {
  std::map<BufferKey, BufferOutcome> outcomes;
  for (const auto& buffer : snapshot.capacity_buffers) {
    outcomes[{buffer->meta.namespace_, buffer->meta.name}].buffer = buffer;
  }
  const auto count = [&](world::PodId id, std::int64_t BufferOutcome::* where) {
    const k8s::Pod& pod = *snapshot.pods[id].pod;
    const auto key = is_virtual(pod) ? buffer_of(pod) : std::nullopt;
    const auto found = key ? outcomes.find(*key) : outcomes.end();
    if (found != outcomes.end()) {
      found->second.*where += 1;
    }
  };
  for (const ExistingPlacement& placement : plan.existing) {
    for (const world::PodId id : placement.pods) {
      count(id, &BufferOutcome::existing);
    }
  }
  for (const PlannedClaim& claim : plan.claims) {
    for (const world::PodId id : claim.pods) {
      count(id, &BufferOutcome::fresh);
    }
  }
  for (const Unplaced& unplaced : plan.unplaced) {
    count(unplaced.pod, &BufferOutcome::failed);
  }
  std::vector<BufferOutcome> result;
  for (auto& [key, outcome] : outcomes) {
    outcome.provisioning = provisioning_of(outcome);
    result.push_back(std::move(outcome));
  }
  return result;
}

std::map<std::string, std::int64_t> buffered_machines(const world::Snapshot& snapshot,
                                                      const Plan& plan) {
  std::map<std::string, std::int64_t> counts;
  for (const ExistingPlacement& placement : plan.existing) {
    const auto pods = std::ranges::count_if(
        placement.pods, [&](world::PodId id) { return is_virtual(*snapshot.pods[id].pod); });
    if (pods > 0) {
      counts[snapshot.nodes[placement.node].provider_id()] += pods;
    }
  }
  return counts;
}

}  // namespace plan
