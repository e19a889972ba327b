// What a request takes of a device that can be shared (SCH-450), and whether a device is large
// enough for it.
//
// Thread rule: pure.
#pragma once

#include <optional>
#include <string_view>

#include "k8s/device.h"

namespace plan {

// The request's amount of a dimension, called by its exact or its qualified name; nullptr: none.
const k8s::Quantity* requested(const k8s::Resources& requests,
                               std::string_view driver,
                               std::string_view dimension);

// Has the device every requested dimension, and as much of it?
bool has_capacity(const k8s::Device& device,
                  std::string_view driver,
                  const k8s::Resources& requests);

// nullopt: the policy does not allow the request, or the device is too small.
std::optional<k8s::Quantity> consumed(const k8s::DeviceCapacity& capacity,
                                      const k8s::Quantity* request);

}  // namespace plan
