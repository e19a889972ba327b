#include "sim/apiserver/field_set.h"

#include <algorithm>

#include <boost/json.hpp>

#include "k8s/patch.h"
#include "k8s/schema/kind_schema.h"
#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

constexpr std::string_view kUntrackedRoot[] = {"apiVersion", "kind"};
constexpr std::string_view kUntrackedMetadata[] = {"name",
                                                   "namespace",
                                                   "uid",
                                                   "resourceVersion",
                                                   "creationTimestamp",
                                                   "generation",
                                                   "managedFields",
                                                   "deletionTimestamp",
                                                   "deletionGracePeriodSeconds",
                                                   "generateName",
                                                   "selfLink"};

bool contains(std::span<const std::string_view> list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

json::object object_fields(const Shape& shape,
                           const json::object& object,
                           const json::object* base,
                           std::span<const std::string_view> skipped);

const json::value* find_item(const json::value* base,
                             const std::string& key,
                             ListShape list,
                             const std::vector<std::string>& keys) {
  if (base == nullptr || !base->is_array()) {
    return nullptr;
  }
  for (const json::value& item : base->get_array()) {
    if (item_key(item, list, keys) == key) {
      return &item;
    }
  }
  return nullptr;
}

json::object array_fields(const Shape& shape,
                          const json::array& items,
                          const json::value* base,
                          ListShape list,
                          const std::vector<std::string>& keys) {
  json::object out;
  for (const json::value& item : items) {
    const std::string key = item_key(item, list, keys);
    const json::value* before = find_item(base, key, list, keys);
    if (before != nullptr && k8s::same_json(*before, item)) {
      continue;
    }
    json::object fields;
    if (list == ListShape::kMap && item.is_object()) {
      fields = object_fields(
          shape.item(), item.get_object(), before == nullptr ? nullptr : before->if_object(), {});
      if (before == nullptr) {
        fields["."] = json::object{};
      }
    }
    out[key] = std::move(fields);
  }
  return out;
}

// Adds the member's fields under "f:name" unless it is as in the base.
void add_member(json::object& out,
                const Shape& shape,
                const json::key_value_pair& member,
                const json::object* base) {
  const std::string_view name = member.key();
  const json::value& value = member.value();
  const json::value* before = base == nullptr ? nullptr : base->if_contains(name);
  if (value.is_null() || (before != nullptr && k8s::same_json(*before, value))) {
    return;
  }
  const Shape inner = shape.member(name);
  json::object fields;
  if (value.is_object() && !(inner.schema != nullptr && inner.schema->map_type == "atomic")) {
    fields =
        object_fields(inner,
                      value.get_object(),
                      before == nullptr ? nullptr : before->if_object(),
                      name == "metadata" ? std::span<const std::string_view>(kUntrackedMetadata)
                                         : std::span<const std::string_view>{});
    if (name == "metadata" && fields.empty()) {
      return;
    }
  } else if (value.is_array()) {
    std::vector<std::string> keys;
    const ListShape list = list_shape(shape, name, keys);
    if (list != ListShape::kAtomic) {
      fields = array_fields(inner, value.get_array(), before, list, keys);
    }
  }
  std::string key("f:");
  key.append(name);
  out[key] = std::move(fields);
}

json::object object_fields(const Shape& shape,
                           const json::object& object,
                           const json::object* base,
                           std::span<const std::string_view> skipped) {
  json::object out;
  for (const json::key_value_pair& member : object) {
    if (!contains(skipped, member.key())) {
      add_member(out, shape, member, base);
    }
  }
  return out;
}

// {"name":"app"} as name="app".
std::string key_text(std::string_view key) {
  std::string out;
  const json::value parsed = json::parse(key);
  for (const auto& [field, wanted] : parsed.get_object()) {
    out.append(out.empty() ? "" : ",").append(field).append("=").append(json::serialize(wanted));
  }
  return out;
}

void collect_paths(const json::object& set,
                   const std::string& prefix,
                   std::vector<std::string>& out) {
  for (const auto& [key, value] : set) {
    if (key == ".") {
      continue;
    }
    const std::string_view name = std::string_view(key).substr(2);
    std::string path = prefix;
    if (key.starts_with("f:")) {
      path.append(".").append(name);
    } else if (key.starts_with("k:")) {
      path.append("[").append(key_text(name)).append("]");
    } else {
      path.append("[=").append(name).append("]");
    }
    const json::object* inner = value.if_object();
    if (inner == nullptr || inner->empty()) {
      out.push_back(std::move(path));
    } else {
      collect_paths(*inner, path, out);
    }
  }
}

}  // namespace

