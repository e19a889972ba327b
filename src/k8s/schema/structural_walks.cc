// The rule, default and unknown-field walks of structural.h.
#include <algorithm>
#include <utility>

#include "k8s/schema/json_access.h"
#include "k8s/schema/structural.h"

namespace k8s::schema {
namespace {

void check_rule(
    const Rule& rule, const value& checked, const value* old, const Path& path, Errors& errors) {
  if ((rule.is_transition && old == nullptr) || rule.holds(checked, old)) {
    return;
  }
  if (checked.is_object() || checked.is_array()) {
    errors.invalid_whole(path, rule.message);
  } else {
    errors.invalid(path, checked, rule.message);
  }
}

// Lists are taken as new on update unless they are maps by key, as in the API server, where nothing
// says which old item an item comes from.
const value* same_item(const Schema& schema, const value* old, const value& item) {
  if (old == nullptr || schema.list_type != "map") {
    return nullptr;
  }
  for (const value& candidate : items_of(old)) {
    const auto is_equal_at = [&](const std::string& key) {
      const value* a = find(candidate, key);
      const value* b = find(item, key);
      return a != nullptr && b != nullptr && *a == *b;
    };
    if (std::all_of(schema.list_keys.begin(), schema.list_keys.end(), is_equal_at)) {
      return &candidate;
    }
  }
  return nullptr;
}

// Null is absent, as to the API server; what an open object has beyond its properties is not ours.
void remove_nulls(const Schema& schema, boost::json::object& fields) {
  for (auto at = fields.begin(); at != fields.end();) {
    const bool is_removed =
        at->value().is_null() && (!schema.is_open || schema.find(at->key()) != nullptr);
    // Not erase(): it would change the order of the fields.
    at = is_removed ? fields.stable_erase(at) : at + 1;
  }
}

}  // namespace

void check_rules(const Schema& schema,
                 const value& checked,
                 const value* old,
                 const Path& path,
                 Errors& errors) {
  for (const Rule& rule : schema.rules) {
    check_rule(rule, checked, old, path, errors);
  }
  if (checked.is_array() && schema.items) {
    const auto& items = checked.get_array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      check_rules(*schema.items, items[i], same_item(schema, old, items[i]), path.at(i), errors);
    }
  }
  for (const auto& field : fields_of(&checked)) {
    if (const Property* property = schema.find(field.key())) {
      const value* before = old == nullptr ? nullptr : find(*old, field.key());
      check_rules(*property->schema, field.value(), before, path.child(field.key()), errors);
    }
  }
}

void fill_defaults(const Schema& schema, value& filled) {
  if (filled.is_array() && schema.items) {
    for (value& item : filled.get_array()) {
      fill_defaults(*schema.items, item);
    }
    return;
  }
  if (!filled.is_object() || schema.type != Type::kObject) {
    return;
  }
  auto& fields = filled.get_object();
  remove_nulls(schema, fields);
  for (const Property& property : schema.properties) {
    if (property.schema->default_value && !fields.contains(property.name)) {
      fields[property.name] = *property.schema->default_value;
    }
  }
  for (auto& field : fields) {
    const Property* property = schema.find(field.key());
    const Schema* below = property != nullptr ? property->schema.get() : schema.values.get();
    if (below != nullptr) {
      fill_defaults(*below, field.value());
    }
  }
}

void find_unknown(const Schema& schema,
                  const value& searched,
                  const Path& path,
                  std::vector<std::string>& unknown) {
  if (searched.is_array() && schema.items) {
    const auto& items = searched.get_array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      find_unknown(*schema.items, items[i], path.at(i), unknown);
    }
    return;
  }
  if (!searched.is_object() || schema.type != Type::kObject || schema.is_open) {
    return;
  }
  for (const auto& field : searched.get_object()) {
    const Property* property = schema.find(field.key());
    const Schema* below = property != nullptr ? property->schema.get() : schema.values.get();
    if (below == nullptr) {
      unknown.push_back(path.child(field.key()).text());
    } else {
      find_unknown(*below, field.value(), path.child(field.key()), unknown);
    }
  }
}

void remove_unknown(const Schema& schema, value& pruned) {
  if (pruned.is_array() && schema.items) {
    for (value& item : pruned.get_array()) {
      remove_unknown(*schema.items, item);
    }
    return;
  }
  if (!pruned.is_object() || schema.type != Type::kObject || schema.is_open) {
    return;
  }
  auto& fields = pruned.get_object();
  for (auto at = fields.begin(); at != fields.end();) {
    const Property* property = schema.find(at->key());
    const Schema* below = property != nullptr ? property->schema.get() : schema.values.get();
    if (below == nullptr) {
      at = fields.stable_erase(at);
    } else {
      remove_unknown(*below, at->value());
      ++at;
    }
  }
}

}  // namespace k8s::schema
