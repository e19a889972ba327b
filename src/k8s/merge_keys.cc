#include "k8s/merge_keys.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "k8s/kinds.h"

namespace k8s {
namespace {

using Keys = std::array<std::string_view, 1>;
using TwoKeys = std::array<std::string_view, 2>;

constexpr Keys kName = {"name"};
constexpr Keys kType = {"type"};
constexpr Keys kUid = {"uid"};
constexpr Keys kIp = {"ip"};
constexpr Keys kMountPath = {"mountPath"};
constexpr Keys kDevicePath = {"devicePath"};
constexpr TwoKeys kContainerPort = {"containerPort", "protocol"};
constexpr TwoKeys kServicePort = {"port", "protocol"};
constexpr TwoKeys kSpread = {"topologyKey", "whenUnsatisfiable"};

struct Row {
  std::string_view field;
  std::span<const std::string_view> keys;
};

constexpr std::array<Row, 16> kMaps = {{{"containers", kName},
                                        {"initContainers", kName},
                                        {"ephemeralContainers", kName},
                                        {"volumes", kName},
                                        {"imagePullSecrets", kName},
                                        {"resourceClaims", kName},
                                        {"schedulingGates", kName},
                                        {"env", kName},
                                        {"drivers", kName},
                                        {"hostAliases", kIp},
                                        {"podIPs", kIp},
                                        {"volumeMounts", kMountPath},
                                        {"volumeDevices", kDevicePath},
                                        {"topologySpreadConstraints", kSpread},
                                        {"conditions", kType},
                                        {"addresses", kType}}};

// An absent protocol is TCP, for the matching of ports.
bool has_same_key(const boost::json::object& a,
                  const boost::json::object& b,
                  std::string_view key) {
  static const boost::json::value kTcp("TCP");
  const boost::json::value* mine = a.if_contains(key);
  const boost::json::value* other = b.if_contains(key);
  if (key == "protocol") {
    mine = mine == nullptr ? &kTcp : mine;
    other = other == nullptr ? &kTcp : other;
  }
  return mine != nullptr && other != nullptr && *mine == *other;
}

}  // namespace

ListRule list_rule(Kind kind, std::string_view parent, std::string_view field) {
  if (parent == "metadata" && field == "finalizers") {
    return {ListType::kSet, {}};
  }
  if (parent == "metadata" && field == "ownerReferences") {
    return {ListType::kMap, kUid};
  }
  if (is_custom(kind)) {
    // API-41: the node classes replace their conditions as a whole.
    const bool has_map = kind != Kind::kEC2NodeClass && kind != Kind::kKWOKNodeClass;
    return field == "conditions" && parent == "status" && has_map ? ListRule{ListType::kMap, kType}
                                                                  : ListRule{};
  }
  if (field == "ports") {
    return {ListType::kMap, kind == Kind::kService ? std::span(kServicePort) : kContainerPort};
  }
  if (field == "podCIDRs") {
    return {ListType::kSet, {}};
  }
  const auto it = std::ranges::find(kMaps, field, &Row::field);
  return it == kMaps.end() ? ListRule{} : ListRule{ListType::kMap, it->keys};
}

std::size_t find_item(const boost::json::array& list,
                      const boost::json::object& wanted,
                      std::span<const std::string_view> keys) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const boost::json::object* item = list[i].if_object();
    if (item != nullptr && std::ranges::all_of(keys, [&](std::string_view key) {
          return has_same_key(*item, wanted, key);
        })) {
      return i;
    }
  }
  return kNoIndex;
}

}  // namespace k8s
