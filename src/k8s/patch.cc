// Merge patches, and server-side apply. Strategic and JSON patches have their own files.
#include "k8s/patch.h"

#include <algorithm>

#include <boost/json.hpp>

#include "k8s/merge_keys.h"

namespace k8s {
namespace {

namespace json = boost::json;

// One step of server-side apply at a place of the document.
class Applier {
 public:
  explicit Applier(Kind kind) : kind_(kind) {}

  void apply_object(std::string_view name,
                    json::object& live,
                    const json::object* previous,
                    const json::object& applied) const {
    if (previous != nullptr) {
      for (const auto& [key, value] : *previous) {
        if (!applied.contains(key)) {
          withdraw(name, live, key, value);
        }
      }
    }
    for (const auto& [key, value] : applied) {
      if (value.is_null()) {
        live.erase(key);
        continue;
      }
      const json::value* before = previous == nullptr ? nullptr : previous->if_contains(key);
      apply_value(name, key, live[key], before, value);
    }
  }

 private:
  void apply_value(std::string_view parent,
                   std::string_view field,
                   json::value& live,
                   const json::value* previous,
                   const json::value& applied) const {
    if (applied.is_object() && live.is_object()) {
      apply_object(field,
                   live.get_object(),
                   previous == nullptr ? nullptr : previous->if_object(),
                   applied.get_object());
      return;
    }
    const ListRule rule = list_rule(kind_, parent, field);
    if (applied.is_array() && live.is_array() && rule.type != ListType::kAtomic) {
      const json::array* before = previous == nullptr ? nullptr : previous->if_array();
      apply_list(field, rule, live.get_array(), before, applied.get_array());
      return;
    }
    live = applied;
  }

  void apply_list(std::string_view field,
                  const ListRule& rule,
                  json::array& live,
                  const json::array* previous,
                  const json::array& applied) const {
    if (previous != nullptr) {
      for (const json::value& item : *previous) {
        if (index_of(applied, item, rule) == kNoIndex) {
          erase_item(live, item, rule);
        }
      }
    }
    for (const json::value& item : applied) {
      const std::size_t at = index_of(live, item, rule);
      if (at == kNoIndex) {
        live.push_back(item);
      } else if (item.is_object()) {
        const std::size_t before = previous == nullptr ? kNoIndex : index_of(*previous, item, rule);
        const json::object* old = before == kNoIndex ? nullptr : (*previous)[before].if_object();
        apply_object(field, live[at].get_object(), old, item.get_object());
      }
    }
  }

  // Takes back what the manager said under `key`, and only that: others may have said more.
  void withdraw(std::string_view parent,
                json::object& live,
                std::string_view key,
                const json::value& previous) const {
    json::value* current = live.if_contains(key);
    if (current == nullptr) {
      return;
    }
    const ListRule rule = list_rule(kind_, parent, key);
    bool is_empty = true;
    if (current->is_object() && previous.is_object()) {
      apply_object(key, current->get_object(), &previous.get_object(), {});
      is_empty = current->get_object().empty();
    } else if (current->is_array() && previous.is_array() && rule.type != ListType::kAtomic) {
      apply_list(key, rule, current->get_array(), &previous.get_array(), {});
      is_empty = current->get_array().empty();
    }
    if (is_empty) {
      live.erase(key);
    }
  }

  static std::size_t index_of(const json::array& list,
                              const json::value& item,
                              const ListRule& rule) {
    if (rule.type == ListType::kMap && item.is_object()) {
      return find_item(list, item.get_object(), rule.keys);
    }
    const auto* it = std::find(list.begin(), list.end(), item);
    return it == list.end() ? kNoIndex : static_cast<std::size_t>(it - list.begin());
  }

  static void erase_item(json::array& live, const json::value& item, const ListRule& rule) {
    const std::size_t at = index_of(live, item, rule);
    if (at != kNoIndex) {
      live.erase(live.begin() + at);
    }
  }

  Kind kind_;
};

bool same_members(const json::object& a, const json::object& b) {
  return a.size() == b.size() && std::ranges::all_of(a, [&](const json::key_value_pair& member) {
           const json::value* other = b.if_contains(member.key());
           return other != nullptr && same_json(member.value(), *other);
         });
}

}  // namespace

void apply_merge_patch(json::value& target, const json::value& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) {
    target = json::object();
  }
  json::object& object = target.get_object();
  for (const auto& [key, value] : patch.get_object()) {
    if (value.is_null()) {
      object.erase(key);
    } else {
      apply_merge_patch(object[key], value);
    }
  }
}

bool same_json(const json::value& a, const json::value& b) {
  if (a.is_object() && b.is_object()) {
    return same_members(a.get_object(), b.get_object());
  }
  if (a.is_array() && b.is_array()) {
    return std::ranges::equal(a.get_array(), b.get_array(), same_json);
  }
  return a == b;
}

json::value create_merge_patch(const json::value& from, const json::value& to) {
  if (!from.is_object() || !to.is_object()) {
    return to;
  }
  json::object patch;
  const json::object& old = from.get_object();
  for (const auto& [key, value] : to.get_object()) {
    const json::value* before = old.if_contains(key);
    if (before == nullptr) {
      patch[key] = value;
    } else if (!same_json(*before, value)) {
      patch[key] = create_merge_patch(*before, value);
    }
  }
  for (const auto& [key, value] : old) {
    if (!to.get_object().contains(key)) {
      patch[key] = nullptr;
    }
  }
  return patch;
}

base::Result<json::value> apply_configuration(Kind kind,
                                              const json::value& live,
                                              const json::value& previous,
                                              const json::value& applied) {
  if (!applied.is_object() || !(live.is_object() || live.is_null())) {
    return base::fail(base::ErrorCode::kInvalid, "the applied configuration must be an object");
  }
  json::value merged = live.is_null() ? json::value(json::object()) : live;
  Applier(kind).apply_object("", merged.get_object(), previous.if_object(), applied.get_object());
  return merged;
}

}  // namespace k8s
