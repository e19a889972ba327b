#include "plan/claim_parts.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "plan/node_constraint.h"
#include "world/pool_hash.h"

namespace plan {
namespace {

constexpr std::string_view kRegistered = "karpenter.sh/registered";
constexpr std::string_view kInitialized = "karpenter.sh/initialized";

// Only the simulation asks for these: a claim that required them could never be met.
bool is_simulation_key(std::string_view key) {
  return key == kRegistered || key == kInitialized;
}

std::string class_label(const k8s::NodeClassRef& ref) {
  return base::concat(ref.group, "/", base::to_lower(ref.kind));
}

// SCH-242.
void set_labels(const model::SetTable& sets,
                const ClaimSource& source,
                model::SetId set,
                k8s::NodeClaim& claim) {
  const k8s::NodePool& pool = source.pool;
  const k8s::NodeClassRef& ref = pool.template_spec.node_class;
  claim.meta.labels = pool.template_labels;
  claim.meta.labels[std::string(cloud::label::kNodePool)] = pool.meta.name;
  claim.meta.labels[class_label(ref)] = ref.name;
  for (const model::ReqId id : sets.members(set)) {
    const model::Requirement& requirement = sets.requirement(id);
    const std::string_view key = sets.words().text(requirement.key);
    if (sets.schema().is_well_known(key) || sets.schema().is_restricted(key) ||
        is_simulation_key(key) || claim.meta.labels.contains(key)) {
      continue;
    }
    // A label that need not be there must not attract a daemon set that was not counted.
    if (requirement.allows_absence() && source.is_daemon_key &&
        source.is_daemon_key(requirement.key)) {
      continue;
    }
    std::string value = model::any_value(sets.words(), requirement);
    if (!value.empty()) {
      claim.meta.labels.emplace(key, std::move(value));
    }
  }
}

// SCH-241.
void set_annotations(const ClaimSource& source, k8s::NodeClaim& claim) {
  claim.meta.annotations = source.pool.template_annotations;
  claim.meta.annotations["karpenter.sh/nodepool-hash"] = source.hash;
  claim.meta.annotations["karpenter.sh/nodepool-hash-version"] = "v3";
  claim.meta.annotations["karpenter.sh/nodeclaim-min-values-relaxed"] =
      source.is_min_values_relaxed ? "true" : "false";
}

}  // namespace

k8s::NodeClaim make_claim(const model::SetTable& sets,
                          const ClaimSource& source,
                          model::SetId set,
                          std::optional<k8s::SelectorTerm> types) {
  const k8s::NodePool& pool = source.pool;
  k8s::NodeClaim claim;
  claim.meta.generate_name = pool.meta.name + "-";
  claim.meta.owners.push_back({.api_version = "karpenter.sh/v1",
                               .kind = "NodePool",
                               .name = pool.meta.name,
                               .uid = pool.meta.uid,
                               .controller = false,
                               .block_owner_deletion = true});
  set_labels(sets, source, set, claim);
  set_annotations(source, claim);
  claim.spec = pool.template_spec;
  claim.spec.requirements.clear();
  const bool has_types = types.has_value();
  if (has_types) {
    claim.spec.requirements.push_back(std::move(*types));
  }
  for (const model::ReqId id : sets.members(set)) {
    const model::Requirement& requirement = sets.requirement(id);
    const std::string_view key = sets.words().text(requirement.key);
    if (!(has_types && key == cloud::label::kInstanceType) && !is_simulation_key(key)) {
      std::ranges::move(model::to_api(sets.words(), requirement),
                        std::back_inserter(claim.spec.requirements));
    }
  }
  std::ranges::stable_sort(claim.spec.requirements, {}, &k8s::SelectorTerm::key);
  return claim;
}

model::SetId template_set(model::SetTable& sets, const k8s::NodePool& pool) {
  ConstraintBuilder builder(sets);
  builder.add(pool.template_spec.requirements).add(pool.template_labels);
  const k8s::NodeClassRef& ref = pool.template_spec.node_class;
  builder.add(k8s::StringMap{{std::string(cloud::label::kNodePool), pool.meta.name},
                             {class_label(ref), ref.name},
                             {std::string(kRegistered), "true"},
                             {std::string(kInitialized), "true"}});
  return builder.build().set;
}

k8s::NodeClaim static_claim(const k8s::NodePool& pool, const cloud::LabelSchema* schema) {
  const cloud::LabelSchema core = cloud::LabelSchema::core();
  model::Vocabulary words;
  model::SetTable sets(words, schema != nullptr ? *schema : core);
  const std::string hash = world::pool_hash(pool);
  return make_claim(sets, {.pool = pool, .hash = hash}, template_set(sets, pool), std::nullopt);
}

}  // namespace plan
