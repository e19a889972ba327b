#include "k8s/schema/kubelet.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "base/text.h"
#include "k8s/quantity.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/kubelet_table.h"
#include "k8s/schema/runtime_validation.h"
#include "k8s/schema/structural.h"
#include "k8s/time.h"

namespace k8s::schema {
namespace {

using Problems = std::vector<std::string>;

constexpr std::string_view kPlace = "spec.kubelet";
constexpr std::array<std::string_view, 6> kSignals{"memory.available",
                                                   "nodefs.available",
                                                   "nodefs.inodesFree",
                                                   "imagefs.available",
                                                   "imagefs.inodesFree",
                                                   "pid.available"};
constexpr std::array<std::string_view, 4> kReservable{"cpu", "memory", "ephemeral-storage", "pid"};
// API-103
constexpr std::array<std::string_view, 12> kManaged{"clusterDNS",
                                                    "cpuCFSQuota",
                                                    "evictionHard",
                                                    "evictionMaxPodGracePeriod",
                                                    "evictionSoft",
                                                    "evictionSoftGracePeriod",
                                                    "imageGCHighThresholdPercent",
                                                    "imageGCLowThresholdPercent",
                                                    "kubeReserved",
                                                    "maxPods",
                                                    "podsPerCore",
                                                    "systemReserved"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string list_of(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    out.append(out.empty() ? "" : ", ").append(name);
  }
  return out;
}

std::string field_text(std::string_view field) {
  return base::concat(kPlace, ".", field);
}

std::string key_text(std::string_view field, std::string_view key) {
  return base::concat(kPlace, ".", field, "[", key, "]: ");
}

// The entries of a map of texts, by key; what is of another type is for the structural check.
std::vector<std::pair<std::string_view, std::string_view>> entries(const value& kubelet,
                                                                   std::string_view field) {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  for (const auto& entry : fields_at(kubelet, field)) {
    if (entry.value().is_string()) {
      out.emplace_back(entry.key(), text_of(entry.value()));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

// API-111
bool is_signal(std::string_view field, std::string_view key, Problems& problems) {
  if (is_one_of(key, kSignals)) {
    return true;
  }
  problems.push_back(base::concat(field_text(field),
                                  ": \"",
                                  key,
                                  "\" isn't a valid eviction signal, must be one of ",
                                  list_of(kSignals)));
  return false;
}

bool is_percentage(std::string_view text) {
  text.remove_suffix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= 0 && number <= 100;
}

// API-112
std::string threshold_problem(std::string_view text) {
  constexpr const char* kWhat = "\" must be a percentage or a resource quantity";
  if (text.ends_with('%')) {
    return is_percentage(text) ? "" : base::concat("\"", text, kWhat);
  }
  const auto quantity = Quantity::parse(text);
  if (!quantity) {
    return base::concat("\"", text, kWhat);
  }
  return *quantity < Quantity()
             ? base::concat("\"", text, "\" can't be a negative resource quantity")
             : "";
}

// API-113
std::string grace_problem(std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration) {
    return base::concat("\"", text, "\" must be a duration");
  }
  return *duration < 0 ? base::concat("\"", text, "\" can't be a negative duration") : "";
}

void check_signals(const value& kubelet,
                   std::string_view field,
                   std::string (*problem_of)(std::string_view),
                   Problems& problems) {
  for (const auto& [key, text] : entries(kubelet, field)) {
    if (!is_signal(field, key, problems)) {
      continue;
    }
    if (const std::string problem = problem_of(text); !problem.empty()) {
      problems.push_back(key_text(field, key) + problem);
    }
  }
}

// API-114
void check_matching(const value& kubelet,
                    std::string_view field,
                    std::string_view other,
                    Problems& problems) {
  const auto& others = fields_at(kubelet, other);
  for (const auto& [key, text] : entries(kubelet, field)) {
    if (!others.contains(key)) {
      problems.push_back(base::concat(key_text(field, key), "has no matching ", other));
    }
  }
}

// API-115
void check_reserved(const value& kubelet, std::string_view field, Problems& problems) {
  for (const auto& [key, text] : entries(kubelet, field)) {
    if (!is_one_of(key, kReservable)) {
      problems.push_back(base::concat(field_text(field),
                                      ": \"",
                                      key,
                                      "\" isn't a reservable resource, must be one of ",
                                      list_of(kReservable)));
    } else if (text.starts_with('-')) {
      problems.push_back(base::concat(
          key_text(field, key), "\"", text, "\" can't be a negative resource quantity"));
    }
  }
}

// API-116
void check_numbers(const value& kubelet, Problems& problems) {
  constexpr std::array<std::string_view, 2> kPercent{"imageGCHighThresholdPercent",
                                                     "imageGCLowThresholdPercent"};
  for (const std::string_view field : kPercent) {
    const auto number = integer_at(kubelet, field);
    if (number && (*number < 0 || *number > 100)) {
      problems.push_back(base::concat(
          field_text(field), ": ", std::to_string(*number), " must be between 0 and 100"));
    }
  }
  const auto high = integer_at(kubelet, kPercent[0]);
  const auto low = integer_at(kubelet, kPercent[1]);
  if (high && low && *high <= *low) {
    problems.push_back(base::concat(kPlace,
                                    ": imageGCHighThresholdPercent (",
                                    std::to_string(*high),
                                    ") must be greater than imageGCLowThresholdPercent (",
                                    std::to_string(*low),
                                    ")"));
  }
  for (const std::string_view field : {"podsPerCore", "evictionMaxPodGracePeriod", "maxPods"}) {
    if (const auto number = integer_at(kubelet, field); number && *number < 0) {
      problems.push_back(
          base::concat(field_text(field), ": ", std::to_string(*number), " can't be negative"));
    }
  }
}

// Durations stand for themselves in the schema; Go's decoder reads them as it reads the rest.
void check_durations(const Schema& schema, const value& at, const Path& path, Errors& errors) {
  if (schema.format == "duration" && at.is_string() && !parse_duration(text_of(at))) {
    errors.invalid(path, at, "must be a duration");
  }
  if (at.is_array() && schema.items) {
    for (std::size_t i = 0; i < at.get_array().size(); ++i) {
      check_durations(*schema.items, at.get_array()[i], path.at(i), errors);
    }
  }
  for (const auto& field : fields_of(&at)) {
    if (const Property* property = schema.find(field.key())) {
      check_durations(*property->schema, field.value(), path.child(field.key()), errors);
    }
  }
}

// Two spellings are two names: a name that differs in case is unknown, as for Go's strict decoder.
std::string type_problem(const value& kubelet) {
  Errors errors;
  const Path root;
  const Path at = root.child(kPlace);
  check_structure(kubelet_schema(), kubelet, at, errors);
  check_durations(kubelet_schema(), kubelet, at, errors);
  const std::vector<FieldError> found = errors.take();
  return found.empty() ? std::string() : base::concat(kPlace, ": ", to_string(found.front()));
}

void without_nulls(value& at) {
  if (at.is_array()) {
    for (value& item : at.get_array()) {
      without_nulls(item);
    }
  } else if (at.is_object()) {
    auto& fields = at.get_object();
    for (auto field = fields.begin(); field != fields.end();) {
      if (field->value().is_null()) {
        field = fields.stable_erase(field);
      } else {
        without_nulls(field->value());
        ++field;
      }
    }
  }
}

std::optional<value> parse(std::string_view kubelet_json) {
  boost::json::error_code failure;
  value out = kubelet_json.empty() ? value(boost::json::object())
                                   : boost::json::parse(kubelet_json, failure);
  if (failure || !out.is_object()) {
    return std::nullopt;
  }
  without_nulls(out);
  return out;
}

void check_meaning(const value& kubelet, Problems& problems) {
  if (has(kubelet, "registerWithTaints")) {  // API-110
    problems.push_back(base::concat(field_text("registerWithTaints"),
                                    ": can't be set, taints come from the NodePool"));
  }
  check_signals(kubelet, "evictionHard", threshold_problem, problems);
  check_signals(kubelet, "evictionMinimumReclaim", threshold_problem, problems);
  check_signals(kubelet, "evictionSoft", threshold_problem, problems);
  check_signals(kubelet, "evictionSoftGracePeriod", grace_problem, problems);
  check_matching(kubelet, "evictionSoft", "evictionSoftGracePeriod", problems);
  check_matching(kubelet, "evictionSoftGracePeriod", "evictionSoft", problems);
  check_reserved(kubelet, "kubeReserved", problems);
  check_reserved(kubelet, "systemReserved", problems);
  check_numbers(kubelet, problems);
}

// API-121
std::string family_problem(std::string_view kubelet_json, const std::string& family) {
  if (family == "AL2023" || family == "Custom") {
    return {};
  }
  Problems fields = unmanaged_kubelet_fields(kubelet_json);
  const value kubelet = *parse(kubelet_json);
  if (family == "Bottlerocket" && has(kubelet, "podsPerCore")) {
    fields.emplace_back("podsPerCore");
    std::sort(fields.begin(), fields.end());
  }
  Problems problems;
  if (!fields.empty()) {
    problems.push_back(base::concat(kPlace,
                                    " has fields not applied by the ",
                                    family,
                                    " AMI family that would be silently dropped: ",
                                    base::join(fields, ", ")));
  }
  const std::size_t servers = items_at(kubelet, "clusterDNS").size();
  if (servers > 1) {
    problems.push_back(base::concat(field_text("clusterDNS"),
                                    ": the ",
                                    family,
                                    " AMI family doesn't accept multiple entries, only one, but ",
                                    std::to_string(servers),
                                    " were set"));
  }
  return joined(problems);
}

}  // namespace

std::vector<std::string> validate_kubelet(std::string_view kubelet_json) {
  std::optional<value> kubelet = parse(kubelet_json);
  if (!kubelet) {
    return {base::concat(kPlace, ": an object is expected")};
  }
  value checked = *kubelet;
  if (value* pods = find_mutable(checked, "maxPods"); pods != nullptr && pods->is_string()) {
    *pods = 0;  // An expression.
  }
  if (std::string problem = type_problem(checked); !problem.empty()) {
    return {std::move(problem)};
  }
  Problems problems;
  std::vector<std::string> unknown;
  find_unknown(kubelet_schema(), checked, Path(), unknown);
  for (const std::string& field : unknown) {
    problems.push_back(base::concat(kPlace, ": unknown field \"", field, "\""));
  }
  check_meaning(*kubelet, problems);
  return problems;
}

bool has_kubelet_expression(std::string_view kubelet_json) {
  const std::optional<value> kubelet = parse(kubelet_json);
  if (!kubelet || !type_problem(*kubelet).empty()) {
    // Only maxPods as a text may be a wrong type and yet be read.
    const value* pods = kubelet ? find(*kubelet, "maxPods") : nullptr;
    if (pods == nullptr || !pods->is_string() || !validate_kubelet(kubelet_json).empty()) {
      return false;
    }
    return true;
  }
  for (const std::string_view field : {"kubeReserved", "systemReserved"}) {
    for (const auto& [key, text] : entries(*kubelet, field)) {
      if (!Quantity::parse(text)) {
        return true;
      }
    }
  }
  return false;
}

std::vector<std::string> unmanaged_kubelet_fields(std::string_view kubelet_json) {
  std::vector<std::string> out;
  if (const std::optional<value> kubelet = parse(kubelet_json)) {
    for (const auto& field : kubelet->get_object()) {
      if (!is_one_of(field.key(), kManaged)) {
        out.emplace_back(field.key());
      }
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<KubeletProblem> find_kubelet_problem(std::string_view kubelet_json,
                                                   const KubeletUse& use) {
  if (const auto problems = validate_kubelet(kubelet_json); !problems.empty()) {
    return KubeletProblem{"InvalidKubeletConfiguration", joined(problems)};
  }
  if (!use.are_expressions_on && has_kubelet_expression(kubelet_json)) {
    return KubeletProblem{"KubeletExpressionsDisabled",
                          "spec.kubelet contains a CEL expression, but the NodeClassCEL feature "
                          "gate is disabled"};
  }
  if (std::string problem = family_problem(kubelet_json, use.ami_family); !problem.empty()) {
    return KubeletProblem{"UnsupportedKubeletConfiguration", std::move(problem)};
  }
  return std::nullopt;
}

}  // namespace k8s::schema
