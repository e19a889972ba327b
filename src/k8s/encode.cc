#include "k8s/encode.h"

#include "k8s/codec.h"
#include "k8s/kinds.h"

namespace k8s {
namespace {

void write_any(JsonOut& out, const Object& object) {
  switch (object.kind) {
    case Kind::kPod:
      return write_body(out, as<Pod>(object));
    case Kind::kNode:
      return write_body(out, as<Node>(object));
    case Kind::kNodeClaim:
      return write_body(out, as<NodeClaim>(object));
    case Kind::kNodePool:
      return write_body(out, as<NodePool>(object));
    case Kind::kEC2NodeClass:
      return write_body(out, as<EC2NodeClass>(object));
    case Kind::kKWOKNodeClass:
      return write_body(out, as<KWOKNodeClass>(object));
    case Kind::kNodeOverlay:
      return write_body(out, as<NodeOverlay>(object));
    case Kind::kDaemonSet:
    case Kind::kDeployment:
    case Kind::kReplicaSet:
    case Kind::kReplicationController:
    case Kind::kStatefulSet:
    case Kind::kJob:
      return write_body(out, as<Workload>(object));
    case Kind::kPersistentVolumeClaim:
      return write_body(out, as<PersistentVolumeClaim>(object));
    case Kind::kPersistentVolume:
      return write_body(out, as<PersistentVolume>(object));
    case Kind::kStorageClass:
      return write_body(out, as<StorageClass>(object));
    case Kind::kCSINode:
      return write_body(out, as<CSINode>(object));
    case Kind::kVolumeAttachment:
      return write_body(out, as<VolumeAttachment>(object));
    case Kind::kPodDisruptionBudget:
      return write_body(out, as<PodDisruptionBudget>(object));
    case Kind::kPriorityClass:
      return write_body(out, as<PriorityClass>(object));
    case Kind::kNamespace:
      return write_body(out, as<Namespace>(object));
    case Kind::kService:
      return write_body(out, as<Service>(object));
    case Kind::kEvent:
      return write_body(out, as<Event>(object));
    case Kind::kLease:
      return write_body(out, as<Lease>(object));
    case Kind::kPodTemplate:
      return write_body(out, as<PodTemplateObject>(object));
    case Kind::kCapacityBuffer:
      return write_body(out, as<CapacityBuffer>(object));
    case Kind::kResourceClaim:
      return write_body(out, as<ResourceClaim>(object));
    case Kind::kResourceClaimTemplate:
      return write_body(out, as<ResourceClaimTemplate>(object));
    case Kind::kResourceSlice:
      return write_body(out, as<ResourceSlice>(object));
    case Kind::kDeviceClass:
      return write_body(out, as<DeviceClass>(object));
    case Kind::kCount:
      break;
  }
}

template <typename Body>
std::string object_text(Body body) {
  JsonOut out;
  out.object([&] { body(out); });
  return std::move(out).text();
}

// The value of the only member of `{"x":value}`, or `empty` when it was left out.
template <typename Body>
std::string value_text(std::string_view empty, Body body) {
  constexpr std::string_view kPrefix = R"({"x":)";
  const std::string text = object_text(body);
  return text == "{}" ? std::string(empty)
                      : text.substr(kPrefix.size(), text.size() - kPrefix.size() - 1);
}

}  // namespace

std::string encode_object(const Object& object) {
  return object_text([&](JsonOut& out) {
    out.field("apiVersion", api_version(object.kind));
    out.field("kind", kind_name(object.kind));
    out.object_always("metadata", [&] { write_meta(out, object.meta); });
    write_any(out, object);
  });
}

std::string encode_meta(const ObjectMeta& meta) {
  return object_text([&](JsonOut& out) { write_meta(out, meta); });
}

std::string encode_pod_spec(const PodSpec& spec) {
  return object_text([&](JsonOut& out) { write_pod_spec(out, spec); });
}

std::string encode_resources(const Resources& resources) {
  return value_text("{}", [&](JsonOut& out) { out.field("x", resources); });
}

std::string encode_conditions(const std::vector<Condition>& conditions) {
  return value_text("[]", [&](JsonOut& out) { write_items(out, "x", conditions); });
}

std::string encode_taints(const std::vector<Taint>& taints) {
  return value_text("[]", [&](JsonOut& out) { write_items(out, "x", taints); });
}

}  // namespace k8s
