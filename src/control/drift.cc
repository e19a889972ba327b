#include "control/drift.h"

#include <algorithm>

#include "k8s/schema/runtime_validation.h"
#include "k8s/selector.h"
#include "world/names.h"

namespace control {

namespace {

// A new machine is left in peace by changes of what the cloud sells (DIS-192).
constexpr k8s::DurationNs kSettled = 1 * k8s::kHour;

// DIS-190
bool is_hash_drifted(const k8s::NodePool& pool, const k8s::NodeClaim& claim) {
  const std::string* pool_hash = pool.meta.annotation(world::kPoolHashAnnotation);
  const std::string* pool_version = pool.meta.annotation(world::kPoolHashVersionAnnotation);
  const std::string* hash = claim.meta.annotation(world::kPoolHashAnnotation);
  const std::string* version = claim.meta.annotation(world::kPoolHashVersionAnnotation);
  return pool_hash != nullptr && pool_version != nullptr && hash != nullptr && version != nullptr &&
         *pool_version == *version && *pool_hash != *hash;
}

// DIS-191: a key that the labels lack is incompatible unless the term accepts its absence.
bool is_requirement_drifted(const k8s::NodePool& pool, const k8s::NodeClaim& claim) {
  return std::ranges::any_of(pool.template_spec.requirements, [&](const k8s::SelectorTerm& term) {
    const std::string_view key = k8s::schema::normalized_label(term.key);
    if (key == term.key) {
      return !k8s::matches(term, claim.meta.labels);
    }
    k8s::SelectorTerm renamed = term;
    renamed.key = std::string(key);
    return !k8s::matches(renamed, claim.meta.labels);
  });
}

// Does the machine's label contradict the value? Without the label nothing is contradicted.
bool agrees(const std::string* label, std::string_view value) {
  return label == nullptr || *label == value;
}

// What the machine was bought as: its labels, looked up once for all offerings.
struct Bought {
  const k8s::NodeClaim& claim;
  const std::string* zone = claim.meta.label(world::kZoneLabel);
  const std::string* capacity_type = claim.meta.label(world::kCapacityTypeLabel);

  bool is_reserved() const {
    return capacity_type != nullptr && *capacity_type == cloud::capacity_type::kReserved;
  }
};

bool is_sold_as(const cloud::LabelSchema* schema,
                const cloud::Offering& offering,
                const Bought& bought) {
  // A reservation that has run out leaves an on-demand machine behind: that is no drift.
  const bool is_same_kind =
      agrees(bought.capacity_type, offering.capacity_type) ||
      (bought.is_reserved() && offering.capacity_type == cloud::capacity_type::kOnDemand);
  return is_same_kind && agrees(bought.zone, offering.zone) &&
         std::ranges::all_of(offering.labels, [&](const cloud::TypeLabel& label) {
           const bool is_ignored = bought.is_reserved() && schema != nullptr &&
                                   std::ranges::find(schema->reservation_keys(), label.key) !=
                                       schema->reservation_keys().end();
           return is_ignored || label.values.size() != 1 ||
                  agrees(bought.claim.meta.label(label.key), label.values.front());
         });
}

// DIS-192: availability does not matter, only whether it is sold at all.
bool is_type_gone(const View& view, const world::PoolRow& pool, const k8s::NodeClaim& claim) {
  if (pool.catalogue == nullptr || view.now - claim.meta.creation_time <= kSettled) {
    return false;
  }
  const std::string* name = claim.meta.label(world::kInstanceTypeLabel);
  const cloud::InstanceType* type = name == nullptr ? nullptr : pool.catalogue->find(*name);
  const Bought bought{claim};
  return type == nullptr || std::ranges::none_of(type->offerings, [&](const auto& offering) {
           return is_sold_as(view.config.plan.schema.get(), offering, bought);
         });
}

// AWI-333: the images of the class changed, and this machine would boot another one today.
bool is_image_drifted(const View& view, const k8s::NodeClaim& claim) {
  const auto node_class = std::ranges::find_if(view.snapshot.ec2_classes, [&](const auto& one) {
    return one->meta.name == claim.spec.node_class.name;
  });
  if (claim.spec.node_class.kind != "EC2NodeClass" || claim.status.image_id.empty() ||
      node_class == view.snapshot.ec2_classes.end() || (*node_class)->meta.is_deleting()) {
    return false;
  }
  const auto image =
      std::ranges::find_if((*node_class)->status_amis, [&](const k8s::ResolvedImage& one) {
        return k8s::matches(one.requirements, claim.meta.labels);
      });
  return !(*node_class)->status_amis.empty() &&
         (image == (*node_class)->status_amis.end() || image->id != claim.status.image_id);
}

}  // namespace

std::string find_drift(const View& view, const world::PoolRow& pool, const k8s::NodeClaim& claim) {
  if (is_hash_drifted(*pool.pool, claim)) {
    return "NodePoolDrifted";
  }
  if (is_requirement_drifted(*pool.pool, claim)) {
    return "RequirementsDrifted";
  }
  if (is_type_gone(view, pool, claim)) {
    return "InstanceTypeNotFound";
  }
  return is_image_drifted(view, claim) ? "AMIDrift" : "";
}

}  // namespace control
