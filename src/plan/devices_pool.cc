#include "plan/devices_pool.h"

#include <algorithm>

namespace plan {
namespace {

constexpr std::string_view kNothing = std::string_view("\0", 1);

void append(std::string& text, std::string_view part) {
  text += part;
  text += kNothing;
}

void append_value(std::string& text, const k8s::DeviceAttribute& attribute) {
  text += static_cast<char>('0' + attribute.index());
  if (const auto* number = std::get_if<std::int64_t>(&attribute)) {
    append(text, std::to_string(*number));
  } else if (const auto* truth = std::get_if<bool>(&attribute)) {
    append(text, *truth ? "true" : "false");
  } else if (const auto* words = std::get_if<std::string>(&attribute)) {
    append(text, *words);
  } else {
    append(text, std::get<k8s::VersionText>(attribute).text);
  }
}

// Everything that a search can tell devices of a pool apart by. Capacity policies are left out of
// the text: devices that can be shared are never taken for one another.
std::string kind_text(const PoolDevice& entry) {
  const k8s::Device& device = *entry.device;
  std::string text = std::to_string(entry.pool) + ":" + std::to_string(entry.reach) + ":";
  for (const auto& [name, attribute] : device.attributes) {
    append(text, name);
    append_value(text, attribute);
  }
  append(text, "capacity");
  for (const auto& [name, capacity] : device.capacity) {
    append(text, name);
    append(text, capacity.value.text());
  }
  append(text, "counters");
  for (const auto& [counter, amount] : entry.draws) {
    append(text, std::to_string(counter));
    append(text, k8s::Quantity::from_nano(amount).text());
  }
  for (const k8s::Taint& taint : device.taints) {
    append(text, taint.key + "=" + taint.value + ":" + taint.effect);
  }
  return text;
}

bool are_unique(std::vector<std::string_view> names) {
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) == names.end();
}

}  // namespace

std::vector<ReachTerm> compile_terms(model::SetTable& sets,
                                     std::span<const k8s::NodeSelectorTerm> terms) {
  std::vector<ReachTerm> compiled;
  for (const k8s::NodeSelectorTerm& term : terms) {
    compiled.push_back({.labels = ConstraintBuilder(sets).add(term.match_expressions).build(),
                        .fields = term.match_fields});
  }
  return compiled;
}

DevicePools::DevicePools(model::SetTable& sets, std::span<const k8s::ResourceSlice* const> slices) {
  std::vector<Slice> views;
  views.reserve(slices.size());
  for (const k8s::ResourceSlice* slice : slices) {
    views.push_back({.driver = slice->driver,
                     .pool = slice->pool,
                     .generation = slice->generation,
                     .declared = slice->slice_count,
                     .reach = slice->has_device_reach ? 0 : add_reach(sets, slice->reach),
                     .source = slice,
                     .devices = slice->devices,
                     .counters = slice->shared_counters});
  }
  build(&sets, std::move(views));
}

DevicePools::DevicePools(const cloud::InstanceType& type) {
  reaches_.push_back({.is_everywhere = true, .node = {}, .terms = {}});
  std::vector<Slice> views;
  for (const cloud::DeviceSlice& slice : type.device_slices) {
    const auto in_pool = std::ranges::count_if(type.device_slices, [&](const auto& other) {
      return other.driver == slice.driver && other.pool == slice.pool;
    });
    views.push_back({.driver = slice.driver,
                     .pool = slice.pool,
                     .generation = 0,
                     .declared = in_pool,
                     .reach = 0,
                     .source = nullptr,
                     .devices = slice.devices,
                     .counters = slice.shared_counters});
  }
  build(nullptr, std::move(views));
}

std::uint32_t DevicePools::add_reach(model::SetTable& sets, const k8s::DeviceReach& reach) {
  reaches_.push_back({.is_everywhere = reach.all_nodes,
                      .node = reach.node_name,
                      .terms = compile_terms(sets, reach.node_selector)});
  return static_cast<std::uint32_t>(reaches_.size() - 1);
}

