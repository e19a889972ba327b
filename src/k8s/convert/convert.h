// Manifests of API versions that are gone, rewritten for those that are served (spec 01 s19):
// NodePool, NodeClaim and EC2NodeClass of v1beta1, Provisioner and AWSNodeTemplate of v1alpha5.
//
// The objects are converted together, because a pool's kubelet configuration moves to the node
// class that it refers to. What is served already comes back unchanged, so that converting twice
// is converting once; of other people's objects only annotations that karpenter has renamed are
// touched. Every result has passed the validation of the API server, or there is a problem instead.
//
//   const Outcome outcome = convert({{json, "pools.yaml:1"}}, {});
//   for (const Converted& c : outcome.objects) { print(c.notes, c.json); }
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace k8s::convert {

struct Source {
  std::string json;
  std::string place;  // For messages: "pools.yaml:1".
};

struct Options {
  // For AWSNodeTemplates that left the instance profile to a global setting, which is gone.
  std::string role;
};

struct Converted {
  std::string json;
  std::vector<std::string> notes;  // What changed, and what could not be kept.
  std::size_t source = 0;          // Index of the source that it comes from.
  bool is_changed = false;
};

struct Outcome {
  std::vector<Converted> objects;     // In the order of the sources; split classes after theirs.
  std::vector<std::string> problems;  // "pools.yaml:1: NodePool \"x\": ...": not converted.
};

Outcome convert(const std::vector<Source>& sources, const Options& options);

}  // namespace k8s::convert
