// What every Kubernetes object carries, and the small types that objects share.
//
// Absent and empty are one where the API makes no difference (strings, lists, maps); std::optional
// where it does. Times are nanoseconds since the Unix epoch (0 = absent). Thread rule: plain
// values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cow.h"
#include "k8s/quantity.h"
#include "k8s/string_map.h"

namespace k8s {

// Nanoseconds since the Unix epoch; 0 stands for "absent".
using TimeNs = std::int64_t;
// Nanoseconds.
using DurationNs = std::int64_t;

enum class Kind : std::uint8_t {
  kPod,
  kNode,
  kNodeClaim,
  kNodePool,
  kEC2NodeClass,
  kKWOKNodeClass,
  kNodeOverlay,
  kDaemonSet,
  kDeployment,
  kReplicaSet,
  kStatefulSet,
  kJob,
  kPersistentVolumeClaim,
  kPersistentVolume,
  kStorageClass,
  kCSINode,
  kVolumeAttachment,
  kPodDisruptionBudget,
  kPriorityClass,
  kNamespace,
  kService,
  kEvent,
  kLease,
  kPodTemplate,
  kCapacityBuffer,
  kResourceClaim,
  kResourceClaimTemplate,
  kResourceSlice,
  kDeviceClass,
  kReplicationController,
  kCount,
};

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
  bool block_owner_deletion = false;
  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

struct ObjectMeta {
  std::string name;
  std::string generate_name;
  std::string namespace_;  // Empty for cluster-scoped objects.
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  TimeNs creation_time = 0;
  TimeNs deletion_time = 0;  // When set, the object is terminating.
  std::optional<std::int64_t> deletion_grace_seconds;
  StringMap labels;
  StringMap annotations;
  base::CowVector<OwnerReference> owners;
  std::vector<std::string> finalizers;

  bool is_deleting() const { return deletion_time != 0; }

  // nullptr when absent.
  const std::string* label(std::string_view key) const;
  const std::string* annotation(std::string_view key) const;
  bool has_finalizer(std::string_view finalizer) const;
  const OwnerReference* controller() const;
};

// metav1.Condition and the pod and node conditions, in one shape.
struct Condition {
  std::string type;
  std::string status;  // "True", "False", "Unknown".
  std::string reason;
  std::string message;
  TimeNs last_transition = 0;
  TimeNs last_heartbeat = 0;  // Nodes only.
  std::int64_t observed_generation = 0;
};

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type);
bool is_true(const std::vector<Condition>& conditions, std::string_view type);

struct ObjectReference {
  std::string api_version;
  std::string kind;
  std::string namespace_;
  std::string name;
  std::string uid;
};

// One expression of a node selector, a label selector or a NodePool requirement.
struct SelectorTerm {
  std::string key;
  std::string op;  // "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Gte", "Lte"; anything
                   // else as read.
  std::vector<std::string> values;
  std::optional<std::int64_t> min_values;  // NodePool and NodeClaim requirements only.
  friend bool operator==(const SelectorTerm&, const SelectorTerm&) = default;
};

struct LabelSelector {
  StringMap match_labels;
  std::vector<SelectorTerm> match_expressions;

  bool is_empty() const { return match_labels.empty() && match_expressions.empty(); }

  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

struct Taint {
  std::string key;
  std::string value;
  std::string effect;
  TimeNs time_added = 0;
};

struct Toleration {
  std::string key;
  std::string op;  // Empty is "Equal".
  std::string value;
  std::string effect;
  std::optional<std::int64_t> seconds;
  friend bool operator==(const Toleration&, const Toleration&) = default;
};

// The base of every typed object. Held as shared_ptr<const Object> from decoding on.
struct Object {
  Kind kind;
  ObjectMeta meta;

  explicit Object(Kind k) : kind(k) {}

  Object(const Object&) = default;
  Object& operator=(const Object&) = default;
  Object(Object&&) = default;
  Object& operator=(Object&&) = default;
  virtual ~Object() = default;
};

using ObjectPtr = std::shared_ptr<const Object>;

}  // namespace k8s