void DevicePools::build(model::SetTable* sets, std::vector<Slice> slices) {
  const auto key = [](const Slice& slice) { return std::tie(slice.driver, slice.pool); };
  std::ranges::stable_sort(slices, [&](const Slice& a, const Slice& b) { return key(a) < key(b); });
  for (auto begin = slices.begin(); begin != slices.end();) {
    const auto end =
        std::find_if(begin, slices.end(), [&](const Slice& s) { return key(s) != key(*begin); });
    const std::int64_t newest = std::max_element(begin, end, [](const Slice& a, const Slice& b) {
                                  return a.generation < b.generation;
                                })->generation;
    std::vector<Slice> current;
    std::copy_if(begin, end, std::back_inserter(current), [&](const Slice& slice) {
      return slice.generation == newest;
    });
    add_pool(sets, current);
    begin = end;
  }
  index();
}

void DevicePools::add_pool(model::SetTable* sets, std::span<const Slice> slices) {
  const auto first = static_cast<DeviceIndex>(devices_.size());
  DevicePool pool{.driver = std::string(slices.front().driver),
                  .name = std::string(slices.front().pool),
                  .begin = first,
                  .end = first};
  const auto count = static_cast<std::int64_t>(slices.size());
  pool.is_complete =
      std::ranges::all_of(slices, [&](const Slice& slice) { return slice.declared == count; });
  CounterIds counters;
  pool.is_valid = add_counters(slices, counters);
  for (const Slice& slice : slices) {
    for (const k8s::Device& device : slice.devices) {
      if (slice.counters.empty()) {
        add_device(sets, slice, device);
        pool.is_valid &= add_draws(counters, devices_.back());
      }
    }
  }
  pool.end = static_cast<DeviceIndex>(devices_.size());
  std::vector<std::string_view> names;
  for (DeviceIndex i = pool.begin; i < pool.end; ++i) {
    names.push_back(devices_[i].device->name);
  }
  pool.has_duplicates = !are_unique(std::move(names));
  pools_.push_back(std::move(pool));
}

// False: a set is declared twice.
bool DevicePools::add_counters(std::span<const Slice> slices, CounterIds& ids) {
  std::vector<std::string_view> names;
  for (const Slice& slice : slices) {
    for (const k8s::CounterSet& set : slice.counters) {
      names.push_back(set.name);
      for (const auto& [counter, total] : set.counters) {
        ids[{set.name, counter}] = static_cast<std::uint32_t>(counters_.size());
        counters_.push_back(total.nano());
      }
    }
  }
  return are_unique(std::move(names));
}

void DevicePools::add_device(model::SetTable* sets, const Slice& slice, const k8s::Device& device) {
  const bool has_own_reach = slice.source != nullptr && slice.source->has_device_reach;
  devices_.push_back({.device = &device,
                      .pool = static_cast<std::uint32_t>(pools_.size()),
                      .reach = has_own_reach ? add_reach(*sets, device.reach) : slice.reach,
                      .kind = 0,
                      .dimensions = static_cast<std::uint32_t>(dimensions_.size())});
  for (const auto& [name, capacity] : device.capacity) {
    dimensions_.push_back(capacity.value.nano());
  }
}

// False: a counter that nobody declares.
bool DevicePools::add_draws(const CounterIds& ids, PoolDevice& device) {
  for (const k8s::CounterSet& set : device.device->consumes) {
    for (const auto& [counter, amount] : set.counters) {
      const auto found = ids.find({set.name, counter});
      if (found == ids.end()) {
        return false;
      }
      device.draws.emplace_back(found->second, amount.nano());
    }
  }
  return true;
}

void DevicePools::index() {
  for (DeviceIndex i = 0; i < devices_.size(); ++i) {
    PoolDevice& device = devices_[i];
    device.kind = kinds_.try_emplace(kind_text(device), static_cast<std::uint32_t>(kinds_.size()))
                      .first->second;
    by_name_.try_emplace(name_of(i), i);
    const Reach& reach = reach_of(i);
    if (reach.node.empty()) {
      wide_.push_back(i);
    } else {
      by_node_[reach.node].push_back(i);
    }
  }
}

std::optional<DeviceIndex> DevicePools::find(const cloud::DeviceName& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

cloud::DeviceName DevicePools::name_of(DeviceIndex device) const {
  const DevicePool& pool = pool_of(device);
  return {.driver = pool.driver, .pool = pool.name, .device = devices_[device].device->name};
}

std::span<const DeviceIndex> DevicePools::of_node(std::string_view node) const {
  const auto found = by_node_.find(node);
  return found == by_node_.end() ? std::span<const DeviceIndex>() : found->second;
}

}  // namespace plan
