// Dynamic resource allocation: resource.k8s.io.
#include "k8s/schema/core_types.h"

namespace k8s::schema {

std::string_view device_type_table() {
  return R"(
resource.v1.CELDeviceSelector An expression over a device.
  expression! string
resource.v1.DeviceSelector Which devices will do.
  cel CELDeviceSelector
resource.v1.CapacityRequirements
  requests quantities # What is needed of a device that is shared.
resource.v1.DeviceToleration
  effect string enum(NoSchedule|NoExecute)
  key string
  operator string enum(Exists|Equal) =Equal
  tolerationSeconds int64
  value string
resource.v1.ExactDeviceRequest One or more identical devices.
  adminAccess bool # Look at devices that others use.
  allocationMode string enum(ExactCount|All) =ExactCount
  capacity CapacityRequirements
  count int64 min(1)
  deviceClassName! string
  selectors []DeviceSelector
  tolerations []DeviceToleration
resource.v1.DeviceSubRequest One of several alternatives.
  allocationMode string enum(ExactCount|All) =ExactCount
  capacity CapacityRequirements
  count int64 min(1)
  deviceClassName! string
  name! string
  selectors []DeviceSelector
  tolerations []DeviceToleration
resource.v1.DeviceRequest What is asked for under one name.
  exactly ExactDeviceRequest
  firstAvailable []DeviceSubRequest # The first that can be had.
  name! string
resource.v1.DeviceConstraint What the devices have to have in common.
  distinctAttribute string
  matchAttribute string
  requests []string
resource.v1.DeviceClaim
  config []any
  constraints []DeviceConstraint
  requests []DeviceRequest unique(name)
resource.v1.ResourceClaimSpec
  devices DeviceClaim
resource.v1.DeviceRequestAllocationResult... A device that was given.
  adminAccess bool
  consumedCapacity quantities
  device! string
  driver! string
  pool! string
  request! string
  shareID string
resource.v1.DeviceAllocationResult
  config []any
  results []DeviceRequestAllocationResult
resource.v1.AllocationResult
  allocationTimestamp time
  devices DeviceAllocationResult
  nodeSelector NodeSelector # From where the devices can be used.
resource.v1.ResourceClaimConsumerReference Who uses the claim.
  apiGroup string
  name! string
  resource! string
  uid! string
resource.v1.ResourceClaimStatus
  allocation AllocationResult
  devices []any
  reservedFor []ResourceClaimConsumerReference unique(uid)
resource.v1.ResourceClaim Devices that pods ask for.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! ResourceClaimSpec
  status ResourceClaimStatus
resource.v1.ResourceClaimTemplateSpec
  metadata ObjectMeta
  spec! ResourceClaimSpec
resource.v1.ResourceClaimTemplate Makes one claim for each pod.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! ResourceClaimTemplateSpec
resource.v1.DeviceClassSpec
  config []any
  extendedResourceName string
  selectors []DeviceSelector
resource.v1.DeviceClass A kind of device.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! DeviceClassSpec
resource.v1.DeviceAttribute Exactly one of the four.
  bool bool
  int int64
  string string
  version string
resource.v1.CapacityRequestPolicyRange
  max quantity
  min! quantity
  step quantity
resource.v1.CapacityRequestPolicy How requests for a share are rounded.
  default quantity
  validRange CapacityRequestPolicyRange
  validValues []quantity
resource.v1.DeviceCapacity
  requestPolicy CapacityRequestPolicy
  value! quantity
resource.v1.Counter
  value! quantity
resource.v1.CounterSet A budget that devices draw on.
  counters! map[Counter]
  name! string
resource.v1.DeviceCounterConsumption
  counterSet! string
  counters! map[Counter]
resource.v1.DeviceTaint
  effect! string enum(None|NoSchedule|NoExecute)
  key! string
  timeAdded time
  value string
resource.v1.Device One device of a pool.
  allNodes bool
  allowMultipleAllocations bool # Several claims may share it.
  attributes map[DeviceAttribute]
  bindingConditions []string
  bindingFailureConditions []string
  bindsToNode bool
  capacity map[DeviceCapacity]
  consumesCounters []DeviceCounterConsumption
  name! string
  nodeName string
  nodeSelector NodeSelector
  taints []DeviceTaint
resource.v1.ResourcePool
  generation! int64
  name! string
  resourceSliceCount! int64 min(1)
resource.v1.ResourceSliceSpec
  allNodes bool
  devices []Device
  driver! string
  nodeName string
  nodeSelector NodeSelector
  perDeviceNodeSelection bool
  pool! ResourcePool
  sharedCounters []CounterSet unique(name)
resource.v1.ResourceSlice Devices that a driver has to offer.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! ResourceSliceSpec
)";
}

}  // namespace k8s::schema
