// autoscaling.x-k8s.io/v1beta1 CapacityBuffer (spec 01 s8) and core/v1 PodTemplate, which it refers
// to. Plain values (k8s/meta.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "k8s/workload.h"

namespace k8s {

struct ScalableRef {
  std::string api_group;
  std::string kind;
  std::string name;
};

struct CapacityBuffer : Object {
  std::string provisioning_strategy;
  std::optional<std::string> pod_template;  // podTemplateRef.name
  std::optional<ScalableRef> scalable;
  std::optional<std::int32_t> replicas;
  std::optional<std::int32_t> percentage;
  std::optional<Resources> limits;

  // status
  std::optional<std::string> status_pod_template;
  std::optional<std::int32_t> status_replicas;
  std::optional<std::int64_t> pod_template_generation;
  std::string status_strategy;
  std::vector<Condition> conditions;

  CapacityBuffer() : Object(Kind::kCapacityBuffer) {}
};

struct PodTemplateObject : Object {
  PodTemplate pod_template;

  PodTemplateObject() : Object(Kind::kPodTemplate) {}
};

}  // namespace k8s
