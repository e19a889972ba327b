#include "sim/apiserver/managed_fields.h"

#include <algorithm>

#include <boost/json.hpp>

#include "sim/apiserver/field_set.h"
#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

const json::value* find_managed(const json::object& document) {
  return find_path(document, "metadata.managedFields");
}

json::array managed_of(const json::object& document) {
  const json::value* found = find_managed(document);
  return found != nullptr && found->is_array() ? found->get_array() : json::array{};
}

bool is_entry_of(const json::object& entry, const FieldWriter& writer, std::string_view operation) {
  return text_at(entry, "manager") == writer.manager && text_at(entry, "operation") == operation &&
         text_at(entry, "subresource") == writer.subresource;
}

json::object entry_for(const ResourceType& type,
                       const FieldWriter& writer,
                       std::string_view operation,
                       json::object fields) {
  json::object entry;
  entry["manager"] = writer.manager;
  entry["operation"] = operation;
  entry["apiVersion"] = api_version_of(type);
  entry["time"] = format_time(writer.time);
  entry["fieldsType"] = "FieldsV1";
  entry["fieldsV1"] = std::move(fields);
  if (!writer.subresource.empty()) {
    entry["subresource"] = writer.subresource;
  }
  return entry;
}

json::object fields_in(const json::object& entry) {
  const json::object* fields = object_at(entry, "fieldsV1");
  return fields == nullptr ? json::object{} : *fields;
}

// Replaces or adds the writer's entry; entries that own nothing are dropped.
void put_entry(json::array& managed, json::object entry, const FieldWriter& writer) {
  const std::string operation(text_at(entry, "operation"));
  json::array out;
  bool placed = false;
  for (json::value& item : managed) {
    json::object* existing = item.if_object();
    if (existing == nullptr) {
      continue;
    }
    if (is_entry_of(*existing, writer, operation)) {
      *existing = entry;
      placed = true;
    }
    if (!fields_in(*existing).empty()) {
      out.push_back(std::move(item));
    }
  }
  if (!placed && !fields_in(entry).empty()) {
    out.push_back(std::move(entry));
  }
  managed = std::move(out);
}

void store_managed(json::object& document, json::array managed) {
  json::object& metadata = ensure_object(document, "metadata");
  if (managed.empty()) {
    metadata.erase("managedFields");
  } else {
    metadata["managedFields"] = std::move(managed);
  }
}

// --- Merging ---

void merge_into(const Shape& shape, json::object& target, const json::object& wanted);

void merge_list(const Shape& list,
                json::array& target,
                const json::array& wanted,
                ListShape kind,
                const std::vector<std::string>& keys) {
  for (const json::value& item : wanted) {
    const std::string key = item_key(item, kind, keys);
    const auto same = std::ranges::find_if(
        target, [&](const json::value& other) { return item_key(other, kind, keys) == key; });
    if (same == target.end()) {
      target.push_back(item);
    } else if (kind == ListShape::kMap && same->is_object() && item.is_object()) {
      merge_into(list.item(), same->get_object(), item.get_object());
    }
  }
}

void merge_into(const Shape& shape, json::object& target, const json::object& wanted) {
  for (const auto& [name, value] : wanted) {
    json::value& slot = target[name];
    const Shape inner = shape.member(name);
    std::vector<std::string> keys;
    const bool is_atomic = inner.schema != nullptr && inner.schema->map_type == "atomic";
    if (value.is_object() && slot.is_object() && !is_atomic) {
      merge_into(inner, slot.get_object(), value.get_object());
    } else if (value.is_array() && slot.is_array() &&
               list_shape(shape, name, keys) != ListShape::kAtomic) {
      const ListShape kind = list_shape(shape, name, keys);
      merge_list(inner, slot.get_array(), value.get_array(), kind, keys);
    } else {
      slot = value;
    }
  }
}

// --- Removal of the fields in a set ---

void remove_fields(const Shape& shape, json::object& target, const json::object& set);

void remove_items(const Shape& list,
                  json::array& items,
                  const json::object& set,
                  ListShape kind,
                  const std::vector<std::string>& keys) {
  json::array kept;
  for (json::value& item : items) {
    const json::value* found = set.if_contains(item_key(item, kind, keys));
    const json::object* inner = found == nullptr ? nullptr : found->if_object();
    if (inner != nullptr && (inner->empty() || inner->contains("."))) {
      continue;
    }
    if (inner != nullptr && item.is_object()) {
      remove_fields(list.item(), item.get_object(), *inner);
    }
    kept.push_back(std::move(item));
  }
  items = std::move(kept);
}

