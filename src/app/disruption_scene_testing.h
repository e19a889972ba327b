// A running cluster as manifests, and what `karpenter plan --disruption` says about it. Machines
// are of the KWOK catalogue: "s-8x" is s-8x-amd64-linux. Its prices per CPU and hour: c 0.02715, s
// 0.02929, m 0.03359 dollars; spot is 0.7 of that. The families have 2, 4 and 8 GiB per CPU.
//
//   DisruptionScene scene;
//   scene.machine("a", {.type = "s-8x"});
//   scene.pod("web", {.node = "a", .cpu = "500m"});
//   scene.commands();   // {"single replace a -> c-1x on-demand"}
//
// The moment is kMoment. Everything is read, defaulted and validated as the command does it.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "app/plan_command.h"

namespace app::testing {

inline constexpr const char* kMoment = "2026-03-10T12:00:00Z";  // A Tuesday.
inline constexpr const char* kLongAgo = "2026-03-01T00:00:00Z";

struct PoolSpec {
  std::string policy = "WhenEmptyOrUnderutilized";
  std::string after = "0s";
  std::string budgets = R"([{"nodes": "100%"}])";
  std::string capacity = R"(["on-demand"])";
  std::string template_ = "{}";  // Of spec.template.spec, merged into the usual one.
  std::string rest = "{}";       // Of spec: limits, replicas, weight.
  std::string ready = "True";
  std::string class_kind = "KWOKNodeClass";
};

struct MachineSpec {
  std::string type = "s-8x";
  std::string zone = "test-zone-a";
  std::string capacity = "on-demand";
  std::string pool = "default";
  std::string ready = "True";
  bool is_consolidatable = true;
  bool is_initialized = true;
  std::string drifted = {};          // Since when; empty: it has not.
  std::string annotations = "{}";    // Of both.
  std::string claim = "{}";          // Of the claim's spec.
  std::string status = "{}";         // Of the claim's status.
  std::string metadata = "{}";       // Of the claim's metadata.
  std::string taints = "[]";         // Of the node.
  std::vector<std::string> without;  // Labels that are missing.
  bool has_node = true;
  bool has_claim = true;
};

struct PodSpec {
  std::string node = {};  // Empty: it waits for one.
  std::string cpu = "100m";
  std::string spec = "{}";
  std::string metadata = "{}";
  std::string status = "{}";
  std::string owner = "ReplicaSet";  // Or DaemonSet, StatefulSet, Node, or empty.
};

class DisruptionScene {
 public:
  DisruptionScene();

  void pool(const std::string& name, const PoolSpec& spec);
  void machine(const std::string& name, const MachineSpec& spec = {});
  void pod(const std::string& name, const PodSpec& spec);
  // Of pods with the label app=web, unless `spec` has a selector.
  void pdb(const std::string& name, int allowed, const std::string& spec = "{}");
  void add(const std::string& json);

  // "METHOD DECISION NODE.. -> TYPE CAPACITY, ..", in order; empty: nothing is to be done.
  std::vector<std::string> commands();
  // The first of them.
  std::string first();
  // What kept the node.
  std::vector<std::string> reasons(const std::string& node);
  const boost::json::object& document();
  // What the command complains about; empty: nothing.
  std::string error();

  PlanArguments arguments;  // Paths, moment and output are set.

 private:
  base::Result<PlanOutput> run();

  std::vector<boost::json::value> objects_;  // By kind and name: the last one counts.
  boost::json::object document_;             // The last answer.
};

}  // namespace app::testing
