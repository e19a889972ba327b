#include "sim/cloud/account.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/assert.h"
#include "sim/cloud/account_document.h"
#include "sim/cloud/alias_images.h"

namespace sim {

namespace {

using k8s::ResourceSelectorTerm;

// The embedded account's images are all of this age: 2025-10-01.
constexpr std::int64_t kImageCreated = 1'759'276'800;

bool tags_match(const k8s::StringMap& wanted, const k8s::StringMap& tags) {
  return std::ranges::all_of(wanted, [&](const auto& tag) {
    const auto found = tags.find(tag.first);
    return found != tags.end() && (tag.second == "*" || tag.second == found->second);
  });
}

// EC2 filters know `*` and `?`.
bool glob_match(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) {
    return text.empty();
  }
  if (pattern.front() == '*') {
    return glob_match(pattern.substr(1), text) ||
           (!text.empty() && glob_match(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern.front() == '?' || pattern.front() == text.front()) &&
         glob_match(pattern.substr(1), text.substr(1));
}

template <typename Thing>
bool term_matches(const ResourceSelectorTerm& term, const Thing& thing) {
  if (!term.id.empty()) {
    return term.id == thing.id;
  }
  if (!term.name.empty() && !glob_match(term.name, thing.name)) {
    return false;
  }
  return tags_match(term.tags, thing.tags);
}

// What a selector term asks for, for notes.
std::string describe(const ResourceSelectorTerm& term) {
  std::vector<std::string> parts;
  for (const auto& [part, value] : {std::pair{"id", &term.id},
                                    std::pair{"name", &term.name},
                                    std::pair{"owner", &term.owner},
                                    std::pair{"ssmParameter", &term.ssm_parameter}}) {
    if (!value->empty()) {
      parts.push_back(fmt::format("{} {}", part, *value));
    }
  }
  for (const auto& [key, value] : term.tags) {
    parts.push_back(fmt::format("tag {}={}", key, value));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Tags that satisfy the term: a wildcard becomes a word.
k8s::StringMap made_tags(const ResourceSelectorTerm& term) {
  k8s::StringMap tags;
  for (const auto& [key, value] : term.tags) {
    tags.emplace(key, value == "*" ? "any" : value);
  }
  return tags;
}

std::string made_name(const ResourceSelectorTerm& term, std::string_view fallback) {
  std::string name = term.name.empty() ? std::string(fallback) : term.name;
  std::ranges::replace(name, '*', 'x');
  std::ranges::replace(name, '?', 'x');
  return name;
}

// Which architectures an image of this name would have: what the name says, else both.
std::vector<std::string> architectures_of(const ResourceSelectorTerm& term) {
  if (!term.id.empty() || !term.ssm_parameter.empty()) {
    return {"amd64"};
  }
  if (term.name.contains("arm64") || term.name.contains("aarch64")) {
    return {"arm64"};
  }
  if (term.name.contains("amd64") || term.name.contains("x86_64")) {
    return {"amd64"};
  }
  return {"amd64", "arm64"};
}

bool owner_matches(const ResourceSelectorTerm& term, const AccountImage& image) {
  return term.owner.empty() || term.owner == image.owner ||
         (term.owner == "self" && image.owner != "amazon");
}

bool image_matches(const ResourceSelectorTerm& term, const AccountImage& image) {
  if (!term.id.empty()) {
    return term.id == image.id;
  }
  if (!term.ssm_parameter.empty()) {
    const auto found = image.tags.find("ssm-parameter");
    return found != image.tags.end() && found->second == term.ssm_parameter;
  }
  return owner_matches(term, image) && term_matches(term, image);
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return hash;
}

}  // namespace

Account Account::built_in(std::string_view region, const std::vector<ZoneName>& zones) {
  base::Result<Account> account = parse(kBuiltInAccount, "built-in account", region, zones);
  ASSERT(account.has_value());
  return *std::move(account);
}

base::Result<Account> Account::parse(std::string_view yaml,
                                     std::string_view origin,
                                     std::string_view region,
                                     const std::vector<ZoneName>& zones) {
  const AccountDocument document = TRY(parse_account_document(yaml, origin));
  Account account;
  account.region_ = region;
  account.number_ = document.account;
  account.cluster_ = document.cluster;
  account.zones_ = zones;
  for (const SubnetDeclaration& declared : document.subnets) {
    for (const ZoneName& zone : zones) {
      if (declared.zone != "*" && declared.zone != zone.name) {
        continue;
      }
      const std::string name = fmt::format("{}-{}", declared.name, zone.name);
      account.subnets_.push_back({.id = account.new_id("subnet", name),
                                  .name = name,
                                  .zone = zone.name,
                                  .zone_id = zone.id,
                                  .free_addresses = declared.free_addresses,
                                  .tags = declared.tags});
    }
  }
  for (const NamedDeclaration& declared : document.security_groups) {
    account.groups_.push_back(
        {.id = account.new_id("sg", declared.name), .name = declared.name, .tags = declared.tags});
  }
  for (const NamedDeclaration& declared : document.images) {
    account.images_.push_back({.id = account.new_id("ami", declared.name),
                               .name = declared.name,
                               .architecture = declared.architecture,
                               .owner = declared.owner.empty() ? account.number_ : declared.owner,
                               .created = kImageCreated,
                               .tags = declared.tags});
  }
  return account;
}

base::Result<cloud::ResolvedNodeClass> Account::resolve(const k8s::EC2NodeClass& node_class) {
  cloud::ResolvedNodeClass answer;
  TRY_VOID(resolve_images(node_class, answer));
  resolve_subnets(node_class, answer);
  resolve_groups(node_class, answer);
  if (!node_class.instance_profile.empty()) {
    answer.instance_profile = node_class.instance_profile;  // AWN-20
  } else {
    // AWN-70 asks for any unique number; derived from the class, so that a restart finds the same.
    const std::string seed = fmt::format(
        "{}{}{}{}", region_, node_class.meta.name, node_class.meta.uid, node_class.role);
    answer.instance_profile = fmt::format("{}_{}", cluster_, fnv1a(seed));
  }
  return answer;
}

bool Account::has_subnet_in(std::string_view zone) const {
  return std::ranges::any_of(subnets_, [&](const auto& subnet) { return subnet.zone == zone; });
}

void Account::resolve_subnets(const k8s::EC2NodeClass& node_class,
                              cloud::ResolvedNodeClass& answer) {
  for (const ResourceSelectorTerm& term : node_class.subnet_terms) {
    if (std::ranges::none_of(subnets_, [&](const auto& s) { return term_matches(term, s); })) {
      make_subnets(term, answer.notes);
    }
  }
  std::vector<const AccountSubnet*> found;
  for (const AccountSubnet& subnet : subnets_) {
    if (std::ranges::any_of(node_class.subnet_terms,
                            [&](const auto& term) { return term_matches(term, subnet); })) {
      found.push_back(&subnet);
    }
  }
  // AWN-18
  std::ranges::sort(found, [](const auto* a, const auto* b) {
    return a->free_addresses != b->free_addresses ? a->free_addresses > b->free_addresses
                                                  : a->id < b->id;
  });
  for (const AccountSubnet* subnet : found) {
    answer.subnets.push_back({.id = subnet->id, .zone = subnet->zone, .zone_id = subnet->zone_id});
  }
}

void Account::resolve_groups(const k8s::EC2NodeClass& node_class,
                             cloud::ResolvedNodeClass& answer) {
  for (const ResourceSelectorTerm& term : node_class.security_group_terms) {
    if (std::ranges::none_of(groups_, [&](const auto& g) { return term_matches(term, g); })) {
      make_group(term, answer.notes);
    }
  }
  for (const AccountSecurityGroup& group : groups_) {
    if (std::ranges::any_of(node_class.security_group_terms,
                            [&](const auto& term) { return term_matches(term, group); })) {
      answer.security_groups.push_back({.id = group.id, .name = group.name});
    }
  }
  std::ranges::sort(answer.security_groups, {}, &cloud::ResolvedSecurityGroup::id);  // AWN-19
}

base::Result<void> Account::resolve_images(const k8s::EC2NodeClass& node_class,
                                           cloud::ResolvedNodeClass& answer) {
  for (const ResourceSelectorTerm& term : node_class.ami_terms) {
    if (!term.alias.empty()) {  // AWN-39: then the other terms do not count.
      answer.images =
          TRY(alias_images(term.alias, [this](std::string_view prefix, std::string_view name) {
            return new_id(prefix,
                          image_release_ == 0 ? std::string(name)
                                              : fmt::format("{}/{}", name, image_release_));
          }));
      return {};
    }
  }
  for (const ResourceSelectorTerm& term : node_class.ami_terms) {
    if (std::ranges::none_of(images_, [&](const auto& i) { return image_matches(term, i); })) {
      make_images(term, answer.notes);
    }
  }
  std::vector<const AccountImage*> found;
  for (const AccountImage& image : images_) {
    if (std::ranges::any_of(node_class.ami_terms,
                            [&](const auto& term) { return image_matches(term, image); })) {
      found.push_back(&image);
    }
  }
  // AWN-50: one per architecture survives, the newer, then the larger name. AWN-45: newest first.
  std::ranges::sort(found, [](const auto* a, const auto* b) {
    return std::pair(a->created, a->name) > std::pair(b->created, b->name);
  });
  std::set<std::string, std::less<>> seen;
  for (const AccountImage* image : found) {
    if (seen.insert(image->architecture).second) {
      answer.images.push_back({.id = image->id,
                               .name = image->name,
                               .requirements = {{.key = "kubernetes.io/arch",
                                                 .op = "In",
                                                 .values = {image->architecture},
                                                 .min_values = {}}},
                               .deprecated = false});
    }
  }
  return {};
}

void Account::make_subnets(const ResourceSelectorTerm& term, Notes& notes) {
  const std::size_t count =
      term.id.empty() ? zones_.size() : std::min<std::size_t>(1, zones_.size());
  for (std::size_t i = 0; i < count; ++i) {
    // A subnet asked for by id is in one zone; which one follows from the id.
    const ZoneName& zone = term.id.empty() ? zones_[i] : zones_[fnv1a(term.id) % zones_.size()];
    const std::string name = fmt::format("made-{}-{}", describe(term), zone.name);
    subnets_.push_back({.id = term.id.empty() ? new_id("subnet", name) : term.id,
                        .name = made_name(term, name),
                        .zone = zone.name,
                        .zone_id = zone.id,
                        .free_addresses = 4091,
                        .tags = made_tags(term)});
  }
  notes.push_back(fmt::format("no subnet of the embedded account had {}: made {} ({})",
                              describe(term),
                              count == 1 ? "one" : fmt::format("{}", count),
                              count == 1 ? subnets_.back().zone : "one in every zone"));
}

void Account::make_group(const ResourceSelectorTerm& term, Notes& notes) {
  const std::string name = made_name(term, fmt::format("made-{}", describe(term)));
  groups_.push_back({.id = term.id.empty() ? new_id("sg", name) : term.id,
                     .name = name,
                     .tags = made_tags(term)});
  notes.push_back(
      fmt::format("no security group of the embedded account had {}: made one", describe(term)));
}

void Account::make_images(const ResourceSelectorTerm& term, Notes& notes) {
  const std::vector<std::string> architectures = architectures_of(term);
  for (const std::string& architecture : architectures) {
    const std::string name =
        made_name(term, fmt::format("made-{}-{}", describe(term), architecture));
    k8s::StringMap tags = made_tags(term);
    if (!term.ssm_parameter.empty()) {
      tags.emplace("ssm-parameter", term.ssm_parameter);
    }
    const bool shared = term.owner.empty() || term.owner == "self";
    images_.push_back({.id = term.id.empty() ? new_id("ami", name + architecture) : term.id,
                       .name = name,
                       .architecture = architecture,
                       .owner = shared ? number_ : term.owner,
                       .created = kImageCreated,
                       .tags = std::move(tags)});
  }
  notes.push_back(fmt::format("no image of the embedded account had {}: made one for {}",
                              describe(term),
                              fmt::join(architectures, " and ")));
}

std::string Account::new_id(std::string_view prefix, std::string_view name) const {
  const std::uint64_t hash = fnv1a(fmt::format("{}/{}/{}/{}", number_, region_, prefix, name));
  return fmt::format("{}-0{:016x}", prefix, hash);
}

}  // namespace sim
