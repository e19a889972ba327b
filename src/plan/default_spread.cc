#include "plan/default_spread.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/selector.h"

namespace plan {
namespace {

// The owners whose selectors can be deduced.
std::optional<k8s::Kind> kind_of(model::OwnerKind owner) {
  switch (owner) {
    case model::OwnerKind::kReplicaSet:
      return k8s::Kind::kReplicaSet;
    case model::OwnerKind::kStatefulSet:
      return k8s::Kind::kStatefulSet;
    case model::OwnerKind::kReplicationController:
      return k8s::Kind::kReplicationController;
    default:
      return std::nullopt;
  }
}

// SCH-363: the labels of a ReplicationController overwrite those of services; the other owners'
// selectors are added as expressions, so that both must hold.
void add_owner(k8s::LabelSelector& out, const k8s::Workload& owner) {
  const bool is_plain = owner.kind == k8s::Kind::kReplicationController;
  for (const auto& [key, value] : owner.selector->match_labels) {
    if (is_plain) {
      out.match_labels.insert_or_assign(key, value);
    } else {
      out.match_expressions.push_back(
          {.key = key, .op = "In", .values = {value}, .min_values = {}});
    }
  }
  const auto& expressions = owner.selector->match_expressions;
  out.match_expressions.insert(out.match_expressions.end(), expressions.begin(), expressions.end());
}

bool is_label_name(std::string_view key) {
  const std::size_t slash = key.find('/');
  const std::string_view name = slash == std::string_view::npos ? key : key.substr(slash + 1);
  const auto is_edge = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= 63 && slash != 0 && is_edge(name.front()) &&
         is_edge(name.back()) && std::ranges::all_of(name, [&](char c) {
           return is_edge(c) || c == '-' || c == '_' || c == '.';
         });
}

base::Result<void> validate_one(const k8s::TopologySpreadConstraint& one, std::string_view place) {
  const auto invalid = [&](std::string_view text) {
    return base::fail(base::ErrorCode::kInvalid, base::concat(place, text));
  };
  if (one.max_skew <= 0) {
    return invalid(".maxSkew must be greater than 0");
  }
  if (one.topology_key.empty()) {
    return invalid(".topologyKey must be set");
  }
  if (!is_label_name(one.topology_key)) {
    return invalid(base::concat(".topologyKey \"",
                                one.topology_key,
                                "\" is not a valid label name, name part must consist "
                                "of alphanumeric characters, '-', '_' or '.'"));
  }
  if (one.when_unsatisfiable != "DoNotSchedule" && one.when_unsatisfiable != "ScheduleAnyway") {
    return invalid(".whenUnsatisfiable must be DoNotSchedule or ScheduleAnyway");
  }
  if (one.selector) {
    return invalid(".labelSelector must not be set, as selectors are deduced for each pod");
  }
  if (!one.match_label_keys.empty()) {
    return invalid(".matchLabelKeys must not be set, as selectors are deduced for each pod");
  }
  return {};
}

}  // namespace

std::vector<k8s::TopologySpreadConstraint> DefaultSpread::constraints(
    const model::PodShape& shape) const {
  if (!shape.topology_spread.empty() || defaults_.empty()) {
    return shape.topology_spread;
  }
  const auto selector = deduce(shape);
  if (!selector) {
    return {};
  }
  std::vector<k8s::TopologySpreadConstraint> result(defaults_.begin(), defaults_.end());
  for (k8s::TopologySpreadConstraint& constraint : result) {
    constraint.selector = selector;
  }
  return result;
}

const k8s::Workload* DefaultSpread::owner(const model::PodShape& shape) const {
  const auto kind = kind_of(shape.owner_kind);
  if (!kind) {
    return nullptr;
  }
  for (const auto& workload : snapshot_.workloads) {
    if (workload->kind == *kind && workload->meta.name == shape.owner_name &&
        workload->meta.namespace_ == shape.namespace_) {
      return workload.get();
    }
  }
  return nullptr;
}

std::optional<k8s::LabelSelector> DefaultSpread::deduce(const model::PodShape& shape) const {
  k8s::LabelSelector selector;
  for (const auto& service : snapshot_.services) {
    if (service->meta.namespace_ != shape.namespace_) {
      continue;
    }
    const k8s::LabelSelector wanted{.match_labels = service->selector, .match_expressions = {}};
    if (k8s::matches(wanted, shape.labels)) {
      for (const auto& [key, value] : service->selector) {
        selector.match_labels.insert_or_assign(key, value);
      }
    }
  }
  if (const k8s::Workload* workload = owner(shape); workload != nullptr && workload->selector) {
    add_owner(selector, *workload);
  }
  return selector.is_empty() ? std::nullopt : std::optional(std::move(selector));
}

base::Result<void> validate_default_spread(
    std::span<const k8s::TopologySpreadConstraint> defaults) {
  for (std::size_t i = 0; i < defaults.size(); ++i) {
    const std::string place =
        base::concat("validating scheduler config, podTopologySpread.defaultConstraints[", i, "]");
    TRY_VOID(validate_one(defaults[i], place));
    for (std::size_t j = 0; j < i; ++j) {
      if (defaults[j].topology_key == defaults[i].topology_key &&
          defaults[j].when_unsatisfiable == defaults[i].when_unsatisfiable) {
        return base::fail(base::ErrorCode::kInvalid,
                          base::concat(place,
                                       " is a duplicate of [",
                                       j,
                                       "], {",
                                       defaults[i].topology_key,
                                       ", ",
                                       defaults[i].when_unsatisfiable,
                                       "}"));
      }
    }
  }
  return {};
}

}  // namespace plan
