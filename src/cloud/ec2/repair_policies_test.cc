#include "cloud/ec2/repair_policies.h"

#include <map>

#include <gtest/gtest.h>

#include "k8s/time.h"

namespace cloud::ec2 {
namespace {

TEST(RepairPolicies, GiveAcceleratorsTenMinutesAndAllElseThirty) {
  // DIS-210
  std::map<std::string, std::int64_t> minutes;
  for (const RepairPolicy& policy : repair_policies()) {
    minutes[policy.condition + "=" + policy.status] = policy.toleration / k8s::kMinute;
  }
  EXPECT_EQ(minutes,
            (std::map<std::string, std::int64_t>{{"AcceleratedHardwareReady=False", 10},
                                                 {"ContainerRuntimeReady=False", 30},
                                                 {"KernelReady=False", 30},
                                                 {"NetworkingReady=False", 30},
                                                 {"Ready=False", 30},
                                                 {"Ready=Unknown", 30},
                                                 {"StorageReady=False", 30}}));
}

}  // namespace
}  // namespace cloud::ec2
