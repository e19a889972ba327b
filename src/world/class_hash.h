// The static hash of an EC2NodeClass: claims launched from another have drifted. Must be
// bit-identical to upstream's (API-183), or taking over a cluster would replace every node.
#pragma once

#include <string>
#include <string_view>

#include "k8s/node.h"

namespace world {

inline constexpr std::string_view kClassHashAnnotation = "karpenter.k8s.aws/ec2nodeclass-hash";
inline constexpr std::string_view kClassHashVersionAnnotation =
    "karpenter.k8s.aws/ec2nodeclass-hash-version";
inline constexpr std::string_view kClassHashVersion = "v6";

// Unsigned decimal text, as the annotation holds it. `ca_bundle` is the text of the cluster's CA
// bundle as the controller resolved it (API-195), empty when it has none.
std::string class_hash(const k8s::EC2NodeClass& node_class, std::string_view ca_bundle);

// API-96: amiFamily, else what the alias says, else "Custom".
std::string effective_ami_family(const k8s::EC2NodeClass& node_class);

}  // namespace world
