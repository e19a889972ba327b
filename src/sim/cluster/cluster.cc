#include "sim/cluster/cluster.h"

#include <array>

#include "sim/cluster/binder.h"
#include "sim/cluster/budgets.h"
#include "sim/cluster/deployments.h"
#include "sim/cluster/garbage.h"
#include "sim/cluster/replicas.h"
#include "sim/cluster/stateful.h"

namespace sim {

namespace {

constexpr std::array kKinds{
    k8s::Kind::kNamespace,
    k8s::Kind::kPriorityClass,
    k8s::Kind::kNodePool,
    k8s::Kind::kNodeClaim,
    k8s::Kind::kNode,
    k8s::Kind::kDeployment,
    k8s::Kind::kReplicaSet,
    k8s::Kind::kStatefulSet,
    k8s::Kind::kDaemonSet,
    k8s::Kind::kJob,
    k8s::Kind::kPod,
    k8s::Kind::kPodDisruptionBudget,
    k8s::Kind::kPersistentVolumeClaim,
};

}  // namespace

// In order of construction: all after what they borrow.
struct Cluster::Parts {
  Parts(runtime::Executor& executor,
        std::uint64_t seed,
        k8s::KubeApi& api,
        ClusterOptions options,
        const FaultPlan& faults)
      : env(executor, seed),
        mirror(api, env, kKinds),
        client(api, mirror, env),
        machines(env),
        census(mirror),
        deployments(client, census, options.raw_template, options.rollout),
        replica_sets(client, census, options.raw_template),
        stateful_sets(client, options.raw_template),
        daemon_sets(client, options.raw_template),
        jobs(client, options.raw_template),
        garbage(client),
        budgets(client),
        binder(client),
        node_agent(client, machines, options.catalogue, faults, options.kubelet),
        pod_agent(client, machines, options.kubelet),
        node_controller(client, machines, options.nodes),
        pod_collector(client, options.nodes) {}

  Env env;
  Mirror mirror;
  Client client;
  Machines machines;
  PodCensus census;
  Deployments deployments;
  ReplicaSets replica_sets;
  StatefulSets stateful_sets;
  DaemonSets daemon_sets;
  Jobs jobs;
  GarbageCollector garbage;
  DisruptionBudgets budgets;
  Binder binder;
  NodeAgent node_agent;
  PodAgent pod_agent;
  NodeController node_controller;
  PodCollector pod_collector;
};

Cluster::Cluster(runtime::Executor& executor,
                 std::uint64_t seed,
                 k8s::KubeApi& api,
                 ClusterOptions options,
                 const FaultPlan& faults)
    : parts_(std::make_unique<Parts>(executor, seed, api, std::move(options), faults)) {}

Cluster::~Cluster() = default;

void Cluster::start() {
  parts_->mirror.start();
}

void Cluster::on_machine(const Machine& machine) {
  parts_->machines.update(machine);
}

}  // namespace sim
