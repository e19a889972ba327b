// The decoders of the kinds, one overload each. Internal to this folder (k8s/json_in.h).
#pragma once

#include "k8s/capacity_buffer.h"
#include "k8s/device.h"
#include "k8s/json_in.h"
#include "k8s/node.h"
#include "k8s/pod.h"
#include "k8s/workload.h"

namespace k8s {

void read(JsonIn& in, Element e, ObjectMeta& out);
void read(JsonIn& in, Element e, OwnerReference& out);
void read(JsonIn& in, Element e, Condition& out);
void read(JsonIn& in, Element e, ObjectReference& out);
void read(JsonIn& in, Element e, SelectorTerm& out);
void read(JsonIn& in, Element e, LabelSelector& out);
void read(JsonIn& in, Element e, Taint& out);
void read(JsonIn& in, Element e, Toleration& out);
void read(JsonIn& in, Element e, NodeSelectorTerm& out);
void read(JsonIn& in, Element e, ResourceRequirements& out);
void read(JsonIn& in, Element e, PodSpec& out);
void read(JsonIn& in, Element e, PodTemplate& out);
void read(JsonIn& in, Element e, IntOrPercent& out);

void read(JsonIn& in, Element e, Pod& out);
void read(JsonIn& in, Element e, Node& out);
void read(JsonIn& in, Element e, NodeClaim& out);
void read(JsonIn& in, Element e, NodePool& out);
void read(JsonIn& in, Element e, NodeOverlay& out);
void read(JsonIn& in, Element e, EC2NodeClass& out);
void read(JsonIn& in, Element e, KWOKNodeClass& out);
void read(JsonIn& in, Element e, Workload& out);
void read(JsonIn& in, Element e, PersistentVolumeClaim& out);
void read(JsonIn& in, Element e, PersistentVolume& out);
void read(JsonIn& in, Element e, StorageClass& out);
void read(JsonIn& in, Element e, CSINode& out);
void read(JsonIn& in, Element e, VolumeAttachment& out);
void read(JsonIn& in, Element e, PodDisruptionBudget& out);
void read(JsonIn& in, Element e, PriorityClass& out);
void read(JsonIn& in, Element e, Namespace& out);
void read(JsonIn& in, Element e, Service& out);
void read(JsonIn& in, Element e, Event& out);
void read(JsonIn& in, Element e, Lease& out);
void read(JsonIn& in, Element e, PodTemplateObject& out);
void read(JsonIn& in, Element e, CapacityBuffer& out);
void read(JsonIn& in, Element e, ResourceClaim& out);
void read(JsonIn& in, Element e, ResourceClaimTemplate& out);
void read(JsonIn& in, Element e, ResourceSlice& out);
void read(JsonIn& in, Element e, DeviceClass& out);

// Adds the field's name to `out` when it is one of `names` and an empty list or map (API-179).
void note_if_empty(Field f,
                   std::initializer_list<std::string_view> names,
                   std::vector<std::string>& out);

// apiVersion, kind and metadata of any object.
template <typename T>
bool read_header(Field f, T& out) {
  return f("metadata", out.meta) || f.skip("apiVersion", "kind");
}

}  // namespace k8s
