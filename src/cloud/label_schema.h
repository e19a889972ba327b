// Which label keys mean something to the controller: well-known keys, restricted domains, aliases,
// by provider. Built once at start and passed by const reference; the planner and validation read
// it.
//
//   const LabelSchema schema = ec2::label_schema();
//   schema.canonical_key("beta.kubernetes.io/arch");   // "kubernetes.io/arch"
//   schema.is_well_known("karpenter.k8s.aws/instance-cpu");
//   schema.is_restricted("karpenter.sh/registered");
//
// Sources: SCH-2, SCH-3, SCH-27, API-129, API-147..150, AWI-13, AWI-66, LIF-233, LIF-236.
// Thread rule: value, immutable after construction. Lookups are O(log n).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cloud {

namespace label {

inline constexpr std::string_view kNodePool = "karpenter.sh/nodepool";
inline constexpr std::string_view kCapacityType = "karpenter.sh/capacity-type";
inline constexpr std::string_view kZone = "topology.kubernetes.io/zone";
inline constexpr std::string_view kRegion = "topology.kubernetes.io/region";
inline constexpr std::string_view kInstanceType = "node.kubernetes.io/instance-type";
inline constexpr std::string_view kArch = "kubernetes.io/arch";
inline constexpr std::string_view kOs = "kubernetes.io/os";
inline constexpr std::string_view kWindowsBuild = "node.kubernetes.io/windows-build";
inline constexpr std::string_view kHostname = "kubernetes.io/hostname";
inline constexpr std::string_view kZoneId = "topology.k8s.aws/zone-id";

}  // namespace label

namespace capacity_type {

inline constexpr std::string_view kOnDemand = "on-demand";
inline constexpr std::string_view kSpot = "spot";
inline constexpr std::string_view kReserved = "reserved";

}  // namespace capacity_type

class LabelSchema {
 public:
  using KeySet = std::set<std::string, std::less<>>;
  using Aliases = std::map<std::string, std::string, std::less<>>;

  // What the core knows without a provider.
  static LabelSchema core();

  void add_well_known(std::string_view key) { well_known_.emplace(key); }

  void add_restricted_domain(std::string_view domain) { restricted_domains_.emplace(domain); }

  void add_key_alias(std::string_view alias, std::string_view key);
  void add_value_alias(std::string_view key, std::string_view alias, std::string_view value);
  void add_allowed_value(std::string_view key, std::string_view value);

  void add_well_known_resource(std::string_view resource) { resources_.emplace(resource); }

  // `id_key` is empty in core; `keys` are defined on reserved offerings and absent on others
  // (LIF-233).
  void set_reservation_labels(std::string_view id_key, std::vector<std::string> keys);

  // The key that an alias stands for; any other key unchanged (SCH-2).
  std::string_view canonical_key(std::string_view key) const;
  // REQUIRES: `key` is canonical. Values without alias are unchanged (SCH-3).
  std::string_view canonical_value(std::string_view key, std::string_view value) const;

  bool is_well_known(std::string_view key) const { return well_known_.contains(key); }

  // May neither be set by users nor required by pods. Well-known keys are not restricted (API-129).
  bool is_restricted(std::string_view key) const;
  // nullptr: any value is accepted.
  const KeySet* allowed_values(std::string_view key) const;

  const KeySet& well_known() const { return well_known_; }

  const KeySet& restricted_domains() const { return restricted_domains_; }

  // Resources that a NodeOverlay may not set (API-131).
  const KeySet& well_known_resources() const { return resources_; }

  const std::string& reservation_id_key() const { return reservation_id_key_; }

  const std::vector<std::string>& reservation_keys() const { return reservation_keys_; }

 private:
  KeySet well_known_;
  KeySet restricted_domains_;
  KeySet restricted_keys_;
  KeySet resources_;
  Aliases key_aliases_;
  std::map<std::string, Aliases, std::less<>> value_aliases_;
  std::map<std::string, KeySet, std::less<>> allowed_values_;
  std::string reservation_id_key_;
  std::vector<std::string> reservation_keys_;
};

}  // namespace cloud
