// Pods with equal scheduling content, compiled once: requirement sets, tolerations, topology groups
// and the chain of relaxed variants (SCH-140). No pod is ever edited: relaxing is walking down the
// chain.
//
// Thread rule: values; PodClasses has one owner.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plan/default_spread.h"
#include "plan/topology.h"
#include "plan/volumes.h"

namespace plan {

struct ResourceClaimTag;
using ResourceClaimId = base::Id<ResourceClaimTag>;

// A pod after some steps of relaxation.
struct Variant {
  NodeConstraint all;     // With the heaviest preferred node term, if any is left (SCH-29).
  NodeConstraint strict;  // Without (SCH-31).
  TolerationsId tolerations;
  std::vector<OwnedGroup> groups;
  std::string relaxed;  // What this step gave up; empty for the first.
};

struct PodClass {
  std::shared_ptr<const model::PodShape> shape;
  Amounts demand;
  std::vector<Variant> variants;  // Never empty.
  std::vector<GroupId> counted_by;
  std::vector<GroupId> avoided;         // Inverse groups that select the pod (SCH-342).
  std::vector<GroupId> owned_inverse;   // Inverse groups of its own required anti-affinity.
  std::vector<NodeConstraint> volumes;  // ORed alternatives; at least one.
  DriverClaims drivers;
  std::vector<ResourceClaimId> device_claims;  // Empty for most (SCH-401).
  std::string error;  // The pod cannot be looked at (volumes, DRA); it stays pending with this.
  bool has_topology = false;
};

class PodClasses {
 public:
  PodClasses(PlanBase& base, Topology& topology);

  // The class of a pending pod; compiled at first sight of its shape.
  std::size_t class_of(const world::PodRow& pod);

  // Inverse groups of pods that are bound already, by shape. Empty for most.
  const std::vector<GroupId>& inverse_groups(const std::shared_ptr<const model::PodShape>& shape);

  // Call once when all classes and all bound shapes are known: who counts and avoids whom.
  void link();

  std::vector<PodClass>& classes() { return classes_; }

  const std::vector<PodClass>& classes() const { return classes_; }

  // Groups (without inverse ones) that select the shape, and of a bound pod's shape alike.
  std::vector<GroupId> counting_groups(const model::PodShape& shape) const;

 private:
  struct Preferences;

  std::size_t compile(const std::shared_ptr<const model::PodShape>& shape);
  void compile_volumes(PodClass& pod_class);
  void compile_devices(PodClass& pod_class);
  void add_variants(PodClass& pod_class);
  Variant make_variant(const model::PodShape& shape, const Preferences& left);
  NodeFilter spread_filter(const model::PodShape& shape,
                           const k8s::TopologySpreadConstraint& spread,
                           const Preferences& left,
                           TolerationsId tolerations);
  void add_owned_groups(const model::PodShape& shape, const Preferences& left, Variant& variant);
  GroupSpec affinity_spec(const model::PodShape& shape,
                          const k8s::PodAffinityTerm& term,
                          GroupKind kind);
  void set_namespaces(const k8s::PodAffinityTerm& term, const std::string& own, GroupSpec& spec);
  GroupSpec spread_spec(const model::PodShape& shape,
                        const k8s::TopologySpreadConstraint& spread,
                        const Preferences& left,
                        TolerationsId tolerations);
  OwnedGroup owned(const model::PodShape& shape, GroupSpec spec, bool is_soft);

  PlanBase& base_;
  Topology& topology_;
  VolumeIndex volumes_;
  DefaultSpread default_spread_;
  std::vector<PodClass> classes_;
  boost::unordered_flat_map<const model::PodShape*, std::size_t> class_ids_;
  boost::unordered_flat_map<const model::PodShape*, std::vector<GroupId>> inverse_;
  std::vector<std::shared_ptr<const model::PodShape>> bound_shapes_;
};

// SCH-84, SCH-145.
inline constexpr std::string_view kDraUnsupported =
    "pod has Dynamic Resource Allocation requirements that are not yet supported by Karpenter";

}  // namespace plan
