// A structural schema as data: what a CRD's openAPIV3Schema says, plus for each CEL rule a C++
// predicate that decides the same. One tree serves validation, defaulting, pruning and documents.
//
//   Schema taint = object({required("key", string().min_length(1).pattern(kQualifiedName)),
//                          optional("value", string())});
//
// Thread rule: built once, constant after. Ownership: children are shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

namespace re2 {
class RE2;
}  // namespace re2

namespace k8s::schema {

enum class Type : std::uint8_t {
  kObject,
  kArray,
  kString,
  kInteger,
  kNumber,
  kBoolean,
  kIntOrString,
  kAny,
};

// old_self is nullptr on create. Only called on values that passed the schema above it.
using Predicate =
    std::function<bool(const boost::json::value& self, const boost::json::value* old_self)>;

struct Rule {
  std::string expression;  // CEL, for documents.
  std::string message;
  Predicate holds;
  bool is_transition = false;  // Mentions oldSelf: checked on updates only.
};

struct Schema;
using SchemaPtr = std::shared_ptr<const Schema>;

struct Property {
  std::string name;
  SchemaPtr schema;
  bool is_required = false;
};

struct Schema {
  Type type = Type::kAny;
  std::string description;
  std::string remark;      // About the field, where that is not what the type's description says.
  std::string format;      // "int32", "int64", "date-time".
  std::string definition;  // Name under components/schemas; empty: written in place.
  std::shared_ptr<const boost::json::value> default_value;
  std::string pattern_text;
  std::shared_ptr<const re2::RE2> compiled_pattern;
  std::vector<std::string> enum_values;
  std::optional<std::int64_t> minimum;
  std::optional<std::int64_t> maximum;
  std::optional<std::size_t> shortest;  // minLength, minItems.
  std::optional<std::size_t> longest;   // maxLength, maxItems, maxProperties.
  std::string list_type;                // "atomic", "set", "map".
  std::vector<std::string> list_keys;
  std::string map_type;              // "atomic", "granular".
  std::vector<Property> properties;  // kObject.
  SchemaPtr items;                   // kArray.
  SchemaPtr values;                  // kObject: additionalProperties.
  bool is_open = false;              // Unknown fields are kept.
  bool is_quantity = false;          // Core kinds: must parse as a quantity.
  std::vector<Rule> rules;

  const Property* find(std::string_view name) const;

  // Builders. Each returns the changed copy.
  Schema describe(std::string text) &&;
  Schema fallback(const std::string& json) &&;  // The default, as JSON text.
  Schema pattern(std::string text) &&;
  Schema one_of(std::initializer_list<std::string_view> allowed) &&;
  Schema min(std::int64_t value) &&;
  Schema max(std::int64_t value) &&;
  Schema min_length(std::size_t value) &&;
  Schema max_length(std::size_t value) &&;
  Schema list(std::string kind, std::vector<std::string> keys = {}) &&;
  Schema map(std::string kind) &&;
  Schema rule(std::string expression, std::string message, Predicate holds) &&;
  Schema transition(std::string expression, std::string message, Predicate holds) &&;
  Schema open() &&;
  Schema named(std::string definition_name) &&;
};

Schema string();
Schema boolean();
Schema int32();
Schema int64();
Schema number();
Schema date_time();
Schema any_object();  // Any fields, kept as they are.
Schema quantity();    // Integer or quantity text (API-20).
Schema object(std::vector<Property> properties);
Schema array(Schema items);
Schema map_of(Schema values);

Property required(std::string name, Schema schema);
Property optional(std::string name, Schema schema);

}  // namespace k8s::schema
