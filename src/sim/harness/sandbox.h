// A whole world for the controllers to live in: embedded API server, cluster and EC2, from one
// seed. The demo runs it in accelerated time and serves it to kubectl; simulations run it in
// virtual time.
//
//   auto sandbox = TRY(Sandbox::create(executor, {.region = "us-west-2", .seed = 7}));
//   sandbox->apply(manifest_json);
//   auto kube = sandbox->controller_kube();   // One per life of the controller.
//
// Thread rule: loop thread. Borrows the executor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cloud/ec2/catalogue_cache.h"
#include "cloud/ec2/label_schema.h"
#include "cloud/unavailable.h"
#include "sim/apiserver/registry.h"
#include "sim/apiserver/rest.h"
#include "sim/apiserver/sim_kube.h"
#include "sim/cloud/ec2_cloud.h"
#include "sim/cloud/faults.h"
#include "sim/cloud/kube_faults.h"
#include "sim/cluster/cluster.h"

namespace sim {

struct SandboxOptions {
  std::string region = "us-east-1";
  std::uint64_t seed = 1;
  FaultPlan faults;
  Ec2Delays cloud_delays;
  std::size_t history = 16384;  // Changes per resource that a client may be behind.
};

class Sandbox {
 public:
  // Errors: kNotFound for a region without catalogue.
  static base::Result<std::unique_ptr<Sandbox>> create(runtime::Executor& executor,
                                                       SandboxOptions options);

  // Creates or changes an object, as `kubectl apply --server-side` does. Errors: the server's
  // refusal.
  base::Result<void> apply(std::string_view json);

  // The API as a controller sees it, faults included. Borrows this.
  std::unique_ptr<api::SimKube> controller_kube();

  // What a node class can sell, for control::Dependencies. Borrows this.
  std::function<cloud::CataloguePtr(const k8s::Object&)> catalogue_source();

  k8s::KubeApi& kube() { return cluster_kube_; }

  api::Store& store() { return store_; }

  api::Registry& registry() { return registry_; }

  api::RestServer& rest() { return rest_; }

  Ec2Cloud& cloud() { return cloud_; }

  const cloud::CataloguePtr& catalogue() const { return catalogue_; }

  // What the controllers must know of the cloud's labels.
  const std::shared_ptr<const cloud::LabelSchema>& schema() const { return schema_; }

  FaultPlan& faults() { return faults_; }

 private:
  Sandbox(runtime::Executor& executor,
          const SandboxOptions& options,
          cloud::ec2::Facts facts,
          cloud::CataloguePtr catalogue,
          Account account);

  runtime::Executor& executor_;
  FaultPlan faults_;
  cloud::ec2::CatalogueCache catalogues_;
  const cloud::UnavailableOfferings none_unavailable_;
  std::string region_;
  cloud::CataloguePtr catalogue_;
  std::shared_ptr<const cloud::LabelSchema> schema_ =
      std::make_shared<const cloud::LabelSchema>(cloud::ec2::label_schema());
  api::Store store_;
  api::Registry registry_;
  api::RestServer rest_;
  PlannedKubeFaults kube_faults_;
  api::SimKube cluster_kube_;
  Ec2Cloud cloud_;
  Cluster cluster_;
};

}  // namespace sim
