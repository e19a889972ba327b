#include "plan/pod_class.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "base/text.h"
#include "k8s/selector.h"
#include "plan/devices.h"

namespace plan {
namespace {

constexpr std::string_view kNamespaceName = "kubernetes.io/metadata.name";

// A selector with the pod's own values of some label keys (SCH-311).
void add_label_keys(std::optional<k8s::LabelSelector>& selector,
                    const std::vector<std::string>& keys,
                    const k8s::StringMap& labels,
                    std::string_view op) {
  if (!selector) {
    return;
  }
  for (const std::string& key : keys) {
    if (const auto label = labels.find(key); label != labels.end()) {
      selector->match_expressions.push_back(
          {.key = key, .op = std::string(op), .values = {label->second}, .min_values = {}});
    }
  }
}

// Something that relaxation may take away, with its group once a variant has asked for it: a pod of
// a thousand preferences has a thousand variants, and each would intern what is left of them.
template <typename Term>
struct Wish {
  Term term;
  mutable std::optional<OwnedGroup> group = {};
};

template <typename Weighted>
std::deque<Wish<Weighted>> by_weight(const std::vector<Weighted>& terms) {
  std::deque<Wish<Weighted>> wishes;
  for (const Weighted& term : terms) {
    wishes.push_back({term});
  }
  std::ranges::stable_sort(
      wishes, std::ranges::greater{}, [](const auto& wish) { return wish.term.weight; });
  return wishes;
}

}  // namespace

// What a pod still asks for, of the things that relaxation may take away. Lists are in order of
// removal.
struct PodClasses::Preferences {
  std::deque<k8s::NodeSelectorTerm> required;
  std::deque<Wish<k8s::PreferredNodeTerm>> preferred;
  std::deque<Wish<k8s::WeightedPodAffinityTerm>> affinity;
  std::deque<Wish<k8s::WeightedPodAffinityTerm>> anti_affinity;
  std::deque<Wish<k8s::TopologySpreadConstraint>> spread;  // Hard ones too; those stay.
  bool tolerates_prefer_no_schedule = false;

  static bool is_soft(const Wish<k8s::TopologySpreadConstraint>& wish) {
    return wish.term.when_unsatisfiable == "ScheduleAnyway";
  }

