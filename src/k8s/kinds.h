// Facts about the kinds that we know: what they are called on the wire and on the command line.
// One constant table; lookups are linear over two dozen rows. Thread rule: constants.
//
//   facts(Kind::kNodePool).plural                       // "nodepools"
//   find_kind("karpenter.sh/v1", "NodePool")            // Kind::kNodePool
//   find_resource("apps", "v1", "deployments")          // Kind::kDeployment
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "k8s/meta.h"

namespace k8s {

struct KindFacts {
  Kind kind;
  std::string_view group;  // "" is the core group.
  std::string_view version;
  std::string_view name;  // "NodePool"
  std::string_view plural;
  std::string_view singular;
  std::span<const std::string_view> short_names;
  std::span<const std::string_view> categories;
  bool is_namespaced = false;
  bool has_status = false;  // Has a status subresource.
  bool has_scale = false;   // Has a scale subresource.
};

// REQUIRES: kind != kCount.
const KindFacts& facts(Kind kind);
std::span<const KindFacts> all_kinds();

// "v1", "apps/v1", "karpenter.sh/v1".
std::string api_version(Kind kind);
// "NodePool"; of the list: "NodePoolList".
std::string_view kind_name(Kind kind);

// By apiVersion and kind as manifests write them; the version must be the served one.
std::optional<Kind> find_kind(std::string_view api_version, std::string_view kind);
// By the group only, whatever the version ("karpenter.sh", "NodePool").
std::optional<Kind> find_kind_in_group(std::string_view group, std::string_view kind);
// By the parts of a REST path.
std::optional<Kind> find_resource(std::string_view group,
                                  std::string_view version,
                                  std::string_view plural);
// By any name a user types: kind, plural, singular or short name, with or without ".group"; letters
// of any case.
std::optional<Kind> find_kind_by_alias(std::string_view name);

// "apps/v1" -> {"apps", "v1"}; "v1" -> {"", "v1"}.
struct GroupVersion {
  std::string_view group;
  std::string_view version;
};

GroupVersion split_api_version(std::string_view api_version);

// Our own custom resources (unknown fields are worth a warning there).
bool is_custom(Kind kind);

}  // namespace k8s
