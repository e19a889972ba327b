// The documents that describe our kinds to others: CRD manifests for a real cluster, OpenAPI for
// kubectl against the embedded API server. Generated from the same tables that validate.
//
// All are JSON text. Cost: each is composed on demand (up to some ms for core/v1); cache if served
// often. Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "k8s/schema/validate.h"

namespace k8s::schema {

struct CrdDocument {
  std::string name;  // "nodepools.karpenter.sh"
  std::string json;  // apiextensions.k8s.io/v1 CustomResourceDefinition.
};

// One per karpenter kind, ordered by name. CRDs serve exactly one version (API-1).
std::vector<CrdDocument> crd_documents(Flavour flavour = Flavour::kAws);

// Answer to GET /openapi/v3: the index of group versions.
std::string openapi_v3_index();

// Answer to GET /openapi/v3/apis/<group>/<version> (group "" is /openapi/v3/api/<version>). Empty
// when no kind lives there.
std::string openapi_v3(std::string_view group, std::string_view version);

// Answer to GET /openapi/v2: without definitions, so that clients use their compiled-in types for
// core kinds and fall back to merge patches for ours.
std::string openapi_v2();

}  // namespace k8s::schema
