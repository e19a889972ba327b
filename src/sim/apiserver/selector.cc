#include "sim/apiserver/selector.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/json.hpp>

#include "base/error.h"
#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

using base::ErrorCode;
using base::Result;

std::optional<std::string_view> label_of(const json::object* labels, std::string_view key) {
  const json::value* found = labels == nullptr ? nullptr : labels->if_contains(key);
  if (found == nullptr || !found->is_string()) {
    return std::nullopt;
  }
  return std::string_view(found->get_string());
}

bool contains(const std::vector<std::string>& values, std::string_view value) {
  return std::ranges::find(values, value) != values.end();
}

std::optional<long long> to_number(std::string_view text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

bool compares(const Requirement& requirement, std::string_view value) {
  const auto left = to_number(value);
  const auto right = to_number(requirement.values.front());
  if (!left || !right) {
    return false;
  }
  return requirement.op == SelectorOp::kGreater ? *left > *right : *left < *right;
}

bool label_holds(const Requirement& requirement, std::optional<std::string_view> value) {
  switch (requirement.op) {
    case SelectorOp::kIn:
      return value && contains(requirement.values, *value);
    case SelectorOp::kNotIn:
      return !value || !contains(requirement.values, *value);
    case SelectorOp::kExists:
      return value.has_value();
    case SelectorOp::kDoesNotExist:
      return !value.has_value();
    case SelectorOp::kGreater:
    case SelectorOp::kLess:
      return value && compares(requirement, *value);
  }
  return false;
}

std::string field_text(const json::object& object, const std::string& path) {
  const json::value* found = find_path(object, path);
  if (found == nullptr) {
    // Absent booleans read as false in the server's typed objects.
    return path == "spec.unschedulable" ? "false" : "";
  }
  if (found->is_string()) {
    return std::string(found->get_string());
  }
  return json::serialize(*found);
}

bool field_holds(const Requirement& requirement, const json::object& object) {
  const bool is_in = contains(requirement.values, field_text(object, requirement.key));
  return requirement.op == SelectorOp::kIn ? is_in : !is_in;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

// Splits at commas outside parentheses.
std::vector<std::string_view> split_terms(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '(') {
      ++depth;
    } else if (c == ')') {
      --depth;
    } else if (c == ',' && (depth == 0 || i == text.size())) {
      out.push_back(trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  return out;
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '/';
}

std::string_view take_key(std::string_view& term) {
  std::size_t end = 0;
  while (end < term.size() && is_key_character(term[end])) {
    ++end;
  }
  const std::string_view key = term.substr(0, end);
  term = trim(term.substr(end));
  return key;
}

auto bad_selector(std::string_view term) {
  return base::fail(ErrorCode::kInvalid,
                    "unable to parse requirement: found '" + std::string(term) +
                        "', expected: in, notin, =, ==, !=, gt, lt, exists or !key");
}

Result<std::vector<std::string>> parse_set(std::string_view text, std::string_view term) {
  text = trim(text);
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') {
    return bad_selector(term);
  }
  std::vector<std::string> out;
  for (const std::string_view value : split_terms(text.substr(1, text.size() - 2))) {
    out.emplace_back(value);
  }
  return out;
}

struct Operator {
  std::string_view token;
  SelectorOp op;
};

// Longer tokens first.
constexpr Operator kEqualities[] = {{"==", SelectorOp::kIn},
                                    {"!=", SelectorOp::kNotIn},
                                    {"=", SelectorOp::kIn},
                                    {">", SelectorOp::kGreater},
                                    {"<", SelectorOp::kLess}};

bool valid_value(std::string_view value) {
  return std::ranges::all_of(value, is_key_character) && !value.contains('/') && value.size() <= 63;
}

Result<Requirement> parse_label_term(const std::string_view term) {
  std::string_view rest = term;
  const bool negated = rest.starts_with('!');
  if (negated) {
    rest = trim(rest.substr(1));
  }
  Requirement out;
  out.key = take_key(rest);
  if (out.key.empty() || (negated && !rest.empty())) {
    return bad_selector(term);
  }
  if (rest.empty()) {
    out.op = negated ? SelectorOp::kDoesNotExist : SelectorOp::kExists;
    return out;
  }
  for (const Operator& candidate : kEqualities) {
    if (rest.starts_with(candidate.token)) {
      out.op = candidate.op;
      out.values = {std::string(trim(rest.substr(candidate.token.size())))};
      return valid_value(out.values.front()) ? Result<Requirement>(out) : bad_selector(term);
    }
  }
  for (const Operator& candidate :
       {Operator{"notin", SelectorOp::kNotIn}, Operator{"in", SelectorOp::kIn}}) {
    if (rest.starts_with(candidate.token)) {
      out.op = candidate.op;
      out.values = TRY(parse_set(rest.substr(candidate.token.size()), term));
      return out;
    }
  }
  return bad_selector(term);
}

bool expression_holds(const json::object& expression, const json::object* labels) {
  const auto value = label_of(labels, text_at(expression, "key"));
  const std::string_view op = text_at(expression, "operator");
  if (op == "Exists") {
    return value.has_value();
  }
  if (op == "DoesNotExist") {
    return !value.has_value();
  }
  bool listed = false;
  if (const json::array* values = array_at(expression, "values")) {
    for (const json::value& candidate : *values) {
      listed = listed || (value && candidate.is_string() && candidate.get_string() == *value);
    }
  }
  return op == "NotIn" ? !listed : listed;
}

}  // namespace

bool ListSelector::matches(const json::object& object) const {
  const json::object* own = object_at(object, "metadata.labels");
  for (const Requirement& requirement : labels) {
    if (!label_holds(requirement, label_of(own, requirement.key))) {
      return false;
    }
  }
  return std::ranges::all_of(fields,
                             [&](const Requirement& field) { return field_holds(field, object); });
}

Result<std::vector<Requirement>> parse_label_selector(std::string_view text) {
  std::vector<Requirement> out;
  if (trim(text).empty()) {
    return out;
  }
  for (const std::string_view term : split_terms(text)) {
    out.push_back(TRY(parse_label_term(term)));
  }
  return out;
}

Result<std::vector<Requirement>> parse_field_selector(std::string_view text) {
  std::vector<Requirement> out;
  if (trim(text).empty()) {
    return out;
  }
  for (const std::string_view term : split_terms(text)) {
    std::size_t at = term.find("!=");
    const bool differs = at != std::string_view::npos;
    if (!differs) {
      at = term.find('=');
    }
    if (at == std::string_view::npos || at == 0) {
      return base::fail(ErrorCode::kInvalid,
                        "invalid field selector: '" + std::string(term) +
                            "'; can't understand it, expected field=value or field!=value");
    }
    const std::size_t skip = differs || term.substr(at).starts_with("==") ? 2 : 1;
    out.push_back(Requirement{std::string(trim(term.substr(0, at))),
                              differs ? SelectorOp::kNotIn : SelectorOp::kIn,
                              {std::string(trim(term.substr(at + skip)))}});
  }
  return out;
}

bool selector_matches(const json::object* label_selector, const json::object* labels) {
  if (label_selector == nullptr) {
    return false;
  }
  if (const json::object* wanted = object_at(*label_selector, "matchLabels")) {
    for (const auto& [key, value] : *wanted) {
      const auto actual = label_of(labels, key);
      if (!actual || !value.is_string() || value.get_string() != *actual) {
        return false;
      }
    }
  }
  const json::array* expressions = array_at(*label_selector, "matchExpressions");
  return expressions == nullptr ||
         std::ranges::all_of(*expressions, [&](const json::value& expression) {
           return expression.is_object() && expression_holds(expression.get_object(), labels);
         });
}

}  // namespace sim::api
