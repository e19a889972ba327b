#include "control/launch_request.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "k8s/resources.h"
#include "k8s/selector.h"
#include "world/names.h"

namespace control {

namespace {

using cloud::Catalogue;
using cloud::InstanceType;
using cloud::Offering;

struct Ranked {
  double price;
  cloud::OfferingRef ref;
};

// Does any of the values satisfy the term?
bool admits(const k8s::SelectorTerm& term, const std::vector<std::string>& values) {
  if (values.empty()) {
    return k8s::matches(term, k8s::StringMap{});
  }
  return std::ranges::any_of(values, [&](const std::string& value) {
    return k8s::matches(term, k8s::StringMap{{term.key, value}});
  });
}

const std::vector<std::string>* values_of(const std::vector<cloud::TypeLabel>& labels,
                                          std::string_view key) {
  const auto found =
      std::ranges::find_if(labels, [&](const cloud::TypeLabel& label) { return label.key == key; });
  return found == labels.end() ? nullptr : &found->values;
}

// A key that the type does not know is the pool's own label: the planner has settled it.
bool admits_type(const k8s::NodeClaim& claim, const InstanceType& type) {
  return std::ranges::all_of(claim.spec.requirements, [&](const k8s::SelectorTerm& term) {
    const auto* values = values_of(type.labels, term.key);
    return values == nullptr || admits(term, *values);
  });
}

bool admits_offering(const k8s::NodeClaim& claim, const Offering& offering) {
  return std::ranges::all_of(claim.spec.requirements, [&](const k8s::SelectorTerm& term) {
    if (term.key == world::kZoneLabel) {
      return admits(term, {offering.zone});
    }
    if (term.key == world::kCapacityTypeLabel) {
      return admits(term, {offering.capacity_type});
    }
    const auto* values = values_of(offering.labels, term.key);
    return values == nullptr || admits(term, *values);
  });
}

k8s::Resources allocatable_of(const InstanceType& type, const Offering& offering) {
  k8s::Resources out = type.allocatable();
  if (offering.capacity_override || offering.overhead_override) {
    InstanceType changed = type;
    changed.capacity = offering.capacity_override.value_or(type.capacity);
    if (offering.overhead_override) {
      changed.kube_reserved = *offering.overhead_override;
      changed.system_reserved = {};
      changed.eviction_threshold = {};
    }
    out = changed.allocatable();
  }
  return out;
}

k8s::Resources without_zeros(const k8s::Resources& resources) {
  k8s::Resources out;
  for (const auto& [name, quantity] : resources) {
    if (!quantity.is_zero()) {
      out.set(name, quantity);
    }
  }
  return out;
}

const Offering* find_offering(const InstanceType& type, const cloud::Instance& instance) {
  const auto found = std::ranges::find_if(type.offerings, [&](const Offering& offering) {
    return offering.zone == instance.zone && offering.capacity_type == instance.capacity_type;
  });
  return found == type.offerings.end() ? nullptr : &*found;
}

}  // namespace

cloud::LaunchRequest launch_request(const k8s::NodeClaim& claim, const Catalogue& catalogue) {
  std::vector<Ranked> ranked;
  for (const InstanceType& type : catalogue.types) {
    if (!admits_type(claim, type)) {
      continue;
    }
    for (const Offering& offering : type.offerings) {
      if (offering.available && admits_offering(claim, offering) &&
          k8s::fits(claim.spec.requests, allocatable_of(type, offering))) {
        ranked.push_back({offering.price, {type.name, offering.zone, offering.capacity_type}});
      }
    }
  }
  std::ranges::stable_sort(ranked, [](const Ranked& a, const Ranked& b) {
    return std::tie(a.price, a.ref.instance_type, a.ref.zone, a.ref.capacity_type) <
           std::tie(b.price, b.ref.instance_type, b.ref.zone, b.ref.capacity_type);
  });
  cloud::LaunchRequest request{.claim_name = claim.meta.name,
                               .claim_uid = claim.meta.uid,
                               .class_name = claim.spec.node_class.name,
                               .offerings = {},
                               .tags = {}};
  for (Ranked& entry : ranked) {
    request.offerings.push_back(std::move(entry.ref));
  }
  if (const std::string* pool = claim.meta.label(world::kPoolLabel)) {
    request.tags.emplace_back(world::kPoolLabel, *pool);
  }
  request.tags.emplace_back("karpenter.sh/nodeclaim", claim.meta.name);
  return request;
}

void adopt_instance(k8s::NodeClaim& claim,
                    const cloud::Instance& instance,
                    const Catalogue* catalogue) {
  k8s::StringMap labels;
  const InstanceType* type =
      catalogue == nullptr ? nullptr : catalogue->find(instance.instance_type);
  if (type != nullptr) {
    for (const cloud::TypeLabel& label : type->labels) {
      if (label.values.size() == 1) {
        labels[label.key] = label.values.front();
      }
    }
    claim.status.capacity = without_zeros(type->capacity);
    claim.status.allocatable = without_zeros(type->allocatable());
    if (const Offering* offering = find_offering(*type, instance)) {
      claim.status.allocatable = without_zeros(allocatable_of(*type, *offering));
      for (const cloud::TypeLabel& label : offering->labels) {
        if (label.values.size() == 1) {
          labels[label.key] = label.values.front();
        }
      }
      if (!offering->zone_id.empty()) {
        labels["topology.k8s.aws/zone-id"] = offering->zone_id;
      }
    }
  }
  if (instance.capacity) {
    claim.status.capacity = without_zeros(*instance.capacity);
  }
  if (instance.allocatable) {
    claim.status.allocatable = without_zeros(*instance.allocatable);
  }
  labels[std::string(world::kInstanceTypeLabel)] = instance.instance_type;
  labels[std::string(world::kZoneLabel)] = instance.zone;
  labels[std::string(world::kCapacityTypeLabel)] = instance.capacity_type;
  for (const auto& [key, value] : claim.meta.labels) {
    labels[key] = value;
  }
  claim.meta.labels = std::move(labels);
  claim.status.provider_id = instance.provider_id;
  claim.status.image_id = instance.image_id;
}

}  // namespace control
