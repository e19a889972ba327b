// The encoders of the kinds, one overload each. Internal to this folder (k8s/json_out.h).
#pragma once

#include "k8s/capacity_buffer.h"
#include "k8s/device.h"
#include "k8s/json_out.h"
#include "k8s/node.h"
#include "k8s/pod.h"
#include "k8s/workload.h"

namespace k8s {

// The members of an object that is already open.
void write_meta(JsonOut& out, const ObjectMeta& meta);
void write_pod_spec(JsonOut& out, const PodSpec& spec);
void write_template(JsonOut& out, const PodTemplate& pod_template);
void write_requirements(JsonOut& out, const ResourceRequirements& requirements);
void write_selector(JsonOut& out, const LabelSelector& selector);

// Values, as items of arrays.
void write_item(JsonOut& out, const Condition& condition);
void write_item(JsonOut& out, const Taint& taint);
void write_item(JsonOut& out, const SelectorTerm& term);
void write_item(JsonOut& out, const NodeSelectorTerm& term);
void write_item(JsonOut& out, const Toleration& toleration);

template <typename T>
void write_items(JsonOut& out, std::string_view name, const std::vector<T>& items) {
  out.array(name, items, [&](const T& item) { write_item(out, item); });
}

// Everything after metadata.
void write_body(JsonOut& out, const Pod& pod);
void write_body(JsonOut& out, const Node& node);
void write_body(JsonOut& out, const NodeClaim& claim);
void write_body(JsonOut& out, const NodePool& pool);
void write_body(JsonOut& out, const NodeOverlay& overlay);
void write_body(JsonOut& out, const EC2NodeClass& node_class);
void write_body(JsonOut& out, const KWOKNodeClass& node_class);
void write_body(JsonOut& out, const Workload& workload);
void write_body(JsonOut& out, const PersistentVolumeClaim& claim);
void write_body(JsonOut& out, const PersistentVolume& volume);
void write_body(JsonOut& out, const StorageClass& storage_class);
void write_body(JsonOut& out, const CSINode& node);
void write_body(JsonOut& out, const VolumeAttachment& attachment);
void write_body(JsonOut& out, const PodDisruptionBudget& budget);
void write_body(JsonOut& out, const PriorityClass& priority_class);
void write_body(JsonOut& out, const Namespace& ns);
void write_body(JsonOut& out, const Service& service);
void write_body(JsonOut& out, const Event& event);
void write_body(JsonOut& out, const Lease& lease);
void write_body(JsonOut& out, const PodTemplateObject& object);
void write_body(JsonOut& out, const CapacityBuffer& buffer);
void write_body(JsonOut& out, const ResourceClaim& claim);
void write_body(JsonOut& out, const ResourceClaimTemplate& claim_template);
void write_body(JsonOut& out, const ResourceSlice& slice);
void write_body(JsonOut& out, const DeviceClass& device_class);

}  // namespace k8s
