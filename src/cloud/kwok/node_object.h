// The Node object of a KWOK launch, and back: what an instance is can be read off its Node.
// Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "cloud/provider.h"
#include "k8s/node.h"

namespace cloud::kwok {

inline constexpr std::string_view kScheme = "kwok://";

// LIF-243, in the form kwok-<claim>-<word>-<number>-<10 characters>-<number>. All but the claim
// follows from its uid: the same claim gives the same name.
std::string node_name(const k8s::NodeClaim& claim);

// The Node to create (LIF-243).
k8s::Node make_node(const k8s::NodeClaim& claim,
                    const InstanceType& type,
                    const Offering& offering);

// As it is sent, with the phase Pending.
std::string node_body(const k8s::Node& node);

Instance instance_of(const k8s::Node& node);

}  // namespace cloud::kwok
