// Affinity, tolerations and topology spread.
#include <charconv>
#include <set>
#include <string>
#include <utility>

#include "k8s/schema/core_checks.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/names.h"

namespace k8s::schema {
namespace {

void check_key(std::string_view key, const Path& path, Errors& errors) {
  if (const auto problem = qualified_name_problem(key); !problem.empty()) {
    errors.invalid_text(path, key, problem);
  }
}

bool is_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

void check_values(const value& expression, const Path& path, Errors& errors) {
  const std::string_view op = text_at(expression, "operator");
  const auto& values = items_at(expression, "values");
  const Path at = path.child("values");
  if (op == "In" || op == "NotIn") {
    if (values.empty()) {
      errors.required(at, "must be specified when `operator` is 'In' or 'NotIn'");
    }
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (!values.empty()) {
      errors.forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    }
  } else if (values.size() != 1) {
    errors.required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'");
  } else if (!is_integer(text_of(values[0]))) {
    errors.invalid(at.at(0), values[0], "must be an integer when `operator` is 'Lt' or 'Gt'");
  }
}

void check_expressions(const value& from,
                       std::string_view field,
                       const Path& path,
                       Errors& errors) {
  const auto& expressions = items_at(from, field);
  const Path list = path.child(field);
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const Path at = list.at(i);
    check_values(expressions[i], at, errors);
    check_key(text_at(expressions[i], "key"), at.child("key"), errors);
  }
}

void check_selector_term(const value& term, const Path& path, Errors& errors) {
  check_expressions(term, "matchExpressions", path, errors);
  check_expressions(term, "matchFields", path, errors);
}

void check_node_affinity(const value& affinity, const Path& path, Errors& errors) {
  const std::string_view required = "requiredDuringSchedulingIgnoredDuringExecution";
  const std::string_view preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  if (const value* selector = find(affinity, required)) {
    check_node_selector(*selector, path.child(required), errors);
  }
  const auto& wishes = items_at(affinity, preferred);
  const Path list = path.child(preferred);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const Path at = list.at(i);
    if (const value* term = find(wishes[i], "preference")) {
      check_selector_term(*term, at.child("preference"), errors);
    }
  }
}

void check_pod_affinity_term(const value& term, const Path& path, Errors& errors) {
  for (const std::string_view field : {"labelSelector", "namespaceSelector"}) {
    if (const value* selector = find(term, field)) {
      check_label_selector(*selector, path.child(field), errors);
    }
  }
  if (text_at(term, "topologyKey").empty()) {
    errors.required(path.child("topologyKey"), "can not be empty");
  } else {
    check_key(text_at(term, "topologyKey"), path.child("topologyKey"), errors);
  }
}

void check_pod_affinity(const value& affinity, const Path& path, Errors& errors) {
  const std::string_view required = "requiredDuringSchedulingIgnoredDuringExecution";
  const std::string_view preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  const auto& terms = items_at(affinity, required);
  const Path hard = path.child(required);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    check_pod_affinity_term(terms[i], hard.at(i), errors);
  }
  const auto& wishes = items_at(affinity, preferred);
  const Path soft = path.child(preferred);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const Path at = soft.at(i);
    if (const value* term = find(wishes[i], "podAffinityTerm")) {
      check_pod_affinity_term(*term, at.child("podAffinityTerm"), errors);
    }
  }
}

