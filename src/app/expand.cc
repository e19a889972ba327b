#include "app/expand.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "k8s/codec.h"
#include "k8s/kinds.h"
#include "k8s/time.h"
#include "k8s/workload.h"

namespace app {
namespace {

using OwnerKey = std::pair<std::string, std::string>;  // Kind, "namespace/name".

std::string qualified(const k8s::ObjectMeta& meta) {
  return meta.namespace_ + "/" + meta.name;
}

// The Deployment that a pod's ReplicaSet, "<deployment>-<pod-template-hash>", belongs to: a dump
// may hold the two without the one between them.
std::optional<std::string> deployment_of(const k8s::ObjectMeta& pod,
                                         const k8s::OwnerReference& owner) {
  const auto hash = pod.labels.find("pod-template-hash");
  if (owner.kind != "ReplicaSet" || hash == pod.labels.end()) {
    return std::nullopt;
  }
  const std::string tail = "-" + std::string(hash->second);
  return owner.name.size() > tail.size() && owner.name.ends_with(tail)
             ? std::optional(owner.name.substr(0, owner.name.size() - tail.size()))
             : std::nullopt;
}

// Who owns something in the input: their pods are listed, or will be made from the object that they
// own.
std::set<OwnerKey> owners(const ClusterInput& input) {
  std::set<OwnerKey> result;
  for (const InputObject& entry : input.objects) {
    if (!entry.object) {
      continue;
    }
    const k8s::ObjectMeta& meta = entry.object->meta;
    if (const k8s::OwnerReference* owner = meta.controller()) {
      result.emplace(owner->kind, meta.namespace_ + "/" + owner->name);
      if (const auto deployment = deployment_of(meta, *owner)) {
        result.emplace("Deployment", meta.namespace_ + "/" + *deployment);
      }
    }
  }
  return result;
}

std::set<std::string> claim_names(const ClusterInput& input) {
  std::set<std::string> result;
  for (const InputObject& entry : input.objects) {
    if (entry.object && entry.object->kind == k8s::Kind::kPersistentVolumeClaim) {
      result.insert(qualified(entry.object->meta));
    }
  }
  return result;
}

std::int64_t pod_count(const k8s::Workload& workload) {
  return workload.kind == k8s::Kind::kJob ? std::min(workload.parallelism, workload.completions)
                                          : workload.replicas;
}

class Expander {
 public:
  Expander(const ClusterInput& input, k8s::TimeNs start, Expand how)
      : owned_(owners(input)), claims_(claim_names(input)), next_(start), how_(how) {}

  void add(const k8s::ObjectPtr& object) {
    if (object->kind == k8s::Kind::kPod) {
      const auto& pod = k8s::as<k8s::Pod>(*object);
      if (is_complete(pod)) {
        result_.push_back(object);
      } else {
        add_pod(pod);
      }
      return;
    }
    result_.push_back(object);
    if (how_ == Expand::kAll && !workload_kind(object->kind).empty()) {
      add_pods_of(k8s::as<k8s::Workload>(*object));
    }
  }

  std::vector<k8s::ObjectPtr> take() { return std::move(result_); }

 private:
  // As a cluster stores it: nothing to fill in.
  static bool is_complete(const k8s::Pod& pod) {
    return !pod.meta.uid.empty() && pod.meta.creation_time != 0 && !pod.status.phase.empty() &&
           (!pod.spec.node_name.empty() ||
            k8s::find_condition(pod.status.conditions, "PodScheduled") != nullptr);
  }

