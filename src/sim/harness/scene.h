// A cluster as somebody sees it who reads the API and nothing else: machines with their claims,
// nodes and pods. What checks of simulated lives look at. Made anew for every look, the slow and
// obvious way.
//
//   for (const SeenMachine& machine : machines_of(store)) { ... }
//
// Values; thread rule: loop thread for what reads the store.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/node.h"
#include "k8s/workload.h"
#include "sim/apiserver/store.h"

namespace sim {

inline constexpr std::string_view kDoNotDisruptAnnotation = "karpenter.sh/do-not-disrupt";

struct SeenMachine {
  std::shared_ptr<const k8s::NodeClaim> claim;  // Never null.
  std::shared_ptr<const k8s::Node> node;        // Null: it has not joined.
  std::vector<std::shared_ptr<const k8s::Pod>> pods;

  const std::string& name() const { return claim->meta.name; }

  std::string pool() const;

  bool is_initialized() const;
  // The cloud or somebody takes it down, or it is being deleted.
  bool is_leaving() const;
  // The node or the claim says that it is disrupted voluntarily.
  bool is_marked() const;
  bool has_disrupted_taint() const;
};

template <typename T>
std::vector<std::shared_ptr<const T>> all_of(const api::Store& store, k8s::Kind kind) {
  std::vector<std::shared_ptr<const T>> found;
  for (const auto& [name, document] : store.collection(api::type_of(kind))) {
    found.push_back(std::static_pointer_cast<const T>(document->typed()));
  }
  return found;
}

// By name of the claim. Pods that have ended are left out.
std::vector<SeenMachine> machines_of(const api::Store& store);
std::vector<SeenMachine> machines_without_pods(const api::Store& store);

// Whether the pod's annotation forbids a disruption now (DIS-34).
bool forbids_disruption(const k8s::Pod& pod, k8s::TimeNs now);
// Neither ended nor on its way out.
bool is_alive(const k8s::Pod& pod);

}  // namespace sim
