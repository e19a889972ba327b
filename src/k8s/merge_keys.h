// How the lists of an object merge: what the OpenAPI documents of Kubernetes state as
// x-kubernetes-patch-merge-key and x-kubernetes-list-map-keys, for the kinds that we know. Internal
// to the patches.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "k8s/meta.h"

namespace k8s {

enum class ListType : std::uint8_t { kAtomic, kSet, kMap };

struct ListRule {
  ListType type = ListType::kAtomic;
  // kMap: what identifies an item. Strategic patches go by the first alone.
  std::span<const std::string_view> keys;
};

// `parent` is the name of the field that holds the object with `field` ("" at the root).
ListRule list_rule(Kind kind, std::string_view parent, std::string_view field);

inline constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);

// The item that has the same values as `wanted` under all keys; kNoIndex when there is none.
std::size_t find_item(const boost::json::array& list,
                      const boost::json::object& wanted,
                      std::span<const std::string_view> keys);

}  // namespace k8s
