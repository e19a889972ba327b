#include "cloud/catalogue.h"

#include <algorithm>
#include <string>

namespace cloud {

namespace {

constexpr std::string_view kMemory = "memory";
constexpr std::string_view kHugepagesPrefix = "hugepages-";

}  // namespace

// SCH-64
k8s::Resources InstanceType::allocatable() const {
  k8s::Resources overhead = kube_reserved;
  overhead.add(system_reserved);
  overhead.add(eviction_threshold);
  k8s::Resources result = capacity;
  for (const auto& [resource, quantity] : capacity) {
    result.set(resource, quantity - overhead.get(resource));
  }
  const k8s::Quantity* memory = result.find(kMemory);
  if (memory == nullptr) {
    return result;
  }
  k8s::Quantity left = *memory;
  for (const auto& [resource, quantity] : capacity) {
    if (resource.starts_with(kHugepagesPrefix) && !quantity.is_zero()) {
      left = std::max(left - quantity, k8s::Quantity::units(0, left.format()));
    }
  }
  result.set(kMemory, left);
  return result;
}

const InstanceType* Catalogue::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(types, name, {}, &InstanceType::name);
  return found == types.end() || found->name != name ? nullptr : &*found;
}

}  // namespace cloud
