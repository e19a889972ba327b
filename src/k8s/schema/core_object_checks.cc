// Checks and defaults of whole core objects.
#include <array>
#include <string>

#include "k8s/patch.h"
#include "k8s/quantity.h"
#include "k8s/schema/core_checks.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/names.h"

namespace k8s::schema {
namespace {

constexpr std::string_view kImmutable = "field is immutable";

// Only what the templates of workloads can break: equality and existence over the template's
// labels.
bool selects(const value& selector, const value* labels) {
  const auto& have = fields_of(labels);
  for (const auto& wanted : fields_at(selector, "matchLabels")) {
    const value* label = have.if_contains(wanted.key());
    if (label == nullptr || *label != wanted.value()) {
      return false;
    }
  }
  for (const value& expression : items_at(selector, "matchExpressions")) {
    const std::string_view op = text_at(expression, "operator");
    const value* label = have.if_contains(text_at(expression, "key"));
    bool is_listed = false;
    for (const value& one : items_at(expression, "values")) {
      is_listed = is_listed || (label != nullptr && one == *label);
    }
    const bool holds = op == "In"       ? is_listed
                       : op == "NotIn"  ? !is_listed
                       : op == "Exists" ? label != nullptr
                                        : label == nullptr;
    if (!holds) {
      return false;
    }
  }
  return true;
}

void check_same(const value& object,
                const value* old,
                std::string_view field,
                const Path& spec_path,
                Errors& errors) {
  if (old == nullptr) {
    return;
  }
  const value* before = find(*old, {"spec", field});
  const value* after = find(object, {"spec", field});
  const bool is_same =
      before == nullptr ? after == nullptr : after != nullptr && same_json(*before, *after);
  if (!is_same) {
    errors.invalid(spec_path.child(field), after == nullptr ? value(nullptr) : *after, kImmutable);
  }
}

void check_template(const value& spec, const Path& spec_path, Errors& errors) {
  const value* pod_template = find(spec, "template");
  if (pod_template == nullptr) {
    errors.required(spec_path.child("template"));
    return;
  }
  const Path path = spec_path.child("template");
  const Path metadata = path.child("metadata");
  check_labels(find(*pod_template, {"metadata", "labels"}), metadata.child("labels"), errors);
  const value* pod_spec = find(*pod_template, "spec");
  const Path pod_path = path.child("spec");
  if (pod_spec == nullptr) {
    errors.required(pod_path.child("containers"));
    return;
  }
  check_pod_spec(*pod_spec, pod_path, errors);
}

void check_always_restarts(const value& spec, const Path& spec_path, Errors& errors) {
  const value* policy = find(spec, {"template", "spec", "restartPolicy"});
  if (policy != nullptr && text_of(*policy) != "Always") {
    errors.not_supported(
        spec_path.child("template.spec.restartPolicy"), text_of(*policy), {"Always"});
  }
}

void check_statefulset_update(const value& object, const value* old, Errors& errors) {
  constexpr std::array<std::string_view, 7> kMutable{"replicas",
                                                     "ordinals",
                                                     "template",
                                                     "updateStrategy",
                                                     "revisionHistoryLimit",
                                                     "persistentVolumeClaimRetentionPolicy",
                                                     "minReadySeconds"};
  boost::json::object before = fields_at(*old, "spec");
  boost::json::object after = fields_at(object, "spec");
  for (const std::string_view field : kMutable) {
    before.erase(field);
    after.erase(field);
  }
  if (before != after) {
    const Path root;
    errors.forbidden(root.child("spec"),
                     "updates to statefulset spec for fields other than 'replicas', 'ordinals', "
                     "'template', 'updateStrategy', 'revisionHistoryLimit', "
                     "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

void check_selector(const value& spec, std::string_view kind, const Path& path, Errors& errors) {
  const value* selector = find(spec, "selector");
  if (selector == nullptr) {
    return;
  }
  const Path at = path.child("selector");
  check_label_selector(*selector, at, errors);
  if (fields_at(*selector, "matchLabels").empty() &&
      items_at(*selector, "matchExpressions").empty()) {
    errors.invalid(at, *selector, "empty selector is invalid for " + lower(kind));
    return;
  }
  const value* labels = find(spec, {"template", "metadata", "labels"});
  if (has(spec, "template") && !selects(*selector, labels)) {
    errors.invalid(path.child("template.metadata.labels"),
                   labels == nullptr ? value(boost::json::object()) : *labels,
                   "`selector` does not match template `labels`");
  }
}

}  // namespace

void check_pod(const value& object, const value*, Errors& errors) {
  const Path root;
  if (const value* spec = find(object, "spec")) {
    check_pod_spec(*spec, root.child("spec"), errors);
  }
}

void check_workload(const value& object, const value* old, Errors& errors) {
  const value* spec = find(object, "spec");
  if (spec == nullptr) {
    return;
  }
  const Path root;
  const Path path = root.child("spec");
  const std::string_view kind = text_at(object, "kind");
  check_selector(*spec, kind, path, errors);
  check_template(*spec, path, errors);
  check_always_restarts(*spec, path, errors);
  if (kind == "StatefulSet") {
    if (old != nullptr) {
      check_statefulset_update(object, old, errors);
    }
  } else {
    check_same(object, old, "selector", path, errors);
  }
}

void check_job(const value& object, const value* old, Errors& errors) {
  const value* spec = find(object, "spec");
  if (spec == nullptr) {
    return;
  }
  const Path root;
  const Path path = root.child("spec");
  check_template(*spec, path, errors);
  const value* policy = find(*spec, {"template", "spec", "restartPolicy"});
  const std::string_view restart = policy == nullptr ? std::string_view() : text_of(*policy);
  const Path at = path.child("template.spec.restartPolicy");
  if (restart.empty()) {
    errors.required(at, "valid values: \"OnFailure\", \"Never\"");
  } else if (restart == "Always") {
    errors.not_supported(at, restart, {"OnFailure", "Never"});
  }
  if (text_at(*spec, "completionMode") == "Indexed" && !has(*spec, "completions")) {
    errors.required(path.child("completions"), "when completion mode is Indexed");
  }
  check_same(object, old, "selector", path, errors);
  check_same(object, old, "completionMode", path, errors);
  if (text_at(*spec, "completionMode") != "Indexed") {
    check_same(object, old, "completions", path, errors);
  }
  check_same(object, old, "template", path, errors);
}

void check_budget(const value& object, const value*, Errors& errors) {
  const value* spec = find(object, "spec");
  if (spec == nullptr) {
    return;
  }
  const Path root;
  const Path path = root.child("spec");
  if (has(*spec, "minAvailable") && has(*spec, "maxUnavailable")) {
    errors.invalid(path, *spec, "minAvailable and maxUnavailable cannot be both set");
  }
  for (const std::string_view field : {"minAvailable", "maxUnavailable"}) {
    const value* amount = find(*spec, field);
    if (amount == nullptr) {
      continue;
    }
    const std::string_view text = text_of(*amount);
    const bool is_percent = text.size() >= 2 && text.size() <= 5 && text.back() == '%' &&
                            text.find_first_not_of("0123456789") == text.size() - 1;
    if (amount->is_string() && !is_percent) {
      errors.invalid(path.child(field),
                     *amount,
                     "a valid percent string must be a numeric string "
                     "followed by an ending '%'");
    } else if (amount->is_int64() && amount->get_int64() < 0) {
      errors.invalid(path.child(field), *amount, "must be greater than or equal to 0");
    } else if (is_percent && std::stoi(std::string(text)) > 100) {
      errors.invalid(path.child(field), *amount, "must not be greater than 100%");
    }
  }
  if (const value* selector = find(*spec, "selector")) {
    check_label_selector(*selector, path.child("selector"), errors);
  }
}

void check_node(const value& object, const value*, Errors& errors) {
  const Path root;
  const Path spec = root.child("spec");
  const Path list = spec.child("taints");
  const auto& taints = items_of(find(object, {"spec", "taints"}));
  for (std::size_t i = 0; i < taints.size(); ++i) {
    const Path at = list.at(i);
    if (const auto problem = qualified_name_problem(text_at(taints[i], "key")); !problem.empty()) {
      errors.invalid_text(at.child("key"), text_at(taints[i], "key"), problem);
    }
    if (const auto problem = label_value_problem(text_at(taints[i], "value")); !problem.empty()) {
      errors.invalid_text(at.child("value"), text_at(taints[i], "value"), problem);
    }
  }
}

void check_claim(const value& object, const value*, Errors& errors) {
  const value* spec = find(object, "spec");
  const Path root;
  const Path path = root.child("spec");
  if (spec == nullptr || items_at(*spec, "accessModes").empty()) {
    errors.required(path.child("accessModes"), "at least 1 access mode is required");
  }
  if (find(object, {"spec", "resources", "requests", "storage"}) == nullptr) {
    const Path requests = path.child("resources.requests");
    errors.required(requests.key("storage"));
  }
}

void check_volume(const value& object, const value*, Errors& errors) {
  const Path root;
  const Path path = root.child("spec");
  if (const value* selector = find(object, {"spec", "nodeAffinity", "required"})) {
    check_node_selector(*selector, path.child("nodeAffinity.required"), errors);
  }
}

}  // namespace k8s::schema
