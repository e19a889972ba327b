// The kubelet's own configuration file (kubelet.config.k8s.io/v1beta1) as a schema: names and types
// only (API-108, API-109). Source: the public reference of KubeletConfiguration.
// Thread rule: a constant after first use.
#pragma once

#include "k8s/schema/schema.h"

namespace k8s::schema {

const Schema& kubelet_schema();

}  // namespace k8s::schema
