#include "control/buffers.h"

#include <algorithm>

#include "control/changes.h"
#include "k8s/codec.h"
#include "k8s/conditions.h"
#include "k8s/kinds.h"
#include "plan/buffers.h"

namespace control {

namespace {

constexpr std::string_view kBuffersCause = "capacitybuffer";

std::string key_of(const k8s::Object& object) {
  return object.meta.namespace_ + "/" + object.meta.name;
}

// LIF-182: the status of a buffer that was resolved.
void take_over(const plan::BufferResolution& resolution, k8s::CapacityBuffer& buffer) {
  buffer.status_replicas = resolution.replicas;
  buffer.status_pod_template = buffer.pod_template;
  buffer.pod_template_generation = buffer.pod_template ? resolution.generation : std::nullopt;
  buffer.status_strategy = buffer.provisioning_strategy;
}

bool refers_to(const k8s::CapacityBuffer& buffer, const k8s::Object& target) {
  if (buffer.meta.namespace_ != target.meta.namespace_) {
    return false;
  }
  if (target.kind == k8s::Kind::kPodTemplate) {
    return buffer.pod_template && *buffer.pod_template == target.meta.name;
  }
  return buffer.scalable && buffer.scalable->kind == k8s::kind_name(target.kind) &&
         buffer.scalable->name == target.meta.name;
}

bool is_target(k8s::Kind kind) {
  return kind == k8s::Kind::kPodTemplate || kind == k8s::Kind::kDeployment ||
         kind == k8s::Kind::kStatefulSet || kind == k8s::Kind::kReplicaSet;
}

}  // namespace

Step reconcile_buffer(const View& view, const std::string& key) {
  Step step;
  const auto& buffers = view.snapshot.capacity_buffers;
  const auto found =
      std::ranges::find_if(buffers, [&](const auto& item) { return key_of(*item) == key; });
  if (found == buffers.end() || (*found)->meta.is_deleting()) {
    step.enqueue.emplace_back(kBufferTrigger, key);  // Its room is free again.
    return step;
  }
  const k8s::CapacityBuffer& buffer = **found;
  const plan::BufferResolution resolution = plan::resolve_buffer(view.snapshot, buffer);
  k8s::CapacityBuffer next = buffer;
  const bool is_resolved = resolution.pod_template != nullptr;
  if (is_resolved) {
    take_over(resolution, next);
  }
  k8s::upsert_condition(next.conditions, resolution.ready, view.now);
  step.wake(view.now + view.config.buffer_period);
  if (write_status(step, kBuffersCause, buffer, next, Lock::kYes)) {
    return step;  // The provisioner counts on what is written (LIF-185).
  }
  if (is_resolved) {
    step.enqueue.emplace_back(kBufferTrigger, key);
  }
  return step;
}

std::function<void(const k8s::ObjectEvent&, const world::World&, std::vector<std::string>&)>
buffers_and_their_targets() {
  return [](const k8s::ObjectEvent& event, const world::World& world, auto& keys) {
    if (event.kind == k8s::Kind::kCapacityBuffer) {
      keys.push_back(key_of(*event.object));
    } else if (is_target(event.kind)) {
      for (const auto& buffer : world.capacity_buffers()) {
        if (refers_to(*buffer, *event.object)) {
          keys.push_back(key_of(*buffer));
        }
      }
    }
  };
}

}  // namespace control
