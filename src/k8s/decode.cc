#include "k8s/decode.h"

#include "k8s/kinds.h"

namespace k8s {
namespace {

using base::ErrorCode;
using base::fail;

template <typename T, typename... Args>
base::Result<ObjectPtr> decode_to(Element e, Warnings* unknown, Args... args) {
  auto object = std::make_shared<T>(args...);
  JsonIn in(unknown);
  read(in, e, *object);
  if (in.has_failed()) {
    return fail(in.error());
  }
  return ObjectPtr(std::move(object));
}

base::Result<ObjectPtr> decode_workload(Kind kind, Element e, Warnings* unknown) {
  return decode_to<Workload>(e, unknown, kind);
}

base::Result<ObjectPtr> decode_element(Kind kind, Element e, Warnings* all_unknown) {
  Warnings* unknown = is_custom(kind) ? all_unknown : nullptr;
  switch (kind) {
    case Kind::kPod:
      return decode_to<Pod>(e, unknown);
    case Kind::kNode:
      return decode_to<Node>(e, unknown);
    case Kind::kNodeClaim:
      return decode_to<NodeClaim>(e, unknown);
    case Kind::kNodePool:
      return decode_to<NodePool>(e, unknown);
    case Kind::kEC2NodeClass:
      return decode_to<EC2NodeClass>(e, unknown);
    case Kind::kKWOKNodeClass:
      return decode_to<KWOKNodeClass>(e, unknown);
    case Kind::kNodeOverlay:
      return decode_to<NodeOverlay>(e, unknown);
    case Kind::kDaemonSet:
    case Kind::kDeployment:
    case Kind::kReplicaSet:
    case Kind::kReplicationController:
    case Kind::kStatefulSet:
    case Kind::kJob:
      return decode_workload(kind, e, unknown);
    case Kind::kPersistentVolumeClaim:
      return decode_to<PersistentVolumeClaim>(e, unknown);
    case Kind::kPersistentVolume:
      return decode_to<PersistentVolume>(e, unknown);
    case Kind::kStorageClass:
      return decode_to<StorageClass>(e, unknown);
    case Kind::kCSINode:
      return decode_to<CSINode>(e, unknown);
    case Kind::kVolumeAttachment:
      return decode_to<VolumeAttachment>(e, unknown);
    case Kind::kPodDisruptionBudget:
      return decode_to<PodDisruptionBudget>(e, unknown);
    case Kind::kPriorityClass:
      return decode_to<PriorityClass>(e, unknown);
    case Kind::kNamespace:
      return decode_to<Namespace>(e, unknown);
    case Kind::kService:
      return decode_to<Service>(e, unknown);
    case Kind::kEvent:
      return decode_to<Event>(e, unknown);
    case Kind::kLease:
      return decode_to<Lease>(e, unknown);
    case Kind::kPodTemplate:
      return decode_to<PodTemplateObject>(e, unknown);
    case Kind::kCapacityBuffer:
      return decode_to<CapacityBuffer>(e, unknown);
    case Kind::kResourceClaim:
      return decode_to<ResourceClaim>(e, unknown);
    case Kind::kResourceClaimTemplate:
      return decode_to<ResourceClaimTemplate>(e, unknown);
    case Kind::kResourceSlice:
      return decode_to<ResourceSlice>(e, unknown);
    case Kind::kDeviceClass:
      return decode_to<DeviceClass>(e, unknown);
    case Kind::kCount:
      break;
  }
  return fail(ErrorCode::kUnsupported, "unknown kind");
}

base::Result<Kind> kind_of(Element e) {
  std::string_view version;
  std::string_view kind;
  if (e["apiVersion"].get(version) != simdjson::SUCCESS ||
      e["kind"].get(kind) != simdjson::SUCCESS) {
    return fail(ErrorCode::kInvalid, "an object with the strings apiVersion and kind expected");
  }
  if (const std::optional<Kind> known = find_kind(version, kind)) {
    return *known;
  }
  return fail(ErrorCode::kUnsupported,
              "kind " + std::string(kind) + " of " + std::string(version) + " is not known here");
}

}  // namespace

struct Decoder::Buffers {
  simdjson::dom::parser parser;

  base::Result<Element> parse(std::string_view json) {
    Element element;
    const simdjson::error_code error = parser.parse(json.data(), json.size()).get(element);
    if (error != simdjson::SUCCESS) {
      return fail(ErrorCode::kInvalid,
                  std::string("JSON expected: ") + simdjson::error_message(error));
    }
    return element;
  }
};

Decoder::Decoder() : buffers_(std::make_unique<Buffers>()) {}

Decoder::~Decoder() = default;

base::Result<ObjectPtr> Decoder::decode(std::string_view json, Warnings* unknown_fields) {
  const Element element = TRY(buffers_->parse(json));
  return decode_element(TRY(kind_of(element)), element, unknown_fields);
}

base::Result<ObjectPtr> Decoder::decode_as(Kind kind,
                                           std::string_view json,
                                           Warnings* unknown_fields) {
  return decode_element(kind, TRY(buffers_->parse(json)), unknown_fields);
}

base::Result<ObjectPtr> decode_object(std::string_view json, Warnings* unknown_fields) {
  return Decoder().decode(json, unknown_fields);
}

base::Result<ObjectPtr> decode_as(Kind kind, std::string_view json, Warnings* unknown_fields) {
  return Decoder().decode_as(kind, json, unknown_fields);
}

}  // namespace k8s
