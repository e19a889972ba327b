#include "sim/apiserver/retype.h"

#include <memory>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/node.h"
#include "k8s/pod.h"
#include "k8s/workload.h"

namespace sim::api {

namespace {

void take_status(k8s::Pod& to, const k8s::Pod& from) {
  to.status = from.status;
}

void take_status(k8s::Node& to, const k8s::Node& from) {
  to.status = from.status;
}

void take_status(k8s::NodeClaim& to, const k8s::NodeClaim& from) {
  to.status = from.status;
}

void take_status(k8s::Workload& to, const k8s::Workload& from) {
  to.observed_replicas = from.observed_replicas;
}

void take_status(k8s::PodDisruptionBudget& to, const k8s::PodDisruptionBudget& from) {
  to.disruptions_allowed = from.disruptions_allowed;
  to.current_healthy = from.current_healthy;
  to.desired_healthy = from.desired_healthy;
  to.expected_pods = from.expected_pods;
}

// What differs, read on its own.
struct Difference {
  k8s::ObjectPtr parts;  // Null: nothing but the version.
  bool has_metadata = false;
  bool has_status = false;
};

std::optional<Difference> read_difference(k8s::Kind kind, const Body& from, const Body& to) {
  Difference out{.parts = nullptr,
                 .has_metadata = !to.shares(from, "metadata"),
                 .has_status = !to.shares(from, "status")};
  std::string text;
  for (const auto& [key, is_new] :
       {std::pair("metadata", out.has_metadata), std::pair("status", out.has_status)}) {
    const json::value* part = is_new ? to.if_contains(key) : nullptr;
    if (is_new && part == nullptr) {
      return std::nullopt;
    }
    if (is_new) {
      text.append(base::concat(text.empty() ? "{\"" : ",\"", key, "\":", json::serialize(*part)));
    }
  }
  if (!text.empty()) {
    auto decoded = k8s::decode_as(kind, text.append("}"), nullptr);
    if (!decoded) {
      return std::nullopt;
    }
    out.parts = std::move(*decoded);
  }
  return out;
}

template <typename T>
std::shared_ptr<T> changed(const k8s::Object& before, const Difference& difference) {
  auto out = std::make_shared<T>(k8s::as<T>(before));
  if (difference.has_metadata) {
    out->meta = difference.parts->meta;
  }
  if (difference.has_status) {
    take_status(*out, k8s::as<T>(*difference.parts));
  }
  return out;
}

std::shared_ptr<k8s::Object> changed_as_its_kind(const k8s::Object& before,
                                                 const Difference& difference,
                                                 const Body& body) {
  switch (before.kind) {
    case k8s::Kind::kPod: {
      auto pod = changed<k8s::Pod>(before, difference);
      pod->spec.node_name = text_at(body, "spec.nodeName");
      return pod;
    }
    case k8s::Kind::kNode:
      return changed<k8s::Node>(before, difference);
    case k8s::Kind::kNodeClaim:
      return changed<k8s::NodeClaim>(before, difference);
    case k8s::Kind::kDeployment:
    case k8s::Kind::kReplicaSet:
    case k8s::Kind::kStatefulSet:
    case k8s::Kind::kDaemonSet: {
      auto workload = changed<k8s::Workload>(before, difference);
      workload->replicas = int_at(body, "spec.replicas", workload->replicas);
      return workload;
    }
    case k8s::Kind::kPodDisruptionBudget:
      return changed<k8s::PodDisruptionBudget>(before, difference);
    default:  // A Job's status says what it still wants, the others are rarely written.
      return nullptr;
  }
}

}  // namespace

k8s::ObjectPtr retype(const k8s::Object& before,
                      const Body& old_body,
                      const Body& new_body,
                      std::uint64_t version) {
  const std::optional<Difference> difference = read_difference(before.kind, old_body, new_body);
  if (!difference) {
    return nullptr;
  }
  std::shared_ptr<k8s::Object> out = changed_as_its_kind(before, *difference, new_body);
  if (out != nullptr) {
    out->meta.resource_version = std::to_string(version);
  }
  return out;
}

}  // namespace sim::api
