// The machines that the cloud has told of, as the cluster's side needs them: does the kubelet of
// this node still live, and since when not. Thread rule: loop thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "k8s/node.h"
#include "sim/cloud/env.h"
#include "sim/cloud/machine.h"

namespace sim {

class Machines {
 public:
  struct Entry {
    Machine machine;
    k8s::TimeNs down_since = 0;  // 0: up.
  };

  using Listener = std::function<void(const Entry&)>;

  explicit Machines(Env& env) : env_(env) {}

  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  // What the cloud's sink calls.
  void update(const Machine& machine);

  // nullptr when no machine of ours has the id.
  const Entry* find(const std::string& provider_id) const;
  // Nodes without a machine (declared in manifests, or made by the KWOK cloud) live for ever.
  bool is_alive(const k8s::Node& node) const;

 private:
  Env& env_;
  std::map<std::string, Entry> entries_;
  std::vector<Listener> listeners_;
};

}  // namespace sim
