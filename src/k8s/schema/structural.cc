#include "k8s/schema/structural.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include <re2/re2.h>

#include "k8s/quantity.h"
#include "k8s/schema/json_access.h"

namespace k8s::schema {
namespace {

std::string in_body(const Path& path, std::string_view rest) {
  return path.text() + " in body " + std::string(rest);
}

void check_date_time(const value& checked, const Path& path, Errors& errors) {
  static const re2::RE2 kRfc3339(
      R"(^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$)");
  if (!re2::RE2::FullMatch(text_of(checked), kRfc3339)) {
    errors.invalid(path, checked, in_body(path, "must be of type date-time, as in RFC 3339"));
  }
}

void check_text(const Schema& schema, const value& checked, const Path& path, Errors& errors) {
  const std::string_view text = text_of(checked);
  if (schema.longest && text.size() > *schema.longest) {
    errors.too_long(path, *schema.longest);
  }
  if (schema.shortest && text.size() < *schema.shortest) {
    errors.invalid(
        path,
        checked,
        in_body(path, "should be at least " + std::to_string(*schema.shortest) + " chars long"));
  }
  if (schema.compiled_pattern && !re2::RE2::PartialMatch(text, *schema.compiled_pattern)) {
    errors.invalid(path, checked, in_body(path, "should match '" + schema.pattern_text + "'"));
  }
  const auto& allowed = schema.enum_values;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
    errors.not_supported(path, text, allowed);
  }
  if (schema.format == "date-time") {
    check_date_time(checked, path, errors);
  }
}

bool is_whole(const value& checked) {
  if (checked.is_double()) {
    return std::nearbyint(checked.get_double()) == checked.get_double();
  }
  return checked.is_int64() || checked.is_uint64();
}

void check_bounds(const Schema& schema, const value& checked, const Path& path, Errors& errors) {
  const double number = checked.to_number<double>();
  auto least = schema.minimum;
  auto most = schema.maximum;
  if (schema.format == "int32") {
    least = least.value_or(std::numeric_limits<std::int32_t>::min());
    most = most.value_or(std::numeric_limits<std::int32_t>::max());
  }
  if (least && number < static_cast<double>(*least)) {
    errors.invalid(path,
                   checked,
                   in_body(path, "should be greater than or equal to " + std::to_string(*least)));
  }
  if (most && number > static_cast<double>(*most)) {
    errors.invalid(
        path, checked, in_body(path, "should be less than or equal to " + std::to_string(*most)));
  }
}

void check_int_or_string(const Schema& schema,
                         const value& checked,
                         const Path& path,
                         Errors& errors) {
  if (checked.is_number()) {
    if (!is_whole(checked)) {
      errors.invalid_type(path, checked, "integer,string");
    }
    return;
  }
  if (!checked.is_string()) {
    errors.invalid_type(path, checked, "integer,string");
    return;
  }
  // Parsing is the stricter test: the pattern admits texts without meaning, such as "1e.5", which
  // the API server fails to decode. It is also much the faster one.
  if (!schema.is_quantity) {
    check_text(schema, checked, path, errors);
  } else if (!Quantity::parse(text_of(checked))) {
    errors.invalid(path, checked, in_body(path, "should match '" + schema.pattern_text + "'"));
  }
}

std::string list_key_text(const Schema& schema, const value& item) {
  if (schema.list_type != "map") {
    return boost::json::serialize(item);
  }
  boost::json::object keys;
  for (const std::string& name : schema.list_keys) {
    const value* found = find(item, name);
    keys[name] = found == nullptr ? value(nullptr) : *found;
  }
  return boost::json::serialize(keys);
}

void check_unique(const Schema& schema,
                  const boost::json::array& items,
                  const Path& path,
                  Errors& errors) {
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::string key = list_key_text(schema, items[i]);
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      errors.duplicate(path.at(i), boost::json::parse(key));
    }
    seen.push_back(std::move(key));
  }
}

void check_array(const Schema& schema, const value& checked, const Path& path, Errors& errors) {
  const auto& items = checked.get_array();
  if (schema.longest && items.size() > *schema.longest) {
    errors.too_many(path, items.size(), *schema.longest);
  }
  if (schema.shortest && items.size() < *schema.shortest) {
    errors.invalid(
        path,
        value(items.size()),
        in_body(path, "should have at least " + std::to_string(*schema.shortest) + " items"));
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    check_structure(*schema.items, items[i], path.at(i), errors);
  }
  if (items.size() > 1 && (schema.list_type == "set" || schema.list_type == "map")) {
    check_unique(schema, items, path, errors);
  }
}

void check_object(const Schema& schema, const value& checked, const Path& path, Errors& errors) {
  const auto& fields = checked.get_object();
  if (schema.longest && fields.size() > *schema.longest) {
    errors.too_many(path, fields.size(), *schema.longest);
  }
  for (const auto& field : fields) {
    const Property* property = schema.find(field.key());
    const Schema* below = property != nullptr ? property->schema.get() : schema.values.get();
    if (below != nullptr) {
      check_structure(*below, field.value(), path.child(field.key()), errors);
    }
  }
  for (const Property& property : schema.properties) {
    if (property.is_required && !fields.contains(property.name)) {
      errors.required(path.child(property.name));
    }
  }
}

void check_number(const Schema& schema, const value& checked, const Path& path, Errors& errors) {
  const bool is_integer = schema.type == Type::kInteger;
  if (!checked.is_number() || (is_integer && !is_whole(checked))) {
    errors.invalid_type(path, checked, is_integer ? "integer" : "number");
    return;
  }
  check_bounds(schema, checked, path, errors);
}

template <typename Check>
void check_as(bool is_right_type,
              std::string_view expected,
              Check check,
              const Schema& schema,
              const value& checked,
              const Path& path,
              Errors& errors) {
  if (is_right_type) {
    check(schema, checked, path, errors);
  } else {
    errors.invalid_type(path, checked, expected);
  }
}

}  // namespace

void check_structure(const Schema& schema, const value& checked, const Path& path, Errors& errors) {
  switch (schema.type) {
    case Type::kAny:
      return;
    case Type::kObject:
      check_as(checked.is_object(), "object", check_object, schema, checked, path, errors);
      return;
    case Type::kArray:
      check_as(checked.is_array(), "array", check_array, schema, checked, path, errors);
      return;
    case Type::kString:
      check_as(checked.is_string(), "string", check_text, schema, checked, path, errors);
      return;
    case Type::kIntOrString:
      check_int_or_string(schema, checked, path, errors);
      return;
    case Type::kInteger:
    case Type::kNumber:
      check_number(schema, checked, path, errors);
      return;
    case Type::kBoolean:
      if (!checked.is_bool()) {
        errors.invalid_type(path, checked, "boolean");
      }
      return;
  }
}

}  // namespace k8s::schema
