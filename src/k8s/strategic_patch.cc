// Strategic merge patch, as documented for the Kubernetes API (sig-api-machinery,
// strategic-merge-patch.md).
#include <algorithm>
#include <string>

#include <boost/json.hpp>

#include "k8s/kinds.h"
#include "k8s/merge_keys.h"
#include "k8s/patch.h"

namespace k8s {
namespace {

namespace json = boost::json;
using base::ErrorCode;
using base::fail;

constexpr std::string_view kPatch = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kDeletePrefix = "$deleteFromPrimitiveList/";
constexpr std::string_view kOrderPrefix = "$setElementOrder/";

std::string_view directive(const json::object& patch) {
  const json::value* value = patch.if_contains(kPatch);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

json::object without_directive(const json::object& patch) {
  json::object out = patch;
  out.erase(kPatch);
  return out;
}

void retain_keys(json::object& target, const json::value& keys) {
  const json::array* list = keys.if_array();
  if (list == nullptr) {
    return;
  }
  std::vector<std::string> doomed;
  for (const auto& [key, value] : target) {
    if (std::find(list->begin(), list->end(), json::value(key)) == list->end()) {
      doomed.emplace_back(key);
    }
  }
  for (const std::string& key : doomed) {
    target.erase(key);
  }
}

void erase_values(json::array& target, const json::value& values) {
  const json::array* list = values.if_array();
  for (const json::value& value : list == nullptr ? json::array() : *list) {
    target.erase(std::remove(target.begin(), target.end(), value), target.end());
  }
}

class StrategicMerger {
 public:
  explicit StrategicMerger(Kind kind) : kind_(kind) {}

  base::Result<void> merge_object(std::string_view name,
                                  json::object& target,
                                  const json::object& patch) const {
    const std::string_view action = directive(patch);
    if (action == "replace") {
      target = without_directive(patch);
      return {};
    }
    if (action == "delete") {
      target.clear();
      return {};
    }
    if (const json::value* keys = patch.if_contains(kRetainKeys)) {
      retain_keys(target, *keys);
    }
    for (const auto& [key, value] : patch) {
      TRY_VOID(merge_member(name, target, key, value));
    }
    return {};
  }

 private:
  base::Result<void> merge_member(std::string_view name,
                                  json::object& target,
                                  std::string_view key,
                                  const json::value& value) const {
    if (key == kPatch || key == kRetainKeys || key.starts_with(kOrderPrefix)) {
      return {};
    }
    if (key.starts_with(kDeletePrefix)) {
      json::value* list = target.if_contains(key.substr(kDeletePrefix.size()));
      if (list != nullptr && list->is_array()) {
        erase_values(list->get_array(), value);
      }
      return {};
    }
    if (value.is_null()) {
      target.erase(key);
      return {};
    }
    json::value& current = target[key];
    if (const json::object* patch = value.if_object()) {
      if (!current.is_object()) {
        current = json::object();
      }
      return merge_object(key, current.get_object(), *patch);
    }
    if (const json::array* patch = value.if_array()) {
      return merge_list(name, key, current, *patch);
    }
    current = value;
    return {};
  }

  base::Result<void> merge_list(std::string_view parent,
                                std::string_view field,
                                json::value& current,
                                const json::array& patch) const {
    const ListRule rule = list_rule(kind_, parent, field);
    if (rule.type == ListType::kAtomic) {
      current = patch;
      return {};
    }
    if (!current.is_array()) {
      current = json::array();
    }
    json::array& list = current.get_array();
    if (rule.type == ListType::kSet) {
      for (const json::value& item : patch) {
        if (std::find(list.begin(), list.end(), item) == list.end()) {
          list.push_back(item);
        }
      }
      return {};
    }
    return merge_map_list(field, rule.keys.first(1), list, patch);
  }

  base::Result<void> merge_map_list(std::string_view field,
                                    std::span<const std::string_view> keys,
                                    json::array& list,
                                    const json::array& patch) const {
    const auto is_replace = [](const json::value& item) {
      return item.is_object() && directive(item.get_object()) == "replace";
    };
    if (std::any_of(patch.begin(), patch.end(), is_replace)) {
      list.clear();
    }
    for (const json::value& item : patch) {
      if (is_replace(item) && item.get_object().size() == 1) {
        continue;
      }
      TRY_VOID(merge_item(field, keys, list, item));
    }
    return {};
  }

  base::Result<void> merge_item(std::string_view field,
                                std::span<const std::string_view> keys,
                                json::array& list,
                                const json::value& item) const {
    const json::object* patch = item.if_object();
    if (patch == nullptr || !patch->contains(keys[0])) {
      return fail(ErrorCode::kInvalid,
                  std::string(field) + ": each item must be an object with the merge key " +
                      std::string(keys[0]));
    }
    const std::size_t at = find_item(list, *patch, keys);
    const std::string_view action = directive(*patch);
    if (action == "delete") {
      if (at != kNoIndex) {
        list.erase(list.begin() + at);
      }
      return {};
    }
    if (at != kNoIndex) {
      return merge_object(field, list[at].get_object(), *patch);
    }
    // A new item goes through the same merge, so that its directives and nulls are dropped.
    json::object fresh;
    TRY_VOID(merge_object(field, fresh, *patch));
    list.emplace_back(std::move(fresh));
    return {};
  }

  Kind kind_;
};

}  // namespace

base::Result<void> apply_strategic_patch(Kind kind, json::value& target, const json::value& patch) {
  if (is_custom(kind)) {
    return fail(ErrorCode::kUnsupported,
                "strategic merge patch is not supported for custom resources");
  }
  if (!patch.is_object() || !target.is_object()) {
    return fail(ErrorCode::kInvalid, "a strategic merge patch must be a JSON object");
  }
  json::value merged = target;
  TRY_VOID(StrategicMerger(kind).merge_object("", merged.get_object(), patch.get_object()));
  target = std::move(merged);
  return {};
}

}  // namespace k8s
