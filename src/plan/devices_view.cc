// What of the published devices a place can see; what instances bring along.
#include <algorithm>
#include <numeric>
#include <optional>

#include "plan/devices_search.h"

namespace plan {

namespace {

bool meets_field(const k8s::SelectorTerm& field, std::string_view node) {
  const bool is_listed = std::ranges::find(field.values, node) != field.values.end();
  return field.key == "metadata.name" && !node.empty() &&
         (field.op == "In" ? is_listed : field.op == "NotIn" && !is_listed);
}

bool can_reach(model::SetTable& sets, const DevicePlace& place, const Reach& reach) {
  if (reach.is_everywhere || !reach.node.empty()) {
    return reach.is_everywhere || reach.node == place.node;
  }
  return std::ranges::any_of(reach.terms, [&](const ReachTerm& term) {
    return narrow(sets, place, place.set, term).is_valid();
  });
}

bool has_repeated_names(const DevicePools& pools, std::span<const DeviceIndex> devices) {
  std::vector<std::string_view> names;
  for (const DeviceIndex device : devices) {
    names.push_back(pools.devices()[device].device->name);
  }
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

// Groups of devices that agree, directly or through others.
std::vector<std::uint32_t> join_groups(const DevicePools& pools,
                                       const cloud::InstanceType& type,
                                       const std::string& attribute) {
  std::vector<std::uint32_t> group(pools.devices().size());
  std::uint32_t next = 0;
  for (const cloud::AttributeBinding& binding : type.device_bindings) {
    if (binding.attribute != attribute || binding.devices.size() < 2) {
      continue;
    }
    ++next;
    for (const cloud::DeviceName& name : binding.devices) {
      const auto device = pools.find(name);
      if (!device) {
        continue;
      }
      if (const std::uint32_t before = group[*device]; before != 0) {
        std::ranges::replace(group, before, next);
      }
      group[*device] = next;
    }
  }
  return group;
}

}  // namespace

model::SetId narrow(model::SetTable& sets,
                    const DevicePlace& place,
                    model::SetId set,
                    const ReachTerm& term) {
  const bool has_fields = std::ranges::all_of(
      term.fields, [&](const k8s::SelectorTerm& field) { return meets_field(field, place.node); });
  if (!has_fields || !allows_host(sets, term.labels, place.host)) {
    return {};
  }
  return sets.combine(set, term.labels.set, place.undefined);
}

DeviceView make_view(model::SetTable& sets, const DevicePools& pools, const DevicePlace& place) {
  std::vector<std::optional<bool>> reachable(pools.reaches().size());
  const auto is_reachable = [&](DeviceIndex device) {
    std::optional<bool>& known = reachable[pools.devices()[device].reach];
    known = known ? known : can_reach(sets, place, pools.reach_of(device));
    return *known;
  };
  std::vector<DeviceIndex> seen;
  std::ranges::copy_if(pools.wide(), std::back_inserter(seen), is_reachable);
  const auto local = pools.of_node(place.node);
  const auto middle = static_cast<std::ptrdiff_t>(seen.size());
  seen.insert(seen.end(), local.begin(), local.end());
  std::inplace_merge(seen.begin(), seen.begin() + middle, seen.end());

  DeviceView view;
  for (auto begin = seen.begin(); begin != seen.end();) {
    const DevicePool& pool = pools.pool_of(*begin);
    const auto end = std::find_if(begin, seen.end(), [&](DeviceIndex d) { return d >= pool.end; });
    const bool is_sound = pool.is_valid && pool.is_complete &&
                          !(pool.has_duplicates && has_repeated_names(pools, {begin, end}));
    if (is_sound) {
      view.devices.insert(view.devices.end(), begin, end);
    }
    view.has_broken_pool |= !is_sound;
    begin = end;
  }
  return view;
}

bool FilterMemo::matches(FilterId filter, DeviceIndex device) {
  if (answers_.size() <= filter) {
    answers_.resize(wishes_.filter_count());
  }
  std::vector<Answer>& answers = answers_[filter];
  answers.resize(pools_.devices().size(), Answer::kUnknown);
  if (answers[device] == Answer::kUnknown) {
    const bool is_match = wishes_.filter(filter).matches(
        {.driver = pools_.pool_of(device).driver, .device = *pools_.devices()[device].device});
    answers[device] = is_match ? Answer::kYes : Answer::kNo;
  }
  return answers[device] == Answer::kYes;
}

DeviceSupply::DeviceSupply(const cloud::InstanceType& type) : pools(type) {
  for (const cloud::AttributeBinding& binding : type.device_bindings) {
    if (!bound.contains(binding.attribute)) {
      bound[binding.attribute] = join_groups(pools, type, binding.attribute);
    }
  }
}

}  // namespace plan