  // SCH-140. Empty: nothing is left to give up.
  std::string relax(bool may_tolerate) {
    if (required.size() > 1) {
      required.pop_front();
      for (const auto& wish : spread) {
        wish.group.reset();  // They look at the required terms.
      }
      return "removed first required node affinity term";
    }
    if (!affinity.empty()) {
      affinity.pop_front();
      return "removed heaviest preferred pod affinity term";
    }
    if (!anti_affinity.empty()) {
      anti_affinity.pop_front();
      return "removed heaviest preferred pod anti-affinity term";
    }
    if (!preferred.empty()) {
      preferred.pop_front();
      return "removed heaviest preferred node affinity term";
    }
    const auto soft = std::ranges::find_if(spread, is_soft);
    if (soft != spread.end()) {
      spread.erase(soft);
      return "removed a ScheduleAnyway topology spread constraint";
    }
    if (may_tolerate && !tolerates_prefer_no_schedule) {
      tolerates_prefer_no_schedule = true;
      for (const auto& wish : spread) {
        wish.group.reset();  // They look at the tolerations.
      }
      return "tolerated PreferNoSchedule taints";
    }
    return "";
  }
};

PodClasses::PodClasses(PlanBase& base, Topology& topology)
    : base_(base),
      topology_(topology),
      volumes_(base.snapshot()),
      default_spread_(base.snapshot(), base.options().default_spread) {}

std::size_t PodClasses::class_of(const world::PodRow& pod) {
  if (const auto it = class_ids_.find(pod.shape.get()); it != class_ids_.end()) {
    return it->second;
  }
  const std::size_t id = compile(pod.shape);
  class_ids_.emplace(pod.shape.get(), id);
  return id;
}

std::size_t PodClasses::compile(const std::shared_ptr<const model::PodShape>& shape) {
  PodClass pod_class;
  pod_class.shape = shape;
  pod_class.demand = base_.names().demand(shape->requests);
  compile_volumes(pod_class);
  if (shape->uses_dra) {
    compile_devices(pod_class);
  }
  add_variants(pod_class);
  for (const k8s::PodAffinityTerm& term : shape->pod_anti_affinity.required) {
    pod_class.owned_inverse.push_back(
        topology_.intern(affinity_spec(*shape, term, GroupKind::kInverse)));
  }
  classes_.push_back(std::move(pod_class));
  return classes_.size() - 1;
}

// SCH-400, SCH-401.
void PodClasses::compile_devices(PodClass& pod_class) {
  const model::PodShape& shape = *pod_class.shape;
  if (base_.devices() == nullptr) {
    pod_class.error = kDraUnsupported;
    return;
  }
  auto claims = base_.devices()->find_claims(shape.namespace_, shape.resource_claims);
  if (claims) {
    pod_class.device_claims = std::move(*claims);
  } else {
    pod_class.error = std::move(claims).error().detail;
  }
}

// SCH-53, improved: a pod whose volumes cannot be looked up waits with that reason.
void PodClasses::compile_volumes(PodClass& pod_class) {
  auto alternatives = volumes_.alternatives(base_.sets(), *pod_class.shape);
  auto drivers = volumes_.drivers(*pod_class.shape);
  if (!alternatives || !drivers) {
    pod_class.error =
        base::concat("failed getting volume topology requirements, ",
                     !alternatives ? alternatives.error().detail : drivers.error().detail);
    pod_class.volumes = {{.set = base_.sets().empty(), .host = {}}};
    return;
  }
  pod_class.volumes = std::move(*alternatives);
  pod_class.drivers = std::move(*drivers);
}

void PodClasses::add_variants(PodClass& pod_class) {
  const model::PodShape& shape = *pod_class.shape;
  Preferences left{
      .required = {shape.node_affinity.required.begin(), shape.node_affinity.required.end()},
      .preferred = by_weight(shape.node_affinity.preferred.read()),
      .affinity = by_weight(shape.pod_affinity.preferred.read()),
      .anti_affinity = by_weight(shape.pod_anti_affinity.preferred.read())};
  for (k8s::TopologySpreadConstraint& spread : default_spread_.constraints(shape)) {
    left.spread.push_back({std::move(spread)});
  }
  if (base_.options().preference_policy == PreferencePolicy::kIgnore) {  // SCH-143
    left.preferred.clear();
    left.affinity.clear();
    left.anti_affinity.clear();
    std::erase_if(left.spread, Preferences::is_soft);
  }
  std::string relaxed;
  do {
    Variant variant = make_variant(shape, left);
    variant.relaxed = relaxed;
    pod_class.has_topology |= !variant.groups.empty();
    pod_class.variants.push_back(std::move(variant));
    relaxed = left.relax(base_.has_prefer_no_schedule());
  } while (!relaxed.empty());
}

Variant PodClasses::make_variant(const model::PodShape& shape, const Preferences& left) {
  Variant variant;
  ConstraintBuilder builder(base_.sets());
  builder.add(shape.node_selector);
  if (!left.required.empty()) {
    builder.add(left.required.front().match_expressions);
  }
  variant.strict = builder.build();
  if (!left.preferred.empty()) {
    builder.add(left.preferred.front().term.preference.match_expressions);
  }
  variant.all = builder.build();
  std::vector<k8s::Toleration> tolerations = shape.tolerations;
  if (left.tolerates_prefer_no_schedule) {
    tolerations.push_back(
        {.key = "", .op = "Exists", .value = "", .effect = "PreferNoSchedule", .seconds = {}});
  }
  variant.tolerations = base_.taints().intern(std::move(tolerations));
  add_owned_groups(shape, left, variant);
  return variant;
}

NodeFilter PodClasses::spread_filter(const model::PodShape& shape,
                                     const k8s::TopologySpreadConstraint& spread,
                                     const Preferences& left,
                                     TolerationsId tolerations) {
  NodeFilter filter;
  if (spread.node_affinity_policy != "Ignore") {
    ConstraintBuilder selector(base_.sets());
    selector.add(shape.node_selector);
    for (const k8s::NodeSelectorTerm& term : left.required) {
      ConstraintBuilder with_term = selector;
      filter.terms.push_back(with_term.add(term.match_expressions).build());
    }
    if (left.required.empty() && !shape.node_selector.empty()) {
      filter.terms.push_back(selector.build());
    }
  }
  if (spread.node_taints_policy == "Honor") {
    filter.tolerations = tolerations;
  }
  return filter;
}

OwnedGroup PodClasses::owned(const model::PodShape& shape, GroupSpec spec, bool is_soft) {
  const GroupId id = topology_.intern(std::move(spec));
  return {.group = id, .is_self = topology_.selects(id, shape), .is_soft = is_soft};
}

void PodClasses::add_owned_groups(const model::PodShape& shape,
                                  const Preferences& left,
                                  Variant& variant) {
  const auto own = [&variant](const OwnedGroup& made) {
    const auto known = std::ranges::find(variant.groups, made.group, &OwnedGroup::group);
    if (known == variant.groups.end()) {
      variant.groups.push_back(made);
    } else {
      known->is_soft &= made.is_soft;
    }
  };
  for (const Wish<k8s::TopologySpreadConstraint>& wish : left.spread) {
    if (!wish.group) {
      wish.group = owned(shape,
                         spread_spec(shape, wish.term, left, variant.tolerations),
                         Preferences::is_soft(wish));
    }
    own(*wish.group);
  }
  const auto own_terms = [&](const auto& required, const auto& preferred, GroupKind kind) {
    for (const k8s::PodAffinityTerm& term : required) {
      own(owned(shape, affinity_spec(shape, term, kind), false));
    }
    for (const Wish<k8s::WeightedPodAffinityTerm>& wish : preferred) {
      if (!wish.group) {
        wish.group = owned(shape, affinity_spec(shape, wish.term.term, kind), true);
      }
      own(*wish.group);
    }
  };
  own_terms(shape.pod_affinity.required, left.affinity, GroupKind::kAffinity);
  own_terms(shape.pod_anti_affinity.required, left.anti_affinity, GroupKind::kAntiAffinity);
}

GroupSpec PodClasses::spread_spec(const model::PodShape& shape,
                                  const k8s::TopologySpreadConstraint& spread,
                                  const Preferences& left,
                                  TolerationsId tolerations) {
  GroupSpec spec{.kind = GroupKind::kSpread,
                 .key = base_.words().intern(base_.schema().canonical_key(spread.topology_key)),
                 .is_all_namespaces = false,
                 .namespaces = {shape.namespace_},
                 .selector = spread.selector,
                 .max_skew = spread.max_skew,
                 .min_domains = spread.min_domains,
                 .honors_pod_affinity = spread.node_affinity_policy != "Ignore",
                 .filter = spread_filter(shape, spread, left, tolerations)};
  add_label_keys(spec.selector, spread.match_label_keys, shape.labels, "In");
  return spec;
}

GroupSpec PodClasses::affinity_spec(const model::PodShape& shape,
                                    const k8s::PodAffinityTerm& term,
                                    GroupKind kind) {
  GroupSpec spec{.kind = kind,
                 .key = base_.words().intern(base_.schema().canonical_key(term.topology_key)),
                 .is_all_namespaces = false,
                 .namespaces = {},
                 .selector = term.selector,
                 .max_skew = 1,
                 .min_domains = {},
                 .honors_pod_affinity = true,
                 .filter = {}};
  set_namespaces(term, shape.namespace_, spec);
  add_label_keys(spec.selector, term.match_label_keys, shape.labels, "In");
  add_label_keys(spec.selector, term.mismatch_label_keys, shape.labels, "NotIn");
  return spec;
}

// SCH-330.
void PodClasses::set_namespaces(const k8s::PodAffinityTerm& term,
                                const std::string& own_namespace,
                                GroupSpec& spec) {
  spec.namespaces = term.namespaces;
  if (!term.namespace_selector) {
    if (spec.namespaces.empty()) {
      spec.namespaces.push_back(own_namespace);
    }
  } else if (term.namespace_selector->is_empty()) {
    spec.is_all_namespaces = true;
    spec.namespaces.clear();
    return;
  } else {
    for (const auto& candidate : base_.snapshot().namespaces) {
      k8s::StringMap labels = candidate->meta.labels;
      labels.emplace(kNamespaceName, candidate->meta.name);
      if (k8s::matches(*term.namespace_selector, labels)) {
        spec.namespaces.push_back(candidate->meta.name);
      }
    }
  }
  std::ranges::sort(spec.namespaces);
  spec.namespaces.erase(std::ranges::unique(spec.namespaces).begin(), spec.namespaces.end());
}

const std::vector<GroupId>& PodClasses::inverse_groups(
    const std::shared_ptr<const model::PodShape>& shape) {
  const auto [it, is_new] = inverse_.try_emplace(shape.get());
  if (is_new) {
    bound_shapes_.push_back(shape);
    for (const k8s::PodAffinityTerm& term : shape->pod_anti_affinity.required) {
      it->second.push_back(topology_.intern(affinity_spec(*shape, term, GroupKind::kInverse)));
    }
  }
  return it->second;
}

std::vector<GroupId> PodClasses::counting_groups(const model::PodShape& shape) const {
  std::vector<GroupId> groups = topology_.selecting(shape);
  std::erase_if(groups,
                [&](GroupId id) { return topology_.group(id).spec.kind == GroupKind::kInverse; });
  return groups;
}

void PodClasses::link() {
  for (PodClass& pod_class : classes_) {
    for (const GroupId id : topology_.selecting(*pod_class.shape)) {
      const bool is_inverse = topology_.group(id).spec.kind == GroupKind::kInverse;
      (is_inverse ? pod_class.avoided : pod_class.counted_by).push_back(id);
    }
    pod_class.has_topology |= !pod_class.avoided.empty();
  }
}

}  // namespace plan
