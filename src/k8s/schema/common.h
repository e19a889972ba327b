// The sub-schemas that several karpenter kinds share (spec 01 s4), and the lists of label keys
// behind them. Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/schema/schema.h"
#include "k8s/schema/validate.h"

namespace k8s::schema {

// Optional lower-case domain, slash, name.
inline constexpr std::string_view kQualifiedNamePattern =
    R"(^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(\/))?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$)";
inline constexpr std::string_view kLabelValuePattern =
    R"(^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$)";
inline constexpr std::string_view kDurationPattern = R"(^([0-9]+(s|m|h))+$)";
inline constexpr std::string_view kNillableDurationPattern = R"(^(([0-9]+(s|m|h))+|Never)$)";

inline constexpr std::string_view kObjectMetaDefinition =
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

enum class RequirementUse : std::uint8_t { kNodePool, kNodeClaim, kNodeOverlay };

// A domain that only some keys may use (API-28, API-31 to API-33).
struct RestrictedDomain {
  std::string_view domain;
  std::span<const std::string_view> allowed;
};

std::span<const RestrictedDomain> restricted_domains(RequirementUse use, Flavour flavour);

// The domain of `key` is restricted and the key is not on the allow-list. A domain matches itself
// and its subdomains: "notkarpenter.sh" is somebody else's (API-34).
bool is_restricted(std::string_view key, const RestrictedDomain& restricted);

// The CEL text of !is_restricted over the variable `variable`.
std::string domain_expression(std::string_view variable, const RestrictedDomain& restricted);

// spec.requirements, list and items (API-27 to API-39).
Schema requirements(RequirementUse use, Flavour flavour);

// taints and startupTaints (4.2).
Schema taints();

// nodeClassRef (4.3).
Schema node_class_reference();

enum class ConditionList : std::uint8_t { kByType, kAtomic, kRelaxedByType };

// status.conditions (API-41, API-42).
Schema conditions(ConditionList list);

// metadata of every object, as typed fields.
Schema object_meta();

// apiVersion, kind, metadata and the rest.
Schema top_level(std::vector<Property> rest);

Schema quantities();     // map of quantities
Schema text_map();       // map of strings
Schema duration_text();  // 90s, 1h30m
Schema nillable_duration_text();

}  // namespace k8s::schema
