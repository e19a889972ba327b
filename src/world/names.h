// Names that Karpenter reads and writes on Kubernetes objects: part of its public interface, never
// to be changed (spec 04 s1.4, LIF; spec 01 s12). Plain constants.
#pragma once

#include <string_view>

namespace world {

inline constexpr std::string_view kPoolLabel = "karpenter.sh/nodepool";
inline constexpr std::string_view kRegisteredLabel = "karpenter.sh/registered";
inline constexpr std::string_view kInitializedLabel = "karpenter.sh/initialized";
inline constexpr std::string_view kDoNotSyncTaintsLabel = "karpenter.sh/do-not-sync-taints";
inline constexpr std::string_view kCapacityTypeLabel = "karpenter.sh/capacity-type";
inline constexpr std::string_view kInstanceTypeLabel = "node.kubernetes.io/instance-type";
inline constexpr std::string_view kZoneLabel = "topology.kubernetes.io/zone";
inline constexpr std::string_view kHostnameLabel = "kubernetes.io/hostname";
inline constexpr std::string_view kExcludeLoadBalancerLabel =
    "node.kubernetes.io/exclude-from-external-load-balancers";

inline constexpr std::string_view kTerminationFinalizer = "karpenter.sh/termination";
inline constexpr std::string_view kDisruptedTaint = "karpenter.sh/disrupted";
inline constexpr std::string_view kUnregisteredTaint = "karpenter.sh/unregistered";

inline constexpr std::string_view kDoNotDisruptAnnotation = "karpenter.sh/do-not-disrupt";
inline constexpr std::string_view kPoolHashAnnotation = "karpenter.sh/nodepool-hash";
inline constexpr std::string_view kPoolHashVersionAnnotation = "karpenter.sh/nodepool-hash-version";
inline constexpr std::string_view kPoolHashVersion = "v3";
inline constexpr std::string_view kTerminationTimestampAnnotation =
    "karpenter.sh/nodeclaim-termination-timestamp";
inline constexpr std::string_view kMinValuesRelaxedAnnotation =
    "karpenter.sh/nodeclaim-min-values-relaxed";
inline constexpr std::string_view kRequestedDriversAnnotation =
    "karpenter.sh/requested-dra-drivers";

inline constexpr std::string_view kNoSchedule = "NoSchedule";
inline constexpr std::string_view kNoExecute = "NoExecute";

}  // namespace world