void check_toleration(const value& toleration, const Path& path, Errors& errors) {
  const std::string_view key = text_at(toleration, "key");
  const std::string_view op = text_at(toleration, "operator");
  const std::string_view effect = text_at(toleration, "effect");
  if (!key.empty()) {
    check_key(key, path.child("key"), errors);
  } else if (op != "Exists") {
    errors.invalid_text(path.child("operator"),
                        op,
                        "operator must be Exists when `key` is empty, which means \"match all "
                        "values and all keys\"");
  }
  if (has(toleration, "tolerationSeconds") && effect != "NoExecute") {
    errors.invalid_text(
        path.child("effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
  }
  if (op == "Exists") {
    if (!text_at(toleration, "value").empty()) {
      errors.invalid(path.child("operator"),
                     toleration.at("value"),
                     "value must be empty when `operator` is 'Exists'");
    }
  } else if (!op.empty() && op != "Equal") {
    errors.not_supported(path.child("operator"), op, {"Equal", "Exists"});
  } else if (const auto problem = label_value_problem(text_at(toleration, "value"));
             !problem.empty()) {
    errors.invalid(path.child("operator"), toleration.at("value"), problem);
  }
  if (!effect.empty() && effect != "NoSchedule" && effect != "PreferNoSchedule" &&
      effect != "NoExecute") {
    errors.not_supported(
        path.child("effect"), effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
  }
}

void check_spread(const value& constraint, const Path& path, Errors& errors) {
  if (integer_at(constraint, "maxSkew").value_or(0) <= 0) {
    errors.invalid(path.child("maxSkew"), constraint.at("maxSkew"), "must be greater than zero");
  }
  if (const auto domains = integer_at(constraint, "minDomains")) {
    const Path at = path.child("minDomains");
    if (*domains <= 0) {
      errors.invalid(at, constraint.at("minDomains"), "must be greater than zero");
    }
    if (text_at(constraint, "whenUnsatisfiable") != "DoNotSchedule") {
      errors.invalid(at,
                     constraint.at("minDomains"),
                     "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " +
                         std::string(text_at(constraint, "whenUnsatisfiable")));
    }
  }
  if (text_at(constraint, "topologyKey").empty()) {
    errors.required(path.child("topologyKey"), "can not be empty");
  } else {
    check_key(text_at(constraint, "topologyKey"), path.child("topologyKey"), errors);
  }
  if (const value* selector = find(constraint, "labelSelector")) {
    check_label_selector(*selector, path.child("labelSelector"), errors);
  }
  if (has(constraint, "matchLabelKeys") && !has(constraint, "labelSelector")) {
    errors.forbidden(path.child("matchLabelKeys"),
                     "must not be specified when labelSelector is "
                     "not set");
  }
}

void check_spreads(const value& pod_spec, const Path& path, Errors& errors) {
  const auto& constraints = items_at(pod_spec, "topologySpreadConstraints");
  const Path list = path.child("topologySpreadConstraints");
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const Path at = list.at(i);
    check_spread(constraints[i], at, errors);
    const std::string_view key = text_at(constraints[i], "topologyKey");
    const std::string_view action = text_at(constraints[i], "whenUnsatisfiable");
    if (!seen.insert({key, action}).second) {
      std::string both("{");
      both.append(key).append(", ").append(action).append("}");
      errors.duplicate(at.child("{topologyKey, whenUnsatisfiable}"), text_value(both));
    }
  }
}

}  // namespace

void check_labels(const value* labels, const Path& path, Errors& errors) {
  for (const auto& label : fields_of(labels)) {
    check_key(label.key(), path, errors);
    if (const auto problem = label_value_problem(text_of(label.value())); !problem.empty()) {
      errors.invalid(path, label.value(), problem);
    }
  }
}

void check_label_selector(const value& selector, const Path& path, Errors& errors) {
  check_labels(find(selector, "matchLabels"), path.child("matchLabels"), errors);
  check_expressions(selector, "matchExpressions", path, errors);
}

void check_node_selector(const value& selector, const Path& path, Errors& errors) {
  const auto& terms = items_at(selector, "nodeSelectorTerms");
  const Path list = path.child("nodeSelectorTerms");
  if (terms.empty()) {
    errors.required(list, "must have at least one node selector term");
  }
  for (std::size_t i = 0; i < terms.size(); ++i) {
    check_selector_term(terms[i], list.at(i), errors);
  }
}

void check_placement(const value& pod_spec, const Path& path, Errors& errors) {
  check_labels(find(pod_spec, "nodeSelector"), path.child("nodeSelector"), errors);
  if (const value* affinity = find(pod_spec, "affinity")) {
    const Path at = path.child("affinity");
    if (const value* node = find(*affinity, "nodeAffinity")) {
      check_node_affinity(*node, at.child("nodeAffinity"), errors);
    }
    for (const std::string_view field : {"podAffinity", "podAntiAffinity"}) {
      if (const value* pods = find(*affinity, field)) {
        check_pod_affinity(*pods, at.child(field), errors);
      }
    }
  }
  const auto& tolerations = items_at(pod_spec, "tolerations");
  const Path list = path.child("tolerations");
  for (std::size_t i = 0; i < tolerations.size(); ++i) {
    check_toleration(tolerations[i], list.at(i), errors);
  }
  check_spreads(pod_spec, path, errors);
}

}  // namespace k8s::schema
