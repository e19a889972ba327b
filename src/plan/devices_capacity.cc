#include "plan/devices_capacity.h"

#include <algorithm>

namespace plan {
namespace {

using k8s::Int128;
using k8s::Quantity;

// `name` is as given, or lacks the driver's domain, or has it where the other lacks it.
bool is_same_name(std::string_view a, std::string_view b, std::string_view driver) {
  const auto bare = [&](std::string_view name) {
    const std::size_t slash = name.find('/');
    return slash != std::string_view::npos && name.substr(0, slash) == driver
               ? name.substr(slash + 1)
               : name;
  };
  return bare(a) == bare(b);
}

Quantity round_up(const k8s::CapacityRange& range, const Quantity& request) {
  if (request <= range.min) {
    return range.min;
  }
  if (!range.step || range.step->nano() <= 0) {
    return request;
  }
  const Int128 step = range.step->nano();
  const Int128 steps = (request.nano() - range.min.nano() + step - 1) / step;
  return Quantity::from_nano(range.min.nano() + steps * step, request.format());
}

}  // namespace

const Quantity* requested(const k8s::Resources& requests,
                          std::string_view driver,
                          std::string_view dimension) {
  for (const auto& [name, quantity] : requests) {
    if (is_same_name(name, dimension, driver)) {
      return &quantity;
    }
  }
  return nullptr;
}

bool has_capacity(const k8s::Device& device,
                  std::string_view driver,
                  const k8s::Resources& requests) {
  for (const auto& [name, quantity] : requests) {
    const auto found = std::ranges::find_if(device.capacity, [&](const auto& entry) {
      return is_same_name(entry.first, name, driver);
    });
    if (found == device.capacity.end() || quantity > found->second.value) {
      return false;
    }
  }
  return true;
}

std::optional<Quantity> consumed(const k8s::DeviceCapacity& capacity, const Quantity* request) {
  const k8s::CapacityPolicy* policy = capacity.policy ? &*capacity.policy : nullptr;
  if (request == nullptr) {
    return policy && policy->default_value ? *policy->default_value : capacity.value;
  }
  Quantity amount = *request;
  if (policy && (!policy->default_value || amount != *policy->default_value)) {
    if (policy->valid_range) {
      amount = round_up(*policy->valid_range, amount);
      if (policy->valid_range->max && amount > *policy->valid_range->max) {
        return std::nullopt;
      }
    } else if (!policy->valid_values.empty()) {
      const auto enough = std::ranges::find_if(
          policy->valid_values, [&](const Quantity& value) { return value >= amount; });
      if (enough == policy->valid_values.end()) {
        return std::nullopt;
      }
      amount = *enough;
    }
  }
  return amount <= capacity.value ? std::optional(amount) : std::nullopt;
}

}  // namespace plan
