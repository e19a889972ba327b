#include "k8s/schema/kind_schema.h"

#include <utility>

#include "k8s/schema/core_kinds.h"
#include "k8s/schema/karpenter_kinds.h"

namespace k8s::schema {
namespace {

std::vector<KindSchema> build(Flavour flavour) {
  std::vector<KindSchema> kinds;
  kinds.push_back(capacity_buffer_kind());
  kinds.push_back(ec2_node_class_kind());
  kinds.push_back(kwok_node_class_kind());
  kinds.push_back(node_claim_kind(flavour));
  kinds.push_back(node_overlay_kind(flavour));
  kinds.push_back(node_pool_kind(flavour));
  for (KindSchema& kind : core_kinds()) {
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

}  // namespace

std::span<const KindSchema> all_kind_schemas(Flavour flavour) {
  switch (flavour) {
    case Flavour::kCore: {
      static const std::vector<KindSchema> kCore = build(Flavour::kCore);
      return kCore;
    }
    case Flavour::kAws: {
      static const std::vector<KindSchema> kAws = build(Flavour::kAws);
      return kAws;
    }
    case Flavour::kKwok: {
      static const std::vector<KindSchema> kKwok = build(Flavour::kKwok);
      return kKwok;
    }
  }
  return {};
}

const KindSchema* find_kind_schema(std::string_view api_version,
                                   std::string_view kind,
                                   Flavour flavour) {
  for (const KindSchema& candidate : all_kind_schemas(flavour)) {
    if (candidate.kind == kind && candidate.api_version() == api_version) {
      return &candidate;
    }
  }
  return nullptr;
}

}  // namespace k8s::schema