void remove_fields(const Shape& shape, json::object& target, const json::object& set) {
  for (const auto& [key, value] : set) {
    if (!key.starts_with("f:") || !value.is_object()) {
      continue;
    }
    const std::string name(std::string_view(key).substr(2));
    json::value* slot = target.if_contains(name);
    if (slot == nullptr) {
      continue;
    }
    const json::object& inner = value.get_object();
    std::vector<std::string> keys;
    const ListShape kind = slot->is_array() ? list_shape(shape, name, keys) : ListShape::kAtomic;
    if (inner.empty()) {
      target.erase(name);
    } else if (slot->is_object()) {
      remove_fields(shape.member(name), slot->get_object(), inner);
      if (slot->get_object().empty()) {
        target.erase(name);
      }
    } else if (kind != ListShape::kAtomic) {
      remove_items(shape.member(name), slot->get_array(), inner, kind, keys);
      if (slot->get_array().empty()) {
        target.erase(name);
      }
    }
  }
}

// --- Conflicts ---

struct ApplyState {
  json::array managed;    // Entries of the stored object.
  json::object applied;   // Fields of the new configuration.
  json::object changed;   // Fields whose value the configuration changes.
  json::object previous;  // Fields that the manager applied before.
  json::object others;    // Fields that other managers hold.
  std::vector<StatusCause> conflicts;
  std::vector<std::string> descriptions;
};

void note_conflicts(ApplyState& state, const json::object& entry, const json::object& lost) {
  const std::string holder = "conflict with \"" + std::string(text_at(entry, "manager")) +
                             "\" using " + std::string(text_at(entry, "apiVersion"));
  for (const std::string& path : set_paths(lost)) {
    state.conflicts.push_back({"FieldManagerConflict", holder, path});
    state.descriptions.push_back(holder + ": " + path);
  }
}

// Fields that change hands are taken from their holders, and noted as conflicts.
void examine_managers(ApplyState& state, const FieldWriter& writer) {
  for (json::value& item : state.managed) {
    json::object* entry = item.if_object();
    if (entry == nullptr) {
      continue;
    }
    json::object fields = fields_in(*entry);
    if (is_entry_of(*entry, writer, "Apply")) {
      state.previous = std::move(fields);
      continue;
    }
    const json::object lost = set_intersection(fields, state.changed);
    if (!lost.empty()) {
      note_conflicts(state, *entry, lost);
    }
    fields = set_minus(fields, state.changed);
    state.others = set_union(state.others, fields);
    (*entry)["fieldsV1"] = std::move(fields);
  }
}

StatusError apply_conflict(const ResourceType& type,
                           const json::object& wanted,
                           ApplyState& state) {
  StatusError error = conflict(type, text_at(wanted, "metadata.name"), "");
  const std::size_t count = state.descriptions.size();
  error.message =
      "Apply failed with " + std::to_string(count) + (count == 1 ? " conflict: " : " conflicts: ");
  for (std::size_t i = 0; i < count; ++i) {
    error.message += (i == 0 ? "" : "\n- ") + state.descriptions[i];
  }
  error.causes = std::move(state.conflicts);
  return error;
}

}  // namespace

void track_update(const ResourceType& type,
                  const json::object* old,
                  json::object& next,
                  const FieldWriter& writer) {
  const json::value* given = find_managed(next);
  const json::value* stored = old == nullptr ? nullptr : find_managed(*old);
  if (given != nullptr && stored != nullptr && *given != *stored) {
    return;
  }
  json::array managed = old == nullptr ? json::array{} : managed_of(*old);
  const json::object all = fields_of(type, next);
  const json::object changed = old == nullptr ? all : fields_of(type, next, old);
  json::object own = changed;
  for (json::value& item : managed) {
    json::object* entry = item.if_object();
    if (entry == nullptr) {
      continue;
    }
    json::object fields = set_intersection(fields_in(*entry), all);
    if (is_entry_of(*entry, writer, "Update")) {
      own = set_union(fields, changed);
    } else {
      (*entry)["fieldsV1"] = set_minus(fields, changed);
    }
  }
  put_entry(managed, entry_for(type, writer, "Update", std::move(own)), writer);
  store_managed(next, std::move(managed));
}

Answer<json::object> merge_applied(const ResourceType& type,
                                   const json::object* old,
                                   const json::object& wanted,
                                   const FieldWriter& writer) {
  const Shape shape = Shape::of(type);
  json::object merged = old == nullptr ? json::object{} : *old;
  json::object clean = wanted;
  ensure_object(clean, "metadata").erase("managedFields");
  ApplyState state;
  state.applied = fields_of(type, clean);
  merge_into(shape, merged, clean);
  if (old != nullptr) {
    state.managed = managed_of(*old);
    state.changed = set_intersection(fields_of(type, merged, old), state.applied);
    examine_managers(state, writer);
    if (!state.conflicts.empty() && !writer.force) {
      return refuse(apply_conflict(type, wanted, state));
    }
    remove_fields(shape, merged, set_minus(set_minus(state.previous, state.applied), state.others));
  }
  put_entry(state.managed, entry_for(type, writer, "Apply", state.applied), writer);
  store_managed(merged, std::move(state.managed));
  return merged;
}

}  // namespace sim::api
