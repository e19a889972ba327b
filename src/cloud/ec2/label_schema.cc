#include "cloud/ec2/label_schema.h"

#include <array>
#include <string>

namespace cloud::ec2 {

namespace {

constexpr std::array kWellKnown = {
    cloud::label::kZoneId,
    label::kCpu,
    label::kCpuManufacturer,
    label::kClockSpeed,
    label::kMemory,
    label::kEbsBandwidth,
    label::kNetworkBandwidth,
    label::kCategory,
    label::kGeneration,
    label::kFamily,
    label::kSize,
    label::kFlex,
    label::kLocalNvme,
    label::kGpuName,
    label::kGpuManufacturer,
    label::kGpuCount,
    label::kGpuMemory,
    label::kAcceleratorName,
    label::kAcceleratorCount,
    label::kAcceleratorManufacturer,
    label::kHypervisor,
    label::kEncryptionInTransit,
    label::kNitroSandbox,
    label::kTenancy,
    label::kReservationId,
    label::kReservationType,
    label::kPlacementGroupId,
    label::kReservationInterruptible,
    label::kPlacementGroupPartition,
};

constexpr std::array<std::string_view, 5> kResources = {
    "vpc.amazonaws.com/pod-eni",
    "aws.amazon.com/neuron",
    "aws.amazon.com/neuroncore",
    "habana.ai/gaudi",
    "vpc.amazonaws.com/efa",
};

}  // namespace

LabelSchema label_schema() {
  LabelSchema schema = LabelSchema::core();
  for (const std::string_view key : kWellKnown) {
    schema.add_well_known(key);
  }
  for (const std::string_view resource : kResources) {
    schema.add_well_known_resource(resource);
  }
  schema.add_restricted_domain("karpenter.k8s.aws");
  schema.add_key_alias("topology.ebs.csi.aws.com/zone", cloud::label::kZone);  // AWI-13
  schema.add_allowed_value(label::kTenancy, "default");
  schema.add_allowed_value(label::kTenancy, "dedicated");
  schema.set_reservation_labels(label::kReservationId,
                                {std::string(label::kReservationId),
                                 std::string(label::kReservationType),
                                 std::string(label::kReservationInterruptible)});
  return schema;
}

}  // namespace cloud::ec2
