#include "cloud/label_schema.h"

#include <utility>

namespace cloud {

LabelSchema LabelSchema::core() {
  LabelSchema schema;
  for (const std::string_view key : {label::kNodePool,
                                     label::kZone,
                                     label::kRegion,
                                     label::kInstanceType,
                                     label::kArch,
                                     label::kOs,
                                     label::kCapacityType,
                                     label::kWindowsBuild}) {
    schema.add_well_known(key);
  }
  schema.restricted_keys_.emplace(label::kHostname);
  schema.add_restricted_domain("karpenter.sh");
  schema.add_key_alias("failure-domain.beta.kubernetes.io/zone", label::kZone);
  schema.add_key_alias("failure-domain.beta.kubernetes.io/region", label::kRegion);
  schema.add_key_alias("beta.kubernetes.io/arch", label::kArch);
  schema.add_key_alias("beta.kubernetes.io/os", label::kOs);
  schema.add_key_alias("beta.kubernetes.io/instance-type", label::kInstanceType);
  for (const std::string_view resource : {"cpu", "memory", "ephemeral-storage", "pods"}) {
    schema.add_well_known_resource(resource);
  }
  return schema;
}

void LabelSchema::add_key_alias(std::string_view alias, std::string_view key) {
  key_aliases_.insert_or_assign(std::string(alias), std::string(key));
}

void LabelSchema::add_value_alias(std::string_view key,
                                  std::string_view alias,
                                  std::string_view value) {
  value_aliases_[std::string(key)].insert_or_assign(std::string(alias), std::string(value));
}

void LabelSchema::add_allowed_value(std::string_view key, std::string_view value) {
  allowed_values_[std::string(key)].emplace(value);
}

void LabelSchema::set_reservation_labels(std::string_view id_key, std::vector<std::string> keys) {
  reservation_id_key_ = id_key;
  reservation_keys_ = std::move(keys);
}

std::string_view LabelSchema::canonical_key(std::string_view key) const {
  const auto alias = key_aliases_.find(key);
  return alias == key_aliases_.end() ? key : std::string_view(alias->second);
}

std::string_view LabelSchema::canonical_value(std::string_view key, std::string_view value) const {
  const auto aliases = value_aliases_.find(key);
  if (aliases == value_aliases_.end()) {
    return value;
  }
  const auto alias = aliases->second.find(value);
  return alias == aliases->second.end() ? value : std::string_view(alias->second);
}

bool LabelSchema::is_restricted(std::string_view key) const {
  if (is_well_known(key)) {
    return false;
  }
  if (restricted_keys_.contains(key)) {
    return true;
  }
  const std::size_t slash = key.find('/');
  const std::string_view domain =
      slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
  for (const std::string& restricted : restricted_domains_) {
    if (!domain.ends_with(restricted)) {
      continue;
    }
    // "notkarpenter.sh" is somebody else's domain, "x.karpenter.sh" is not (API-129).
    const std::size_t rest = domain.size() - restricted.size();
    if (rest == 0 || domain[rest - 1] == '.') {
      return true;
    }
  }
  return false;
}

const LabelSchema::KeySet* LabelSchema::allowed_values(std::string_view key) const {
  const auto values = allowed_values_.find(key);
  return values == allowed_values_.end() ? nullptr : &values->second;
}

}  // namespace cloud
