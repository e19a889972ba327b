// The core kinds that we know: what manifests for the planner and the embedded cluster are made of.
// Thread rule: pure functions; kind_schema.h keeps the result.
#pragma once

#include <vector>

#include "k8s/schema/kind_schema.h"

namespace k8s::schema {

std::vector<KindSchema> core_kinds();

}  // namespace k8s::schema
