#include "cloud/ec2/repair_policies.h"

#include "k8s/time.h"

namespace cloud::ec2 {

std::vector<RepairPolicy> repair_policies() {
  constexpr std::int64_t kShort = 10 * k8s::kMinute;
  constexpr std::int64_t kLong = 30 * k8s::kMinute;
  return {{.condition = "Ready", .status = "False", .toleration = kLong},
          {.condition = "Ready", .status = "Unknown", .toleration = kLong},
          {.condition = "AcceleratedHardwareReady", .status = "False", .toleration = kShort},
          {.condition = "StorageReady", .status = "False", .toleration = kLong},
          {.condition = "NetworkingReady", .status = "False", .toleration = kLong},
          {.condition = "KernelReady", .status = "False", .toleration = kLong},
          {.condition = "ContainerRuntimeReady", .status = "False", .toleration = kLong}};
}

}  // namespace cloud::ec2
