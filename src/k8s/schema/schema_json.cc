#include "k8s/schema/schema_json.h"

#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "k8s/schema/common.h"

namespace k8s::schema {
namespace {

using JsonArray = boost::json::array;
using JsonObject = boost::json::object;

// nullptr definitions: everything in place.
JsonObject write(const Schema& schema, Definitions* definitions);

JsonArray texts(const std::vector<std::string>& from) {
  JsonArray out;
  for (const std::string& text : from) {
    out.emplace_back(boost::json::string(text));
  }
  return out;
}

void write_type(const Schema& schema, JsonObject& out) {
  switch (schema.type) {
    case Type::kObject:
      out["type"] = "object";
      break;
    case Type::kArray:
      out["type"] = "array";
      break;
    case Type::kString:
      out["type"] = "string";
      break;
    case Type::kInteger:
      out["type"] = "integer";
      break;
    case Type::kNumber:
      out["type"] = "number";
      break;
    case Type::kBoolean:
      out["type"] = "boolean";
      break;
    case Type::kIntOrString:
      out["anyOf"] = {{{"type", "integer"}}, {{"type", "string"}}};
      out["x-kubernetes-int-or-string"] = true;
      break;
    case Type::kAny:
      out["x-kubernetes-preserve-unknown-fields"] = true;
      break;
  }
  if (schema.is_open) {
    out["x-kubernetes-preserve-unknown-fields"] = true;
  }
}

std::string_view longest_name(Type type) {
  return type == Type::kArray ? "maxItems" : type == Type::kObject ? "maxProperties" : "maxLength";
}

void write_limits(const Schema& schema, JsonObject& out) {
  if (!schema.format.empty()) {
    out["format"] = schema.format;
  }
  if (!schema.enum_values.empty()) {
    out["enum"] = texts(schema.enum_values);
  }
  if (schema.longest) {
    out[longest_name(schema.type)] = *schema.longest;
  }
  if (schema.shortest) {
    out[schema.type == Type::kArray ? "minItems" : "minLength"] = *schema.shortest;
  }
  if (schema.minimum) {
    out["minimum"] = *schema.minimum;
  }
  if (schema.maximum) {
    out["maximum"] = *schema.maximum;
  }
  if (!schema.pattern_text.empty()) {
    out["pattern"] = schema.pattern_text;
  }
}

void write_merge_rules(const Schema& schema, JsonObject& out) {
  if (!schema.list_type.empty()) {
    out["x-kubernetes-list-type"] = schema.list_type;
  }
  if (!schema.list_keys.empty()) {
    out["x-kubernetes-list-map-keys"] = texts(schema.list_keys);
  }
  if (!schema.map_type.empty()) {
    out["x-kubernetes-map-type"] = schema.map_type;
  }
}

void write_rules(const Schema& schema, JsonObject& out) {
  JsonArray rules;
  for (const Rule& rule : schema.rules) {
    rules.push_back({{"message", rule.message}, {"rule", rule.expression}});
  }
  if (!rules.empty()) {
    out["x-kubernetes-validations"] = std::move(rules);
  }
}

void write_children(const Schema& schema, JsonObject& out, Definitions* definitions) {
  if (schema.items) {
    out["items"] = write(*schema.items, definitions);
  }
  if (schema.values) {
    out["additionalProperties"] = write(*schema.values, definitions);
  }
  if (schema.properties.empty()) {
    return;
  }
  JsonObject properties;
  JsonArray required;
  for (const Property& property : schema.properties) {
    properties[property.name] = write(*property.schema, definitions);
    if (property.is_required) {
      required.emplace_back(boost::json::string(property.name));
    }
  }
  out["properties"] = std::move(properties);
  if (!required.empty()) {
    out["required"] = std::move(required);
  }
}

// The API server does not enforce formats, and clients that decode into 32 bits would lose the
// whole list over one object (API-25).
void write_format_limits(const Schema& schema, JsonObject& out) {
  if (schema.format != "int32") {
    return;
  }
  if (!schema.minimum) {
    out["minimum"] = std::numeric_limits<std::int32_t>::min();
  }
  if (!schema.maximum) {
    out["maximum"] = std::numeric_limits<std::int32_t>::max();
  }
}

JsonObject write_in_place(const Schema& schema, Definitions* definitions) {
  JsonObject out;
  if (!schema.description.empty()) {
    out["description"] = schema.description;
  }
  write_type(schema, out);
  write_limits(schema, out);
  if (definitions == nullptr) {
    write_format_limits(schema, out);
  }
  if (schema.default_value) {
    out["default"] = *schema.default_value;
  }
  write_merge_rules(schema, out);
  write_rules(schema, out);
  write_children(schema, out, definitions);
  return out;
}

JsonObject write_reference(const Schema& schema, Definitions& definitions) {
  if (!definitions.contains(schema.definition)) {
    definitions[schema.definition] = {};  // Taken, lest it be written twice.
    definitions[schema.definition] = write_in_place(schema, &definitions);
  }
  JsonObject reference{{"$ref", "#/components/schemas/" + schema.definition}};
  if (schema.remark.empty()) {
    return reference;
  }
  return {{"description", schema.remark}, {"allOf", {std::move(reference)}}};
}

JsonObject write(const Schema& schema, Definitions* definitions) {
  if (definitions == nullptr && schema.definition == kObjectMetaDefinition) {
    return {{"type", "object"}};
  }
  if (definitions != nullptr && !schema.definition.empty()) {
    return write_reference(schema, *definitions);
  }
  return write_in_place(schema, definitions);
}

}  // namespace

JsonObject crd_schema_json(const Schema& schema) {
  return write(schema, nullptr);
}

JsonObject openapi_schema_json(const Schema& schema, Definitions& definitions) {
  return write(schema, &definitions);
}

}  // namespace k8s::schema
