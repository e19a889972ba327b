// The label keys of the AWS provider and the schema that holds them. Sources: spec 07 s3, API-147.
#pragma once

#include <string_view>

#include "cloud/label_schema.h"

namespace cloud::ec2 {

namespace label {

inline constexpr std::string_view kCpu = "karpenter.k8s.aws/instance-cpu";
inline constexpr std::string_view kCpuManufacturer = "karpenter.k8s.aws/instance-cpu-manufacturer";
inline constexpr std::string_view kClockSpeed =
    "karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz";
inline constexpr std::string_view kMemory = "karpenter.k8s.aws/instance-memory";
inline constexpr std::string_view kEbsBandwidth = "karpenter.k8s.aws/instance-ebs-bandwidth";
inline constexpr std::string_view kNetworkBandwidth =
    "karpenter.k8s.aws/instance-network-bandwidth";
inline constexpr std::string_view kCategory = "karpenter.k8s.aws/instance-category";
inline constexpr std::string_view kGeneration = "karpenter.k8s.aws/instance-generation";
inline constexpr std::string_view kFamily = "karpenter.k8s.aws/instance-family";
inline constexpr std::string_view kSize = "karpenter.k8s.aws/instance-size";
inline constexpr std::string_view kFlex = "karpenter.k8s.aws/instance-capability-flex";
inline constexpr std::string_view kLocalNvme = "karpenter.k8s.aws/instance-local-nvme";
inline constexpr std::string_view kGpuName = "karpenter.k8s.aws/instance-gpu-name";
inline constexpr std::string_view kGpuManufacturer = "karpenter.k8s.aws/instance-gpu-manufacturer";
inline constexpr std::string_view kGpuCount = "karpenter.k8s.aws/instance-gpu-count";
inline constexpr std::string_view kGpuMemory = "karpenter.k8s.aws/instance-gpu-memory";
inline constexpr std::string_view kAcceleratorName = "karpenter.k8s.aws/instance-accelerator-name";
inline constexpr std::string_view kAcceleratorManufacturer =
    "karpenter.k8s.aws/instance-accelerator-manufacturer";
inline constexpr std::string_view kAcceleratorCount =
    "karpenter.k8s.aws/instance-accelerator-count";
inline constexpr std::string_view kHypervisor = "karpenter.k8s.aws/instance-hypervisor";
inline constexpr std::string_view kEncryptionInTransit =
    "karpenter.k8s.aws/instance-encryption-in-transit-supported";
inline constexpr std::string_view kNitroSandbox = "karpenter.k8s.aws/nitro-sandbox";
inline constexpr std::string_view kTenancy = "karpenter.k8s.aws/instance-tenancy";
inline constexpr std::string_view kReservationId = "karpenter.k8s.aws/capacity-reservation-id";
inline constexpr std::string_view kReservationType = "karpenter.k8s.aws/capacity-reservation-type";
inline constexpr std::string_view kReservationInterruptible =
    "karpenter.k8s.aws/capacity-reservation-interruptible";
inline constexpr std::string_view kPlacementGroupId = "karpenter.k8s.aws/placement-group-id";
inline constexpr std::string_view kPlacementGroupPartition =
    "karpenter.k8s.aws/placement-group-partition";

}  // namespace label

// Core and AWS.
LabelSchema label_schema();

}  // namespace cloud::ec2