Shape Shape::of(const ResourceType& type) {
  const auto* kind = k8s::schema::find_kind_schema(api_version_of(type), type.kind);
  return Shape{kind == nullptr ? nullptr : &kind->schema, false};
}

Shape Shape::member(std::string_view name) const {
  if (name == "metadata" && !is_metadata) {
    return Shape{nullptr, true};
  }
  if (schema == nullptr) {
    return {};
  }
  const k8s::schema::Property* property = schema->find(name);
  return Shape{property != nullptr ? property->schema.get() : schema->values.get(), false};
}

Shape Shape::item() const {
  return Shape{schema == nullptr ? nullptr : schema->items.get(), false};
}

ListShape list_shape(const Shape& shape, std::string_view name, std::vector<std::string>& keys) {
  if (shape.is_metadata && name == "finalizers") {
    return ListShape::kSet;
  }
  if (shape.is_metadata && name == "ownerReferences") {
    keys = {"uid"};
    return ListShape::kMap;
  }
  const Shape list = shape.member(name);
  if (list.schema == nullptr) {
    return ListShape::kAtomic;
  }
  if (list.schema->list_type == "map") {
    keys = list.schema->list_keys;
    return ListShape::kMap;
  }
  return list.schema->list_type == "set" ? ListShape::kSet : ListShape::kAtomic;
}

std::string item_key(const json::value& item,
                     ListShape shape,
                     const std::vector<std::string>& keys) {
  if (shape == ListShape::kSet || !item.is_object()) {
    return "v:" + json::serialize(item);
  }
  std::vector<std::string> sorted = keys;
  std::ranges::sort(sorted);
  json::object key;
  for (const std::string& name : sorted) {
    if (const json::value* value = item.get_object().if_contains(name)) {
      key[name] = *value;
    } else if (name == "protocol") {
      key[name] = "TCP";
    }
  }
  return "k:" + json::serialize(key);
}

json::object fields_of(const ResourceType& type,
                       const json::object& document,
                       const json::object* base) {
  return object_fields(Shape::of(type), document, base, kUntrackedRoot);
}

json::object set_union(const json::object& a, const json::object& b) {
  json::object out = a;
  for (const auto& [key, value] : b) {
    json::value& slot = out[key];
    if (slot.is_object() && value.is_object()) {
      slot = set_union(slot.get_object(), value.get_object());
    } else {
      slot = value;
    }
  }
  return out;
}

json::object set_minus(const json::object& a, const json::object& b) {
  json::object out;
  for (const auto& [key, value] : a) {
    const json::value* other = b.if_contains(key);
    if (other == nullptr || !value.is_object() || !other->is_object()) {
      out[key] = value;
      continue;
    }
    json::object rest = set_minus(value.get_object(), other->get_object());
    if (!rest.empty()) {
      out[key] = std::move(rest);
    }
  }
  return out;
}

json::object set_intersection(const json::object& a, const json::object& b) {
  json::object out;
  for (const auto& [key, value] : a) {
    const json::value* other = b.if_contains(key);
    if (other == nullptr || !value.is_object() || !other->is_object()) {
      continue;
    }
    const bool is_leaf = value.get_object().empty() || other->get_object().empty();
    json::object inner = set_intersection(value.get_object(), other->get_object());
    if (is_leaf || !inner.empty()) {
      out[key] = std::move(inner);
    }
  }
  return out;
}

std::vector<std::string> set_paths(const json::object& set) {
  std::vector<std::string> out;
  collect_paths(set, "", out);
  return out;
}

}  // namespace sim::api
