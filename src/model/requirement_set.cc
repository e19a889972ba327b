#include "model/requirement_set.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace model {
namespace {

template <typename Id>
std::uint64_t pair_key(Id a, Id b) {
  return std::uint64_t{a.value()} << 32 | b.value();
}

void append_bytes(std::string& out, const void* data, std::size_t size) {
  out.append(static_cast<const char*>(data), size);
}

void append_optional(std::string& out, std::optional<std::int64_t> number) {
  out.push_back(number ? '1' : '0');
  if (number) {
    append_bytes(out, &*number, sizeof *number);
  }
}

// Equal bytes, equal requirement.
std::string fingerprint(const Requirement& requirement) {
  std::string bytes;
  const std::uint32_t key = requirement.key.value();
  append_bytes(bytes, &key, sizeof key);
  bytes.push_back(requirement.complement ? 'c' : 'l');
  bytes.push_back(requirement.must_exist ? '!' : ' ');
  append_optional(bytes, requirement.gte);
  append_optional(bytes, requirement.lte);
  append_optional(bytes, requirement.min_values);
  for (const Symbol value : requirement.values) {
    const std::uint32_t number = value.value();
    append_bytes(bytes, &number, sizeof number);
  }
  return bytes;
}

// SCH-25: the part after the first slash, or all of it.
std::string_view name_part(std::string_view key) {
  const std::size_t slash = key.find('/');
  return slash == std::string_view::npos ? key : key.substr(slash + 1);
}

}  // namespace

ReqId RequirementTable::intern(Requirement requirement) {
  const auto [it, is_new] = ids_.try_emplace(fingerprint(requirement), ReqId(requirements_.size()));
  if (is_new) {
    requirements_.push_back(std::move(requirement));
  }
  return it->second;
}

ReqId RequirementTable::intersect(ReqId a, ReqId b) {
  if (a == b) {
    return a;
  }
  const std::uint64_t key = pair_key(std::min(a, b), std::max(a, b));
  if (const auto it = intersections_.find(key); it != intersections_.end()) {
    return it->second;
  }
  const ReqId result =
      intern(intersection(words_, requirements_[a.index()], requirements_[b.index()]));
  intersections_.emplace(key, result);
  return result;
}

bool RequirementTable::agree(ReqId a, ReqId b) {
  if (requirements_[a.index()].allows_absence() && requirements_[b.index()].allows_absence()) {
    return true;
  }
  return !requirements_[intersect(a, b).index()].is_none();
}

SetTable::SetTable(Vocabulary& words, const cloud::LabelSchema& schema)
    : schema_(schema), requirements_(words) {
  intern({});
}

SetId SetTable::intern(Members members) {
  std::string bytes(reinterpret_cast<const char*>(members.data()), members.size() * sizeof(ReqId));
  const auto [it, is_new] = ids_.try_emplace(std::move(bytes), SetId(sets_.size()));
  if (is_new) {
    has_min_values_.push_back(std::ranges::any_of(
        members, [&](ReqId id) { return requirements_[id].min_values.has_value(); }));
    is_impossible_.push_back(
        std::ranges::any_of(members, [&](ReqId id) { return requirements_[id].is_impossible(); }));
    sets_.push_back(std::move(members));
  }
  return it->second;
}

SetId SetTable::make(std::span<const Requirement> requirements) {
  Members members;
  members.reserve(requirements.size());
  for (const Requirement& requirement : requirements) {
    members.push_back(requirements_.intern(requirement));
  }
  const auto key_of = [&](ReqId id) { return requirements_[id].key; };
  std::ranges::stable_sort(members, {}, key_of);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (kept > 0 && key_of(members[kept - 1]) == key_of(members[i])) {
      members[kept - 1] = requirements_.intersect(members[kept - 1], members[i]);
    } else {
      members[kept++] = members[i];
    }
  }
  members.resize(kept);
  return intern(std::move(members));
}

SetId SetTable::add(SetId set, const Requirement& requirement) {
  return merge(set, intern({requirements_.intern(requirement)}));
}

SetId SetTable::replace(SetId set, const Requirement& requirement) {
  return add(remove(set, requirement.key), requirement);
}

SetId SetTable::remove(SetId set, Symbol key) {
  Members members = sets_[set.index()];
  std::erase_if(members, [&](ReqId id) { return requirements_[id].key == key; });
  return intern(std::move(members));
}

ReqId SetTable::find(SetId set, Symbol key) const {
  for (const ReqId id : sets_[set.index()]) {
    if (requirements_[id].key == key) {
      return id;
    }
  }
  return ReqId();
}

const Requirement* SetTable::get(SetId set, Symbol key) const {
  const ReqId id = find(set, key);
  return id.is_valid() ? &requirements_[id] : nullptr;
}

SetId SetTable::combine(SetId set, SetId incoming, Undefined undefined) {
  if (incoming == empty()) {
    return set;
  }
  auto& remembered = combinations_[static_cast<std::size_t>(undefined)];
  const std::uint64_t key = pair_key(set, incoming);
  if (const auto it = remembered.find(key); it != remembered.end()) {
    return it->second;
  }
  const SetId result = is_compatible(set, incoming, undefined) ? merge(set, incoming) : SetId();
  remembered.emplace(key, result);
  return result;
}

