#include "plan/provisionable.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "k8s/selector.h"
#include "plan/buffers.h"
#include "plan/volumes.h"
#include "world/pods.h"

namespace plan {
namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// At most 63 of alphanumerics, '-', '_', '.', with alphanumerics at both ends.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_name_char(text.front()) &&
         is_name_char(text.back()) && std::ranges::all_of(text, [](char c) {
           return is_name_char(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_qualified_name(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) {
    return is_name(key);
  }
  const std::string_view domain = key.substr(0, slash);
  return !domain.empty() && domain.size() <= 253 && is_name(key.substr(slash + 1)) &&
         std::ranges::all_of(domain, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

bool is_comparison(model::Operator op) {
  return op == model::Operator::kGt || op == model::Operator::kLt || op == model::Operator::kGte ||
         op == model::Operator::kLte;
}

std::string restricted_text(std::string_view key, const cloud::LabelSchema& schema) {
  return base::concat("using label ",
                      key,
                      " is not allowed as it might interfere with the internal provisioning logic; "
                      "specify a well known label: [",
                      base::join(schema.well_known(), " "),
                      "], or a custom label that does not use a restricted domain: [",
                      base::join(schema.restricted_domains(), " "),
                      "]");
}

std::optional<std::string> bad_values(const k8s::SelectorTerm& term,
                                      model::Operator op,
                                      std::string_view key,
                                      const cloud::LabelSchema& schema) {
  for (const std::string& value : term.values) {
    if (!value.empty() && !is_name(value)) {
      return base::concat("invalid value: ", value, " for key ", key);
    }
  }
  if (op == model::Operator::kIn && term.values.empty()) {
    return base::concat("key ", key, " with operator In must have a value defined");
  }
  if (is_comparison(op)) {
    const auto number =
        term.values.size() == 1 ? base::parse_int(term.values.front()) : std::nullopt;
    if (!number || *number < 0) {
      return base::concat(
          "key ", key, " with operator ", term.op, " must have a single positive integer value");
    }
  }
  const auto* allowed = schema.allowed_values(key);
  if (allowed == nullptr && key == cloud::label::kCapacityType) {
    static const cloud::LabelSchema::KeySet kCapacityTypes{"on-demand", "reserved", "spot"};
    allowed = &kCapacityTypes;
  }
  if (op == model::Operator::kIn && allowed != nullptr &&
      std::ranges::none_of(term.values, [&](const auto& v) { return allowed->contains(v); })) {
    return base::concat("no valid values found in [",
                        base::join(term.values, " "),
                        "] for ",
                        key,
                        ", expected one of: [",
                        base::join(*allowed, " "),
                        "]");
  }
  return std::nullopt;
}

std::optional<std::string> bad_expression(const k8s::SelectorTerm& term,
                                          const cloud::LabelSchema& schema) {
  const std::string_view key = schema.canonical_key(term.key);
  const auto op = model::parse_operator(term.op);
  if (!op) {
    return base::concat("key ",
                        key,
                        " has an unsupported operator ",
                        term.op,
                        " not in [DoesNotExist Exists Gt Gte In Lt Lte NotIn]");
  }
  if (schema.is_restricted(key)) {
    return restricted_text(key, schema);
  }
  if (!is_qualified_name(key)) {
    return base::concat("key ", key, " is not a qualified name");
  }
  return bad_values(term, *op, key, schema);
}

bool opts_out(const k8s::SelectorTerm& term, const cloud::LabelSchema& schema) {
  return schema.canonical_key(term.key) == cloud::label::kNodePool &&
         (term.op == "DoesNotExist" || (term.op == "In" && term.values.empty()));
}

// SCH-87 a: the requirements that count at first (SCH-28..30).
bool opts_out(const model::PodShape& shape, const cloud::LabelSchema& schema) {
  const auto any = [&](const k8s::NodeSelectorTerm& term) {
    return std::ranges::any_of(term.match_expressions, [&](const auto& expression) {
      return opts_out(expression, schema);
    });
  };
  const auto& preferred = shape.node_affinity.preferred;
  const auto heaviest = std::ranges::max_element(preferred, {}, &k8s::PreferredNodeTerm::weight);
  return (!shape.node_affinity.required.empty() && any(shape.node_affinity.required.front())) ||
         (heaviest != preferred.end() && any(heaviest->preference));
}

// A budget that never lets this pod go (SCH-82).
bool blocks_fully(const k8s::PodDisruptionBudget& budget) {
  return (budget.max_unavailable && budget.max_unavailable->value == 0) ||
         (budget.min_available && budget.min_available->is_percent &&
          budget.min_available->value >= 100);
}

bool is_unready(const k8s::Pod& pod) {
  const k8s::Condition* ready = k8s::find_condition(pod.status.conditions, "Ready");
  return ready != nullptr && ready->status == "False";
}

bool is_blocked_by_budgets(const world::Snapshot& snapshot, const k8s::Pod& pod) {
  const k8s::PodDisruptionBudget* match = nullptr;
  for (const auto& budget : snapshot.budgets) {
    if (budget->meta.namespace_ != pod.meta.namespace_ ||
        !k8s::matches(budget->selector, pod.meta.labels)) {
      continue;
    }
    if (match != nullptr) {
      return true;  // The API server evicts no pod that two budgets match (DIS-37).
    }
    match = budget.get();
  }
  return match != nullptr && blocks_fully(*match) &&
         !(match->unhealthy_pod_eviction_policy == "AlwaysAllow" && is_unready(pod));
}

}  // namespace

bool is_provisionable(const k8s::Pod& pod) {
  if (!pod.spec.node_name.empty()) {  // Most pods: nothing else is looked at.
    return false;
  }
  const k8s::Condition* scheduled = k8s::find_condition(pod.status.conditions, "PodScheduled");
  return scheduled != nullptr && scheduled->reason == "Unschedulable" &&
         pod.status.nominated_node_name.empty() && !world::is_daemon_pod(pod) &&
         !world::is_mirror_pod(pod);
}

std::optional<Refusal> refuse(const model::PodShape& shape, const cloud::LabelSchema& schema) {
  std::vector<std::string> errors;
  const bool is_out = opts_out(shape, schema);
  if (is_out) {
    errors.push_back(
        "configured to not run on a Karpenter provisioned node (requirement=karpenter.sh/nodepool "
        "DoesNotExist)");
  }
  const auto check = [&](const k8s::SelectorTerm& term) {
    if (auto error = bad_expression(term, schema)) {
      errors.push_back(std::move(*error));
    }
  };
  for (const auto& [key, value] : shape.node_selector) {
    check({.key = key, .op = "In", .values = {value}, .min_values = {}});
  }
  for (const k8s::NodeSelectorTerm& term : shape.node_affinity.required) {
    if (term.has_match_fields) {
      errors.emplace_back("node selector term with matchFields is not supported");
    }
    std::ranges::for_each(term.match_expressions, check);
  }
  if (errors.empty()) {
    return std::nullopt;
  }
  return Refusal{.text = base::join(errors, "; "), .is_silent = is_out && errors.size() == 1};
}

bool is_currently_reschedulable(const world::Snapshot& snapshot, const k8s::Pod& pod) {
  if (!world::is_reschedulable(pod)) {
    return false;
  }
  if (!world::is_active(pod)) {
    return true;
  }
  return !world::do_not_disrupt(pod, snapshot.now).is_active &&
         (world::tolerates_disruption(pod) || !is_blocked_by_budgets(snapshot, pod));
}

std::shared_ptr<const cloud::LabelSchema> schema_of(const world::Snapshot& snapshot,
                                                    const Options& options) {
  if (options.schema != nullptr) {
    return options.schema;
  }
  auto schema = std::make_shared<cloud::LabelSchema>(cloud::LabelSchema::core());
  const cloud::Catalogue* last = nullptr;
  for (const auto& pool : snapshot.pools) {
    if (pool->catalogue == nullptr || pool->catalogue.get() == last) {
      continue;
    }
    last = pool->catalogue.get();
    for (const cloud::InstanceType& type : last->types) {
      for (const cloud::TypeLabel& label : type.labels) {
        schema->add_well_known(label.key);
      }
    }
  }
  return schema;
}

Candidates find_candidates(const world::Snapshot& snapshot, const Options& options) {
  const auto schema = schema_of(snapshot, options);
  const VolumeIndex volumes(snapshot);
  std::unordered_map<const model::PodShape*, std::optional<Refusal>> refusals;
  Candidates candidates;
  const auto refusal_of = [&](const model::PodShape& shape) -> const std::optional<Refusal>& {
    const auto [it, is_new] = refusals.try_emplace(&shape);
    if (is_new) {
      it->second = refuse(shape, *schema);
      if (auto problem = volumes.invalid(shape, options)) {
        it->second = Refusal{.text = it->second ? it->second->text + "; " + *problem : *problem,
                             .is_silent = false};
      }
    }
    return it->second;
  };
  std::vector<world::PodId> leaving;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (!row.is_deleting()) {
      return;
    }
    for (const world::PodId id : row.pods) {
      if (is_currently_reschedulable(snapshot, *snapshot.pods[id].pod)) {
        leaving.push_back(id);
      }
    }
  });
  snapshot.pods.for_each([&](world::PodId id, const world::PodRow& row) {
    if (row.traits.is_bound || !is_provisionable(*row.pod)) {
      return;
    }
    if (is_virtual(*row.shape) && is_virtual(*row.pod)) {  // SCH-90: nothing to refuse.
      candidates.pods.push_back(id);
      return;
    }
    if (const auto& refusal = refusal_of(*row.shape)) {
      candidates.refused.push_back({.pod = id,
                                    .reason = "ignoring pod, " + refusal->text,
                                    .is_deferred = false,
                                    .is_silent = refusal->is_silent});
    } else {
      candidates.pods.push_back(id);
    }
  });
  candidates.pods.insert(candidates.pods.end(), leaving.begin(), leaving.end());
  std::ranges::sort(candidates.pods);
  return candidates;
}

}  // namespace plan
