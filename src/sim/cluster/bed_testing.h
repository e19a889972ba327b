// A cluster to test in: the in-process API server, the cluster's controllers and an embedded EC2
// with a small catalogue, under a virtual clock. Every write of the controllers is logged.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "runtime/virtual_executor.h"
#include "sim/apiserver/registry.h"
#include "sim/apiserver/sim_kube.h"
#include "sim/cloud/ec2_cloud.h"
#include "sim/cluster/cluster.h"

namespace sim {

// Passes everything on, and keeps a line per write.
class LoggingKube final : public k8s::KubeApi {
 public:
  LoggingKube(k8s::KubeApi& inner, const runtime::Clock& clock) : inner_(inner), clock_(clock) {}

  void subscribe(k8s::Kind kind, Sink sink) override { inner_.subscribe(kind, std::move(sink)); }

  void get(const k8s::ObjectKey& key, ReadDone done) override { inner_.get(key, std::move(done)); }

  void list(k8s::Kind kind, ListDone done) override { inner_.list(kind, std::move(done)); }

  void write(k8s::WriteRequest request, WriteDone done) override;

  const std::vector<std::string>& log() const { return log_; }

 private:
  k8s::KubeApi& inner_;
  const runtime::Clock& clock_;
  std::vector<std::string> log_;
};

// m5.large (2 CPU, 8 GiB) and m5.xlarge (4, 16) in us-west-2a and us-west-2b, on demand and spot.
cloud::CataloguePtr small_catalogue();

struct Bed {
  explicit Bed(std::uint64_t seed = 1, std::string_view fault_list = "");

  void run(std::chrono::nanoseconds time) { executor.run_for(time); }

  // A write as a user or as karpenter would make it; fails the test when it is refused.
  void create(k8s::Kind kind, const std::string& body);
  void patch(k8s::Kind kind,
             const std::string& ns,
             const std::string& name,
             const std::string& body);
  void remove(k8s::Kind kind, const std::string& ns, const std::string& name);
  base::Result<k8s::ObjectPtr> write(k8s::WriteRequest request);

  // A Deployment of pause pods in "default"; `pod_spec` are further members of the pod's spec,
  // each with a comma before it.
  void deploy(const std::string& name,
              int replicas,
              const std::string& cpu,
              const std::string& pod_spec = "");
  // A claim, a launch for it, and its node after it has joined and was registered; its name.
  std::string join(const std::string& claim,
                   const std::string& type = "m5.large",
                   const std::string& zone = "us-west-2a");
  // What karpenter does to a node that has joined.
  void register_node(const std::string& node);

  std::vector<std::shared_ptr<const k8s::Pod>> pods() const;
  std::vector<std::shared_ptr<const k8s::Pod>> pods(std::string_view phase) const;
  std::vector<std::shared_ptr<const k8s::Node>> nodes() const;
  std::shared_ptr<const k8s::Pod> pod(const std::string& name) const;
  std::string scheduling_message(const std::string& prefix) const;

  runtime::VirtualExecutor executor;
  FaultPlan faults;
  api::Store store;
  api::Registry registry;
  api::SimKube kube;
  LoggingKube logging;
  Ec2Cloud cloud;
  Cluster cluster;
};

}  // namespace sim
