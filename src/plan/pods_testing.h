// What a test says about pods of a scene, as one sentence. Every call applies to all of them.
//
//   pods(scene, "web", 4).app("web").cpu("2").zone_spread(1);
//   pods(scene, "db").select(kZone, "test-zone-2").volume("data");
//
// Selectors of spread and affinity mean pods by their label "app".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/scene_testing.h"

namespace plan::testing {

inline constexpr const char* kZone = "topology.kubernetes.io/zone";
inline constexpr const char* kHost = "kubernetes.io/hostname";
inline constexpr const char* kArch = "kubernetes.io/arch";
inline constexpr const char* kOs = "kubernetes.io/os";
inline constexpr const char* kType = "node.kubernetes.io/instance-type";
inline constexpr const char* kCapacity = "karpenter.sh/capacity-type";
inline constexpr const char* kPool = "karpenter.sh/nodepool";

using Counts = std::map<std::string, int>;

class PodsOf {
 public:
  explicit PodsOf(std::vector<k8s::Pod*> pods) : pods_(std::move(pods)) {}

  PodsOf& app(const std::string& name) { return label("app", name); }

  PodsOf& label(const std::string& key, const std::string& value);
  PodsOf& in(const std::string& namespace_name);
  PodsOf& ask(const std::string& resource, const std::string& quantity);

  PodsOf& cpu(const std::string& quantity) { return ask("cpu", quantity); }

  PodsOf& memory(const std::string& quantity) { return ask("memory", quantity); }

  PodsOf& host_port(int port, const std::string& ip = "", const std::string& protocol = "TCP");
  PodsOf& volume(const std::string& claim);
  PodsOf& owner(const std::string& api_version, const std::string& kind, const std::string& name);

  PodsOf& select(const std::string& key, const std::string& value);
  // One more expression of the first required term.
  PodsOf& need(const k8s::SelectorTerm& expression);
  // One more required term, ORed with those before.
  PodsOf& or_need(const k8s::SelectorTerm& expression);
  PodsOf& prefer(int weight, const k8s::SelectorTerm& expression);
  PodsOf& tolerate(const std::string& key, const std::string& effect = "");
  PodsOf& tolerate_all();

  PodsOf& spread(const std::string& key, int max_skew = 1, const std::string& app = "web");

  PodsOf& zone_spread(int max_skew = 1) { return spread(kZone, max_skew); }

  PodsOf& host_spread(int max_skew = 1) { return spread(kHost, max_skew); }

  // Of the constraint added last.
  PodsOf& min_domains(int domains);
  PodsOf& anyway();
  PodsOf& affinity_policy(const std::string& policy);
  PodsOf& taints_policy(const std::string& policy);
  PodsOf& match_label_key(const std::string& key);

  PodsOf& near(const std::string& key, const std::string& app);
  PodsOf& away(const std::string& key, const std::string& app);
  PodsOf& rather_near(const std::string& key, const std::string& app, int weight = 1);
  PodsOf& rather_away(const std::string& key, const std::string& app, int weight = 1);

  // Anything else.
  template <typename Change>
  PodsOf& each(Change change) {
    for (k8s::Pod* pod : pods_) {
      change(*pod);
    }
    return *this;
  }

  const std::vector<k8s::Pod*>& all() const { return pods_; }

 private:
  std::vector<k8s::Pod*> pods_;
};

// Pending pods `name`, or `name-0`, `name-1`, ... when there is more than one.
PodsOf pods(Scene& scene, const std::string& name, int count = 1);
// Pods bound to a node, named alike.
PodsOf bound(Scene& scene, const std::string& name, const std::string& node, int count = 1);

// The values that a claim allows for a key; empty when it says nothing.
std::vector<std::string> values(const PlannedClaim& claim, const std::string& key);
// How many pods the plan places.
int placed(const Plan& plan);
// All live pods with the label app, bound and placed, by the value of the key where they are.
Counts where(const Scene& scene, const Plan& plan, const std::string& key, const std::string& app);
// Largest count less smallest.
int skew(const Counts& counts);

}  // namespace plan::testing
