// Resources: the sorted vector behind a resource list.
#include <algorithm>

#include "k8s/quantity.h"

namespace k8s {
namespace {

// The first entry whose name is not less than `name`.
auto lower_bound(auto& entries, std::string_view name) {
  return std::ranges::lower_bound(
      entries, name, {}, [](const Resources::Entry& e) { return std::string_view(e.first); });
}

}  // namespace

Resources::Resources(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) {
    set(entry.first, entry.second);
  }
}

const Quantity* Resources::find(std::string_view name) const {
  const auto it = lower_bound(entries_, name);
  return it != entries_.end() && it->first == name ? &it->second : nullptr;
}

Quantity Resources::get(std::string_view name) const {
  const Quantity* found = find(name);
  return found == nullptr ? Quantity() : *found;
}

void Resources::set(std::string_view name, Quantity quantity) {
  const auto it = lower_bound(entries_, name);
  if (it != entries_.end() && it->first == name) {
    it->second = quantity;
  } else {
    entries_.emplace(it, name, quantity);
  }
}

void Resources::erase(std::string_view name) {
  const auto it = lower_bound(entries_, name);
  if (it != entries_.end() && it->first == name) {
    entries_.erase(it);
  }
}

void Resources::add(const Resources& other) {
  for (const auto& [name, quantity] : other) {
    set(name, get(name) + quantity);
  }
}

void Resources::subtract(const Resources& other) {
  for (const auto& [name, quantity] : other) {
    set(name, get(name) - quantity);
  }
}

void Resources::raise_to(const Resources& other) {
  for (const auto& [name, quantity] : other) {
    const Quantity* mine = find(name);
    if (mine == nullptr || *mine < quantity) {
      set(name, quantity);
    }
  }
}

}  // namespace k8s