  void add_pods_of(const k8s::Workload& workload) {
    const std::string kind(k8s::kind_name(workload.kind));
    if (owned_.contains({kind, qualified(workload.meta)})) {
      return;
    }
    const std::int64_t count = pod_count(workload);
    for (std::int64_t i = 0; i < count; ++i) {
      k8s::Pod pod;
      pod.meta.name = workload.meta.name + "-" + std::to_string(i);
      pod.meta.namespace_ = workload.meta.namespace_;
      pod.meta.labels = workload.pod_template.labels;
      pod.meta.annotations = workload.pod_template.annotations;
      pod.meta.owners.push_back({.api_version = k8s::api_version(workload.kind),
                                 .kind = kind,
                                 .name = workload.meta.name,
                                 .uid = workload.meta.uid,
                                 .controller = true,
                                 .block_owner_deletion = true});
      pod.spec = workload.pod_template.spec;
      mount_claims(workload, pod);
      add_pod(std::move(pod));
    }
  }

  // A StatefulSet's pod mounts "<template>-<pod>"; the claim is made with it unless the input has
  // it.
  void mount_claims(const k8s::Workload& workload, k8s::Pod& pod) {
    for (const k8s::PersistentVolumeClaim& claim_template : workload.claim_templates) {
      const std::string name = claim_template.meta.name + "-" + pod.meta.name;
      pod.spec.volumes.push_back(
          {.name = claim_template.meta.name, .claim_name = name, .ephemeral = false});
      if (claims_.contains(pod.meta.namespace_ + "/" + name)) {
        continue;
      }
      auto claim = std::make_shared<k8s::PersistentVolumeClaim>(claim_template);
      claim->meta.name = name;
      claim->meta.namespace_ = pod.meta.namespace_;
      claim->phase = "Pending";
      made_claims_.push_back(std::move(claim));
    }
  }

  void add_pod(k8s::Pod pod) {
    if (pod.meta.uid.empty()) {
      pod.meta.uid = "pod-" + std::to_string(result_.size());
    }
    if (pod.meta.creation_time == 0) {
      pod.meta.creation_time = next_;
      next_ += k8s::kSecond;
    }
    if (pod.spec.node_name.empty() && !k8s::find_condition(pod.status.conditions, "PodScheduled")) {
      pod.status.phase = pod.status.phase.empty() ? "Pending" : pod.status.phase;
      pod.status.conditions.push_back(
          {.type = "PodScheduled", .status = "False", .reason = "Unschedulable"});
    } else if (pod.status.phase.empty()) {
      pod.status.phase = "Running";
    }
    result_.push_back(std::make_shared<const k8s::Pod>(std::move(pod)));
    for (auto& claim : made_claims_) {
      result_.push_back(std::move(claim));
    }
    made_claims_.clear();
  }

  std::set<OwnerKey> owned_;
  std::set<std::string> claims_;  // "namespace/name" of those in the input.
  k8s::TimeNs next_;
  Expand how_;
  std::vector<k8s::ObjectPtr> result_;
  std::vector<std::shared_ptr<k8s::PersistentVolumeClaim>> made_claims_;
};

}  // namespace

std::int64_t count_pods(const ClusterInput& input) {
  std::int64_t pods = 0;
  for (const InputObject& entry : input.objects) {
    if (entry.object && entry.object->kind == k8s::Kind::kPod) {
      ++pods;
    } else if (entry.object && !workload_kind(entry.object->kind).empty()) {
      pods += std::max<std::int64_t>(0, pod_count(k8s::as<k8s::Workload>(*entry.object)));
    }
  }
  return pods;
}

std::string_view workload_kind(k8s::Kind kind) {
  switch (kind) {
    case k8s::Kind::kDeployment:
      return "Deployment";
    case k8s::Kind::kReplicaSet:
      return "ReplicaSet";
    case k8s::Kind::kReplicationController:
      return "ReplicationController";
    case k8s::Kind::kStatefulSet:
      return "StatefulSet";
    case k8s::Kind::kJob:
      return "Job";
    default:
      return "";
  }
}

std::vector<k8s::ObjectPtr> expand(const ClusterInput& input, k8s::TimeNs start, Expand how) {
  Expander expander(input, start, how);
  for (const InputObject& entry : input.objects) {
    if (entry.object) {
      expander.add(entry.object);
    }
  }
  return expander.take();
}

}  // namespace app
