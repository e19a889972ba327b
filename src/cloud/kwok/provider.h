// The KWOK provider (LIF-236..248): there are no machines, a launch is a Node object that appears
// after the node class's registration delay; a fake kubelet (kwok) plays the rest.
//
//   Provider provider(executor, api, {.catalogue = embedded_catalogue(), .log = sink});
//
// All that lasts is in the API: instances are the Nodes whose provider id begins with kwok://, and
// a Node's name follows from the claim's uid, so that a restarted controller that launches again
// makes no second Node. What sells is decided by the launch request, whose ranking holds the
// claim's requirements and the catalogue already: the first offering that is available is taken
// (LIF-242: the cheapest).
//
// Terminating always ends in "not found", so that one pass ends a claim (LIF-245). Unlike upstream
// it also takes back a Node that is still to come, or that came and has nobody to remove it.
// Drift: never (LIF-247). Thread rule: loop thread. Borrows executor, API and log.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cloud/provider.h"
#include "k8s/kube_api.h"
#include "k8s/node.h"
#include "runtime/executor.h"
#include "runtime/log.h"

namespace cloud::kwok {

class Provider final : public CloudProvider {
 public:
  struct Options {
    CataloguePtr catalogue;
    runtime::LogSink& log;
    // A claim or node class that the caller holds a recent copy of; null: the API is asked.
    std::function<k8s::ObjectPtr(const k8s::ObjectKey&)> find_known = {};
  };

  Provider(runtime::Executor& executor, k8s::KubeApi& api, Options options);
  ~Provider() override;

  void launch(LaunchRequest request, LaunchDone done) override;
  void terminate(const std::string& provider_id, Done done) override;
  void get(const std::string& provider_id, InstanceDone done) override;
  void list(ListDone done) override;
  std::vector<RepairPolicy> repair_policies() const override;  // LIF-247

 private:
  using ClaimPtr = std::shared_ptr<const k8s::NodeClaim>;

  void read(const k8s::ObjectKey& key, k8s::KubeApi::ReadDone done);
  void launch_claim(const LaunchRequest& request, const ClaimPtr& claim, const LaunchDone& done);
  void create_node(const std::string& name, const std::string& body, int attempt);
  void remove_node(const k8s::Node& node, const Done& done);
  // The callback, made harmless once we are gone.
  template <typename F>
  auto guard(F callback) const;

  runtime::Executor& executor_;
  k8s::KubeApi& api_;
  CataloguePtr catalogue_;
  std::function<k8s::ObjectPtr(const k8s::ObjectKey&)> find_known_;
  runtime::Logger log_;
  std::map<std::string, runtime::TimerId> pending_;  // Nodes to come, by name.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace cloud::kwok