bool SetTable::is_compatible(SetId set, SetId incoming, Undefined undefined) {
  return !unknown_key(set, incoming, undefined) && intersects(set, incoming);
}

std::optional<Symbol> SetTable::unknown_key(SetId set, SetId incoming, Undefined undefined) {
  for (const ReqId id : sets_[incoming.index()]) {
    const Requirement& requirement = requirements_[id];
    const bool may_be_unknown =
        requirement.allows_absence() || find(set, requirement.key).is_valid() ||
        (undefined == Undefined::kWellKnown && is_well_known(requirement.key));
    if (!may_be_unknown) {
      return requirement.key;
    }
  }
  return std::nullopt;
}

bool SetTable::intersects(SetId a, SetId b) {
  const std::uint64_t key = pair_key(a, b);
  if (const auto it = intersects_.find(key); it != intersects_.end()) {
    return it->second;
  }
  bool result = !is_impossible(a) && !is_impossible(b);
  const Members incoming = sets_[b.index()];
  for (const ReqId id : incoming) {
    const ReqId mine = find(a, requirements_[id].key);
    if (mine.is_valid() && !requirements_.agree(mine, id)) {
      result = false;
      break;
    }
  }
  intersects_.emplace(key, result);
  return result;
}

SetId SetTable::merge(SetId a, SetId b) {
  if (a == b || b == empty()) {
    return a;
  }
  if (a == empty()) {
    return b;
  }
  const std::uint64_t key = pair_key(a, b);
  if (const auto it = merges_.find(key); it != merges_.end()) {
    return it->second;
  }
  Members members;
  const auto key_of = [&](ReqId id) { return requirements_[id].key; };
  auto left = sets_[a.index()].begin();
  auto right = sets_[b.index()].begin();
  const auto left_end = sets_[a.index()].end();
  const auto right_end = sets_[b.index()].end();
  while (left != left_end || right != right_end) {
    if (right == right_end || (left != left_end && key_of(*left) < key_of(*right))) {
      members.push_back(*left++);
    } else if (left == left_end || key_of(*right) < key_of(*left)) {
      members.push_back(*right++);
    } else {
      members.push_back(requirements_.intersect(*left++, *right++));
    }
  }
  const SetId result = intern(std::move(members));
  merges_.emplace(key, result);
  return result;
}

bool SetTable::is_well_known(Symbol key) {
  if (key.index() >= well_known_.size()) {
    well_known_.resize(words().size(), 0);
  }
  std::uint8_t& flag = well_known_[key.index()];
  if (flag == 0) {
    flag = schema_.is_well_known(words().text(key)) ? 2 : 1;
  }
  return flag == 2;
}

std::string SetTable::why_incompatible(SetId set, SetId incoming, Undefined undefined) {
  if (const auto key = unknown_key(set, incoming, undefined)) {
    const std::string_view name = words().text(*key);
    return base::concat(
        "label \"", name, "\" does not have known values", typo_hint(set, name, undefined));
  }
  std::vector<std::string> lines;
  for (const ReqId id : sets_[incoming.index()]) {
    const ReqId mine = find(set, requirements_[id].key);
    if (requirements_[id].is_impossible() && !mine.is_valid()) {
      lines.push_back(
          base::concat("key ", words().text(requirements_[id].key), ", contradicts itself"));
    } else if (mine.is_valid() && !requirements_.agree(mine, id)) {
      lines.push_back(base::concat("key ",
                                   words().text(requirements_[id].key),
                                   ", ",
                                   model::text(words(), requirements_[id]),
                                   " not in ",
                                   model::text(words(), requirements_[mine])));
    }
  }
  std::ranges::sort(lines);
  return base::join(lines, "; ");
}

std::string SetTable::typo_hint(SetId set, std::string_view key, Undefined undefined) const {
  const auto matches = [&](std::string_view label) {
    return label.find(key) != std::string_view::npos || label.ends_with(name_part(key));
  };
  const auto hint = [](std::string_view label) {
    return base::concat(" (typo of \"", label, "\"?)");
  };
  if (undefined == Undefined::kWellKnown) {
    for (const std::string& label : schema_.well_known()) {
      if (matches(label)) {
        return hint(label);
      }
    }
  }
  std::vector<std::string_view> keys;
  for (const ReqId id : sets_[set.index()]) {
    keys.push_back(words().text(requirements_[id].key));
  }
  std::ranges::sort(keys);
  const auto found = std::ranges::find_if(keys, matches);
  return found == keys.end() ? std::string() : hint(*found);
}

std::string SetTable::text(SetId set) const {
  std::vector<std::string> parts;
  for (const ReqId id : sets_[set.index()]) {
    if (words().text(requirements_[id].key) != cloud::label::kHostname) {
      parts.push_back(model::text(words(), requirements_[id]));
    }
  }
  std::ranges::sort(parts);
  return base::join(parts, ", ");
}

}  // namespace model
