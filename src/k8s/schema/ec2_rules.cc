#include "k8s/schema/ec2_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include "k8s/schema/json_access.h"

namespace k8s::schema {
namespace {

using Names = std::vector<std::string>;

bool has_any(const value& term, const Names& names) {
  return std::any_of(names.begin(), names.end(), [&](const auto& name) { return has(term, name); });
}

// "has(t.a) || has(t.b)"
std::string any_of_text(const Names& names) {
  std::string out;
  for (const std::string& name : names) {
    out += out.empty() ? "" : " || ";
    out += "has(t." + name + ")";
  }
  return out;
}

std::string quoted_list(const Names& names) {
  std::string out;
  for (const std::string& name : names) {
    out += out.empty() ? "'" : ", '";
    out += name;
    out += '\'';
  }
  return out;
}

Schema need_one_of(Schema terms, Names names) {
  const std::string expression = "self.all(t, " + any_of_text(names) + ")";
  const std::string message = "expected at least one, got none, [" + quoted_list(names) + "]";
  return std::move(terms).rule(expression, message, [names](const value& self, const value*) {
    const auto& items = items_of(&self);
    return std::all_of(
        items.begin(), items.end(), [&](const value& term) { return has_any(term, names); });
  });
}

Schema need_terms(Schema terms, const std::string& field) {
  return std::move(terms).rule(
      "size(self) > 0", field + " cannot be empty", [](const value& self, const value*) {
        return !items_of(&self).empty();
      });
}

// API-81: refused only when every term breaks it; kept so for compatibility.
Schema not_all_mix(Schema terms, std::string field, Names others, std::string message) {
  const std::string expression =
      "size(self) == 0 || !self.all(t, has(t." + field + ") && (" + any_of_text(others) + "))";
  return std::move(terms).rule(
      expression, std::move(message), [field, others](const value& self, const value*) {
        const auto& items = items_of(&self);
        return items.empty() || !std::all_of(items.begin(), items.end(), [&](const value& term) {
                 return has(term, field) && has_any(term, others);
               });
      });
}

Schema none_mixes(Schema terms, std::string field, Names others, std::string message) {
  const std::string expression =
      "!self.exists(t, has(t." + field + ") && (" + any_of_text(others) + "))";
  return std::move(terms).rule(
      expression, std::move(message), [field, others](const value& self, const value*) {
        const auto& items = items_of(&self);
        return std::none_of(items.begin(), items.end(), [&](const value& term) {
          return has(term, field) && has_any(term, others);
        });
      });
}

std::string_view alias_family(std::string_view alias) {
  return alias.substr(0, alias.find('@'));
}

struct Family {
  std::string_view alias;
  std::string_view name;
  std::string_view article;
};

constexpr std::array<Family, 6> kFamilies{{
    {"al2", "AL2", "an"},
    {"al2023", "AL2023", "an"},
    {"bottlerocket", "Bottlerocket", "a"},
    {"windows2019", "Windows2019", "a"},
    {"windows2022", "Windows2022", "a"},
    {"windows2025", "Windows2025", "a"},
}};

bool is_well_formed_alias(const value& self, const value*) {
  static const re2::RE2 kAlias("^[a-zA-Z0-9]+@.+$");
  return re2::RE2::PartialMatch(text_of(self), kAlias);
}

bool has_known_family(const value& self, const value*) {
  return std::any_of(kFamilies.begin(), kFamilies.end(), [&](const Family& family) {
    return family.alias == alias_family(text_of(self));
  });
}

bool is_latest_if_windows(const value& self, const value*) {
  const std::string_view alias = text_of(self);
  return !alias.starts_with("windows") || alias.substr(alias_family(alias).size()) == "@latest";
}

Schema with_family_rule(Schema spec, const Family& family) {
  const std::string alias(family.alias);
  const std::string name(family.name);
  return std::move(spec).rule(
      "!has(self.amiFamily) || self.amiFamily in ['" + name + "', 'Custom'] || " +
          "!self.amiSelectorTerms.exists(t, has(t.alias) && t.alias.split('@')[0] == '" + alias +
          "')",
      "if set, amiFamily must be '" + name + "' or 'Custom' when using " +
          std::string(family.article) + " " + name + " alias",
      [family](const value& self, const value*) {
        const std::string_view given = text_at(self, "amiFamily");
        const auto& terms = items_at(self, "amiSelectorTerms");
        return given.empty() || given == family.name || given == "Custom" ||
               std::none_of(terms.begin(), terms.end(), [&](const value& term) {
                 return alias_family(text_at(term, "alias")) == family.alias;
               });
      });
}

Schema forbid_tag(Schema tags, const std::string& key, bool is_prefix) {
  const std::string test = is_prefix ? "k.startsWith('" + key + "')" : "k == '" + key + "'";
  return std::move(tags).rule(
      "self.all(k, !(" + test + "))",
      "tag contains a restricted tag matching " + key + (is_prefix ? "/" : ""),
      [key, is_prefix](const value& self, const value*) {
        const auto& fields = fields_of(&self);
        return std::none_of(fields.begin(), fields.end(), [&](const auto& field) {
          const std::string_view name(field.key());
          return is_prefix ? name.starts_with(key) : name == key;
        });
      });
}

bool has_primary_interface(const value& self, const value*) {
  const auto& items = items_of(&self);
  return items.empty() || std::any_of(items.begin(), items.end(), [](const value& item) {
           return integer_at(item, "deviceIndex") == 0 &&
                  integer_at(item, "networkCardIndex") == 0 &&
                  text_at(item, "interfaceType") == "interface";
         });
}

bool has_distinct_interfaces(const value& self, const value*) {
  std::set<std::pair<std::int64_t, std::int64_t>> places;
  std::set<std::int64_t> cards_with_efa;
  for (const value& item : items_of(&self)) {
    const std::int64_t card = integer_at(item, "networkCardIndex").value_or(0);
    const bool is_new = places.insert({card, integer_at(item, "deviceIndex").value_or(0)}).second;
    const bool is_efa = text_at(item, "interfaceType") == "efa-only";
    if (!is_new || (is_efa && !cards_with_efa.insert(card).second)) {
      return false;
    }
  }
  return true;
}

bool has_one_root_volume(const value& self, const value*) {
  const auto& items = items_of(&self);
  return std::count_if(items.begin(), items.end(), [](const value& item) {
           return true_at(item, "rootVolume");
         }) <= 1;
}

}  // namespace

Predicate is_not_empty() {
  return [](const value& self, const value*) { return !text_of(self).empty(); };
}

// API-82
Schema with_selector_tag_rules(Schema tags) {
  return std::move(tags).rule("self.all(k, k != '' && self[k] != '')",
                              "empty tag keys or values aren't supported",
                              [](const value& self, const value*) {
                                for (const auto& field : fields_of(&self)) {
                                  if (field.key().empty() || text_of(field.value()).empty()) {
                                    return false;
                                  }
                                }
                                return true;
                              });
}

// API-78
Schema with_subnet_rules(Schema terms) {
  terms = need_one_of(need_terms(std::move(terms), "subnetSelectorTerms"), {"tags", "id"});
  return not_all_mix(std::move(terms),
                     "id",
                     {"tags"},
                     "'id' is mutually exclusive, cannot be set with a combination of other fields "
                     "in a subnet selector term");
}

// API-79
Schema with_security_group_rules(Schema terms) {
  const std::string tail =
      " is mutually exclusive, cannot be set with a combination of other fields in a security "
      "group selector term";
  terms = need_one_of(need_terms(std::move(terms), "securityGroupSelectorTerms"),
                      {"tags", "id", "name"});
  terms = not_all_mix(std::move(terms), "id", {"tags", "name"}, "'id'" + tail);
  return not_all_mix(std::move(terms), "name", {"tags", "id"}, "'name'" + tail);
}

// API-80
Schema with_capacity_reservation_rules(Schema terms) {
  terms = need_one_of(std::move(terms), {"tags", "id", "instanceMatchCriteria"});
  return not_all_mix(std::move(terms),
                     "id",
                     {"tags", "ownerID", "instanceMatchCriteria"},
                     "'id' is mutually exclusive, cannot be set along with other fields in a "
                     "capacity reservation selector term");
}

// API-85
Schema with_alias_rules(Schema alias) {
  return std::move(alias)
      .rule("self.matches('^[a-zA-Z0-9]+@.+$')",
            "'alias' is improperly formatted, must match the format 'family@version'",
            is_well_formed_alias)
      .rule(
          "self.split('@')[0] in ['al2', 'al2023', 'bottlerocket', 'windows2019', "
          "'windows2022', 'windows2025']",
          "family is not supported, must be one of the following: 'al2', 'al2023', "
          "'bottlerocket', 'windows2019', 'windows2022', 'windows2025'",
          has_known_family)
      .rule("!self.startsWith('windows') || self.split('@', 2)[1] == 'latest'",
            "windows families may only specify version 'latest'",
            is_latest_if_windows);
}

// API-84
Schema with_ami_rules(Schema terms) {
  const std::string tail =
      " is mutually exclusive, cannot be set with a combination of other fields in "
      "amiSelectorTerms";
  terms = need_one_of(std::move(terms), {"tags", "id", "name", "alias", "ssmParameter"});
  terms = none_mixes(std::move(terms), "id", {"alias", "tags", "name", "owner"}, "'id'" + tail);
  terms = none_mixes(std::move(terms), "alias", {"id", "tags", "name", "owner"}, "'alias'" + tail);
  return std::move(terms).rule(
      "size(self) == 1 || !self.exists(t, has(t.alias))",
      "'alias' is mutually exclusive, cannot be set with a combination of other amiSelectorTerms",
      [](const value& self, const value*) {
        const auto& items = items_of(&self);
        return items.size() == 1 || std::none_of(items.begin(), items.end(), [](const value& term) {
                 return has(term, "alias");
               });
      });
}

// API-83
Schema with_placement_group_rules(Schema selector) {
  return std::move(selector)
      .rule("has(self.name) || has(self.id)",
            "expected at least one, got none, ['name', 'id']",
            [](const value& self, const value*) { return has_any(self, {"name", "id"}); })
      .rule("!(has(self.name) && has(self.id))",
            "'name' and 'id' are mutually exclusive",
            [](const value& self, const value*) { return !has(self, "name") || !has(self, "id"); });
}

// API-89
Schema with_tag_rules(Schema tags) {
  tags = std::move(tags).rule(
      "self.all(k, k != '')",
      "empty tag keys aren't supported",
      [](const value& self, const value*) { return !fields_of(&self).contains(""); });
  tags = forbid_tag(std::move(tags), "eks:eks-cluster-name", false);
  tags = forbid_tag(std::move(tags), "kubernetes.io/cluster", true);
  tags = forbid_tag(std::move(tags), "karpenter.sh/nodepool", false);
  tags = forbid_tag(std::move(tags), "karpenter.sh/nodeclaim", false);
  return forbid_tag(std::move(tags), "karpenter.k8s.aws/ec2nodeclass", false);
}

// API-90
Schema with_ebs_rules(Schema ebs) {
  return std::move(ebs)
      .rule("has(self.snapshotID) || has(self.volumeSize)",
            "snapshotID or volumeSize must be defined",
            [](const value& self, const value*) {
              return has_any(self, {"snapshotID", "volumeSize"});
            })
      .rule(
          "!has(self.volumeInitializationRate) || (has(self.snapshotID) && self.snapshotID != "
          "'')",
          "snapshotID must be set when volumeInitializationRate is set",
          [](const value& self, const value*) {
            return !has(self, "volumeInitializationRate") || !text_at(self, "snapshotID").empty();
          });
}

// API-90
Schema with_block_device_rules(Schema mappings) {
  return std::move(mappings).rule("self.filter(m, has(m.rootVolume) && m.rootVolume).size() <= 1",
                                  "must have only one blockDeviceMappings with rootVolume",
                                  has_one_root_volume);
}

// API-92
Schema with_network_interface_rules(Schema interfaces) {
  return std::move(interfaces)
      .rule(
          "size(self) == 0 || self.exists(i, i.deviceIndex == 0 && i.networkCardIndex == 0 && "
          "i.interfaceType == 'interface')",
          "networkInterfaces must include a primary interface with interfaceType='interface'",
          has_primary_interface)
      .rule(
          "self.all(i, self.filter(j, j.networkCardIndex == i.networkCardIndex && "
          "j.deviceIndex == i.deviceIndex).size() == 1 && (i.interfaceType != 'efa-only' || "
          "self.filter(j, j.interfaceType == 'efa-only' && j.networkCardIndex == "
          "i.networkCardIndex).size() == 1))",
          "networkInterfaces must not have duplicate networkCardIndex and deviceIndex pairs, and "
          "can have at most one efa device per network card",
          has_distinct_interfaces);
}

// API-93
Schema with_connection_tracking_rules(Schema tracking) {
  return std::move(tracking).rule(
      "has(self.tcpEstablishedTimeout) || has(self.udpStreamTimeout) || has(self.udpTimeout)",
      "at least one of tcpEstablishedTimeout, udpStreamTimeout, or udpTimeout must be set",
      [](const value& self, const value*) {
        return has_any(self, {"tcpEstablishedTimeout", "udpStreamTimeout", "udpTimeout"});
      });
}

Schema with_spec_rules(Schema spec) {
  spec = std::move(spec)
             .rule("has(self.role) != has(self.instanceProfile)",
                   "must specify exactly one of ['role', 'instanceProfile']",
                   [](const value& self, const value*) {
                     return has(self, "role") != has(self, "instanceProfile");
                   })  // API-86
             .rule("has(self.amiFamily) || self.amiSelectorTerms.exists(t, has(t.alias))",
                   "must specify amiFamily if amiSelectorTerms does not contain an alias",
                   [](const value& self, const value*) {
                     const auto& terms = items_at(self, "amiSelectorTerms");
                     return has(self, "amiFamily") ||
                            std::any_of(terms.begin(), terms.end(), [](const value& term) {
                              return has(term, "alias");
                            });
                   });  // API-88
  for (const Family& family : kFamilies) {
    spec = with_family_rule(std::move(spec), family);  // API-87
  }
  return spec;
}

}  // namespace k8s::schema
