#include "k8s/schema/schema.h"

#include <utility>

#include <boost/json.hpp>
#include <re2/re2.h>

#include "base/assert.h"

namespace k8s::schema {
namespace {

Schema of_type(Type type, std::string format = {}) {
  Schema schema;
  schema.type = type;
  schema.format = std::move(format);
  return schema;
}

SchemaPtr share(Schema schema) {
  return std::make_shared<const Schema>(std::move(schema));
}

// resource.Quantity as the API server's CRD machinery accepts it (API-20).
constexpr std::string_view kQuantityPattern =
    R"(^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$)";

}  // namespace

const Property* Schema::find(std::string_view name) const {
  for (const Property& property : properties) {
    if (property.name == name) {
      return &property;
    }
  }
  return nullptr;
}

Schema Schema::describe(std::string text) && {
  description = std::move(text);
  return std::move(*this);
}

Schema Schema::fallback(const std::string& json) && {
  default_value = std::make_shared<const boost::json::value>(boost::json::parse(json));
  return std::move(*this);
}

Schema Schema::pattern(std::string text) && {
  compiled_pattern = std::make_shared<const re2::RE2>(text);
  ASSERT(compiled_pattern->ok());
  pattern_text = std::move(text);
  return std::move(*this);
}

Schema Schema::one_of(std::initializer_list<std::string_view> allowed) && {
  enum_values.assign(allowed.begin(), allowed.end());
  return std::move(*this);
}

Schema Schema::min(std::int64_t value) && {
  minimum = value;
  return std::move(*this);
}

Schema Schema::max(std::int64_t value) && {
  maximum = value;
  return std::move(*this);
}

Schema Schema::min_length(std::size_t value) && {
  shortest = value;
  return std::move(*this);
}

Schema Schema::max_length(std::size_t value) && {
  longest = value;
  return std::move(*this);
}

Schema Schema::list(std::string kind, std::vector<std::string> keys) && {
  list_type = std::move(kind);
  list_keys = std::move(keys);
  return std::move(*this);
}

Schema Schema::map(std::string kind) && {
  map_type = std::move(kind);
  return std::move(*this);
}

Schema Schema::rule(std::string expression, std::string message, Predicate holds) && {
  rules.push_back({std::move(expression), std::move(message), std::move(holds), false});
  return std::move(*this);
}

Schema Schema::transition(std::string expression, std::string message, Predicate holds) && {
  rules.push_back({std::move(expression), std::move(message), std::move(holds), true});
  return std::move(*this);
}

Schema Schema::open() && {
  is_open = true;
  return std::move(*this);
}

Schema Schema::named(std::string definition_name) && {
  definition = std::move(definition_name);
  return std::move(*this);
}

Schema string() {
  return of_type(Type::kString);
}

Schema boolean() {
  return of_type(Type::kBoolean);
}

Schema int32() {
  return of_type(Type::kInteger, "int32");
}

Schema int64() {
  return of_type(Type::kInteger, "int64");
}

Schema number() {
  return of_type(Type::kNumber);
}

Schema date_time() {
  return of_type(Type::kString, "date-time");
}

Schema any_object() {
  return of_type(Type::kObject).open();
}

Schema quantity() {
  static const std::shared_ptr<const re2::RE2> compiled =
      std::make_shared<const re2::RE2>(std::string(kQuantityPattern));
  Schema schema = of_type(Type::kIntOrString);
  schema.pattern_text = kQuantityPattern;
  schema.compiled_pattern = compiled;
  schema.is_quantity = true;
  return schema;
}

Schema object(std::vector<Property> properties) {
  Schema schema = of_type(Type::kObject);
  schema.properties = std::move(properties);
  return schema;
}

Schema array(Schema items) {
  Schema schema = of_type(Type::kArray);
  schema.items = share(std::move(items));
  return schema;
}

Schema map_of(Schema values) {
  Schema schema = of_type(Type::kObject);
  schema.values = share(std::move(values));
  return schema;
}

Property required(std::string name, Schema schema) {
  return {std::move(name), share(std::move(schema)), true};
}

Property optional(std::string name, Schema schema) {
  return {std::move(name), share(std::move(schema)), false};
}

}  // namespace k8s::schema
