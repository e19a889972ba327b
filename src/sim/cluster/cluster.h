// The embedded cluster: every controller of this folder, wired to an API server and to the machines
// of a cloud. What the API server itself does (namespaces, priority classes, admission, evictions)
// is not here.
//
//   Cluster cluster(executor, seed, kube, {.catalogue = catalogue}, faults);
//   cloud.watch_machines([&](const Machine& machine) { cluster.on_machine(machine); });
//   cluster.start();
//
// Thread rule: loop thread. May be destroyed at any time between tasks. Borrows executor, API and
// faults.
#pragma once

#include <memory>

#include "cloud/catalogue.h"
#include "k8s/kube_api.h"
#include "sim/cloud/env.h"
#include "sim/cloud/faults.h"
#include "sim/cloud/machine.h"
#include "sim/cluster/bodies.h"
#include "sim/cluster/kubelet.h"
#include "sim/cluster/node_controller.h"
#include "sim/cluster/rollout.h"

namespace sim {

struct ClusterOptions {
  cloud::CataloguePtr catalogue;
  // spec.template of a workload as stored by the server; absent: what the typed form keeps.
  RawTemplate raw_template;
  // Absent: every Deployment rolls as the API's defaults say.
  RolloutOf rollout;
  KubeletDelays kubelet;
  NodeDelays nodes;
};

class Cluster {
 public:
  Cluster(runtime::Executor& executor,
          std::uint64_t seed,
          k8s::KubeApi& api,
          ClusterOptions options,
          const FaultPlan& faults);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  void start();
  void on_machine(const Machine& machine);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sim
