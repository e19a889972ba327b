// spec.requirements and nodeClassRef: structure and CEL rules (spec 01 s4.1, s4.3).
#include <array>
#include <string>
#include <utility>

#include "k8s/schema/common.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/names.h"

namespace k8s::schema {
namespace {

constexpr std::string_view kNodePoolKey = "karpenter.sh/nodepool";
constexpr std::string_view kHostnameKey = "kubernetes.io/hostname";

constexpr std::array<std::string_view, 2> kCoreAllowed{"karpenter.sh/capacity-type",
                                                       "karpenter.sh/nodepool"};
// API-31. The first six are those that NodeOverlays may not use (API-32).
constexpr std::array<std::string_view, 29> kAwsAllowed{
    "karpenter.k8s.aws/instance-tenancy",
    "karpenter.k8s.aws/capacity-reservation-type",
    "karpenter.k8s.aws/capacity-reservation-id",
    "karpenter.k8s.aws/capacity-reservation-interruptible",
    "karpenter.k8s.aws/placement-group-id",
    "karpenter.k8s.aws/placement-group-partition",
    "karpenter.k8s.aws/ec2nodeclass",
    "karpenter.k8s.aws/instance-encryption-in-transit-supported",
    "karpenter.k8s.aws/nitro-sandbox",
    "karpenter.k8s.aws/instance-category",
    "karpenter.k8s.aws/instance-hypervisor",
    "karpenter.k8s.aws/instance-family",
    "karpenter.k8s.aws/instance-generation",
    "karpenter.k8s.aws/instance-local-nvme",
    "karpenter.k8s.aws/instance-size",
    "karpenter.k8s.aws/instance-cpu",
    "karpenter.k8s.aws/instance-cpu-manufacturer",
    "karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz",
    "karpenter.k8s.aws/instance-memory",
    "karpenter.k8s.aws/instance-ebs-bandwidth",
    "karpenter.k8s.aws/instance-network-bandwidth",
    "karpenter.k8s.aws/instance-gpu-name",
    "karpenter.k8s.aws/instance-gpu-manufacturer",
    "karpenter.k8s.aws/instance-gpu-count",
    "karpenter.k8s.aws/instance-gpu-memory",
    "karpenter.k8s.aws/instance-accelerator-name",
    "karpenter.k8s.aws/instance-accelerator-manufacturer",
    "karpenter.k8s.aws/instance-accelerator-count",
    "karpenter.k8s.aws/instance-capability-flex",
};
constexpr std::size_t kAwsNotForOverlays = 6;
constexpr std::array<std::string_view, 5> kKwokAllowed{
    "karpenter.kwok.sh/kwoknodeclass",
    "karpenter.kwok.sh/instance-cpu",
    "karpenter.kwok.sh/instance-memory",
    "karpenter.kwok.sh/instance-family",
    "karpenter.kwok.sh/instance-size",
};

constexpr RestrictedDomain kCoreDomain{"karpenter.sh", kCoreAllowed};
constexpr std::array<RestrictedDomain, 1> kCoreRestricted{kCoreDomain};
constexpr std::array<RestrictedDomain, 2> kAwsRestricted{
    kCoreDomain, RestrictedDomain{"karpenter.k8s.aws", kAwsAllowed}};
constexpr std::array<RestrictedDomain, 2> kAwsOverlayRestricted{
    kCoreDomain,
    RestrictedDomain{"karpenter.k8s.aws",
                     std::span<const std::string_view>(kAwsAllowed).subspan(kAwsNotForOverlays)}};
constexpr std::array<RestrictedDomain, 2> kKwokRestricted{
    kCoreDomain, RestrictedDomain{"karpenter.kwok.sh", kKwokAllowed}};

template <typename Test>
Predicate for_all(Test test) {
  return [test](const value& self, const value*) {
    for (const value& item : items_of(&self)) {
      if (!test(item)) {
        return false;
      }
    }
    return true;
  };
}

bool has_values(const value& requirement) {
  return !items_at(requirement, "values").empty();
}

bool in_has_values(const value& requirement) {
  return text_at(requirement, "operator") != "In" || has_values(requirement);
}

bool not_in_has_values(const value& requirement) {
  return text_at(requirement, "operator") != "NotIn" || has_values(requirement);
}

bool has_one_number(const value& requirement) {
  if (!is_numeric_operator(text_at(requirement, "operator"))) {
    return true;
  }
  const auto& values = items_at(requirement, "values");
  return values.size() == 1 && is_natural(text_of(values[0]));
}

bool has_enough_values(const value& requirement) {
  const auto least = integer_at(requirement, "minValues");
  return text_at(requirement, "operator") != "In" || !least ||
         items_at(requirement, "values").size() >= static_cast<std::size_t>(*least);
}

Schema with_key_rules(Schema key, RequirementUse use, Flavour flavour) {
  for (const RestrictedDomain& restricted : restricted_domains(use, flavour)) {
    key =
        std::move(key).rule(domain_expression("self", restricted),
                            "label domain \"" + std::string(restricted.domain) + "\" is restricted",
                            [restricted](const value& self, const value*) {
                              return !is_restricted(text_of(self), restricted);
                            });
  }
  const auto forbid = [&](std::string_view name) {
    key = std::move(key).rule(
        "self != '" + std::string(name) + "'",
        "label \"" + std::string(name) + "\" is restricted",
        [name](const value& self, const value*) { return text_of(self) != name; });
  };
  if (use == RequirementUse::kNodePool) {
    forbid(kNodePoolKey);  // API-29
  }
  forbid(kHostnameKey);  // API-30
  return key;
}

Schema requirement(RequirementUse use, Flavour flavour) {
  Schema key = string()
                   .max_length(316)
                   .pattern(std::string(kQualifiedNamePattern))
                   .describe("The label key that the requirement is about.");
  std::vector<Property> properties{
      required("key", with_key_rules(std::move(key), use, flavour)),
  };
  if (use != RequirementUse::kNodeOverlay) {
    properties.push_back(
        optional("minValues",
                 int64().min(1).max(50).describe(
                     "How many different values the chosen instance types must offer at least "
                     "(alpha).")));
  }
  properties.push_back(
      required("operator",
               string()
                   .one_of({"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Gte", "Lte"})
                   .describe("How the label relates to the values.")));
  // The limits stand at the items, where they have an effect (API-39).
  properties.push_back(
      optional("values",
               array(string().max_length(63).pattern(std::string(kLabelValuePattern)))
                   .list("atomic")
                   .describe("Needed for In; one integer for Gt, Lt, Gte and Lte; else unused.")));
  return object(std::move(properties));
}

}  // namespace

std::span<const RestrictedDomain> restricted_domains(RequirementUse use, Flavour flavour) {
  switch (flavour) {
    case Flavour::kCore:
      return kCoreRestricted;
    case Flavour::kAws:
      return use == RequirementUse::kNodeOverlay ? kAwsOverlayRestricted : kAwsRestricted;
    case Flavour::kKwok:  // API-11: not on overlays.
      if (use == RequirementUse::kNodeOverlay) {
        return kCoreRestricted;
      }
      return kKwokRestricted;
  }
  return kCoreRestricted;
}

bool is_restricted(std::string_view key, const RestrictedDomain& restricted) {
  for (const std::string_view allowed : restricted.allowed) {
    if (key == allowed) {
      return false;
    }
  }
  const std::string_view domain = key.substr(0, key.find('/'));
  if (!domain.ends_with(restricted.domain)) {
    return false;
  }
  const std::size_t before = domain.size() - restricted.domain.size();
  return before == 0 || domain[before - 1] == '.';
}

std::string domain_expression(std::string_view variable, const RestrictedDomain& restricted) {
  const std::string key(variable);
  const std::string domain(restricted.domain);
  std::string out = key + " in [";
  for (std::size_t i = 0; i < restricted.allowed.size(); ++i) {
    out += i == 0 ? "'" : ", '";
    out += restricted.allowed[i];
    out += '\'';
  }
  return out + "] || !(" + key + ".split('/')[0] == '" + domain + "' || " + key +
         ".split('/')[0].endsWith('." + domain + "'))";
}

Schema requirements(RequirementUse use, Flavour flavour) {
  const bool is_overlay = use == RequirementUse::kNodeOverlay;
  Schema list = array(requirement(use, flavour)).max_length(100).list("atomic");
  // API-35
  list = std::move(list).rule(
      "self.all(r, r.operator != 'In' || (has(r.values) && size(r.values) > 0))",
      "requirements with operator 'In' must have a value defined",
      for_all(in_has_values));
  if (is_overlay) {  // API-38
    list = std::move(list).rule(
        "self.all(r, r.operator != 'NotIn' || (has(r.values) && size(r.values) > 0))",
        "requirements with operator 'NotIn' must have a value defined",
        for_all(not_in_has_values));
  }
  // API-36
  list = std::move(list).rule(
      "self.all(r, !(r.operator in ['Gt', 'Lt', 'Gte', 'Lte']) || (has(r.values) && "
      "size(r.values) == 1 && int(r.values[0]) >= 0))",
      is_overlay ? "requirements operator 'Gt', 'Lt', 'Gte' or 'Lte' must have a single positive "
                   "integer value"
                 : "requirements operator 'Gt', 'Lt', 'Gte', or 'Lte' must have a single positive "
                   "integer value",
      for_all(has_one_number));
  if (!is_overlay) {  // API-37
    list = std::move(list).rule(
        "self.all(r, r.operator != 'In' || !has(r.minValues) || (has(r.values) && "
        "size(r.values) >= r.minValues))",
        "requirements with 'minValues' must have at least that many values specified in the "
        "'values' field",
        for_all(has_enough_values));
  }
  return std::move(list).describe("What the labels of the nodes must satisfy; all of them.");
}

Schema node_class_reference() {
  const Predicate is_set = [](const value& self, const value*) { return !text_of(self).empty(); };
  return object({
      required("group",
               string()
                   .pattern("^[^/]*$")
                   .rule("self != ''", "group may not be empty", is_set)
                   .describe("API group of the node class, e.g. karpenter.k8s.aws.")),
      required("kind",
               string()
                   .rule("self != ''", "kind may not be empty", is_set)
                   .describe("Kind of the node class, e.g. EC2NodeClass.")),
      required("name",
               string()
                   .rule("self != ''", "name may not be empty", is_set)
                   .describe("Name of the node class.")),
  });
}

}  // namespace k8s::schema
