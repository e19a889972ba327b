#include "control/launch_request.h"

#include <algorithm>
#include <string>
#include <string_view>
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

// A requirement of the claim, made ready to be asked about all that the cloud offers.
struct Wish {
  const k8s::SelectorTerm* term;
  std::vector<std::string_view> values;  // Sorted.
};

using Wishes = std::vector<Wish>;

// The name of the type, of which a claim lists the few dozen that it may be, is asked about first.
Wishes wishes_of(const k8s::NodeClaim& claim) {
  Wishes wishes;
  for (const k8s::SelectorTerm& term : claim.spec.requirements) {
    wishes.push_back({.term = &term, .values = {term.values.begin(), term.values.end()}});
    std::ranges::sort(wishes.back().values);
  }
  std::ranges::stable_partition(
      wishes, [](const Wish& wish) { return wish.term->key == world::kInstanceTypeLabel; });
  return wishes;
}

bool admits(const Wish& wish, const std::string& value) {
  const bool is_listed = std::ranges::binary_search(wish.values, std::string_view(value));
  if (wish.term->op == "In" || wish.term->op == "NotIn") {
    return is_listed == (wish.term->op == "In");
  }
  return k8s::matches(*wish.term, k8s::StringMap{{wish.term->key, value}});
}

// Does any of the values satisfy it?
bool admits(const Wish& wish, const std::vector<std::string>& values) {
  if (values.empty()) {
    return k8s::matches(*wish.term, k8s::StringMap{});
  }
  return std::ranges::any_of(values, [&](const std::string& value) { return admits(wish, value); });
}

const std::vector<std::string>* values_of(const std::vector<cloud::TypeLabel>& labels,
                                          std::string_view key) {
  const auto found =
      std::ranges::find_if(labels, [&](const cloud::TypeLabel& label) { return label.key == key; });
  return found == labels.end() ? nullptr : &found->values;
}

// A key that the type does not know is the pool's own label: the planner has settled it.
bool admits_type(const Wishes& wishes, const InstanceType& type) {
  return std::ranges::all_of(wishes, [&](const Wish& wish) {
    const auto* values = values_of(type.labels, wish.term->key);
    return values == nullptr || admits(wish, *values);
  });
}

// What may be bought at all, in the order of the catalogue: most claims name their types.
std::vector<const InstanceType*> admitted_types(const Wishes& wishes, const Catalogue& catalogue) {
  std::vector<const InstanceType*> types;
  const auto consider = [&](const InstanceType* type) {
    if (type != nullptr && admits_type(wishes, *type)) {
      types.push_back(type);
    }
  };
  if (!wishes.empty() && wishes.front().term->key == world::kInstanceTypeLabel &&
      wishes.front().term->op == "In") {
    std::string_view before;
    for (const std::string_view name : wishes.front().values) {
      consider(name == before ? nullptr : catalogue.find(name));
      before = name;
    }
    return types;
  }
  for (const InstanceType& type : catalogue.types) {
    consider(&type);
  }
  return types;
}

bool admits_offering(const Wishes& wishes, const Offering& offering) {
  return std::ranges::all_of(wishes, [&](const Wish& wish) {
    if (wish.term->key == world::kZoneLabel) {
      return admits(wish, offering.zone);
    }
    if (wish.term->key == world::kCapacityTypeLabel) {
      return admits(wish, offering.capacity_type);
    }
    const auto* values = values_of(offering.labels, wish.term->key);
    return values == nullptr || admits(wish, *values);
  });
}

bool is_special(const Offering& offering) {
  return offering.capacity_override || offering.overhead_override;
}

k8s::Resources allocatable_of(const InstanceType& type, const Offering& offering) {
  if (!is_special(offering)) {
    return type.allocatable();
  }
  InstanceType changed = type;
  changed.capacity = offering.capacity_override.value_or(type.capacity);
  if (offering.overhead_override) {
    changed.kube_reserved = *offering.overhead_override;
    changed.system_reserved = {};
    changed.eviction_threshold = {};
  }
  return changed.allocatable();
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
  const Wishes wishes = wishes_of(claim);
  std::vector<Ranked> ranked;
  for (const InstanceType* type : admitted_types(wishes, catalogue)) {
    const bool fits = k8s::fits(claim.spec.requests, type->allocatable());
    for (const Offering& offering : type->offerings) {
      if (offering.available && admits_offering(wishes, offering) &&
          (is_special(offering) ? k8s::fits(claim.spec.requests, allocatable_of(*type, offering))
                                : fits)) {
        ranked.push_back({offering.price, {type->name, offering.zone, offering.capacity_type}});
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
