// The KWOK provider (LIF-236..248): there are no machines, a launch is a Node object that appears
// after the node class's registration delay. What sells is decided by the claim's requirements and
// the catalogue; the launch request's ranking already holds both, so the first offering that is
// available is taken (LIF-242: the cheapest).
//
// Terminating deletes nothing: the Node goes when its finalizers do, and the answer is always "not
// found", so that one pass ends a claim (LIF-245). Thread rule: loop thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cloud/provider.h"
#include "k8s/kube_api.h"
#include "k8s/node.h"
#include "sim/cloud/env.h"
#include "sim/cloud/faults.h"

namespace sim {

class KwokCloud final : public cloud::CloudProvider {
 public:
  // Borrows all references.
  KwokCloud(runtime::Executor& executor,
            std::uint64_t seed,
            k8s::KubeApi& api,
            cloud::CataloguePtr catalogue,
            const FaultPlan& faults);

  void launch(cloud::LaunchRequest request, LaunchDone done) override;
  void terminate(const std::string& provider_id, Done done) override;
  void get(const std::string& provider_id, InstanceDone done) override;
  void list(ListDone done) override;

 private:
  using ClaimPtr = std::shared_ptr<const k8s::NodeClaim>;

  void launch_claim(const cloud::LaunchRequest& request,
                    const ClaimPtr& claim,
                    const LaunchDone& done);
  void create_node(const std::string& provider_id,
                   std::string node_body,
                   std::string status_body,
                   int attempt);
  std::string new_node_name(const std::string& claim_name);
  base::Result<const cloud::Offering*> choose(const cloud::LaunchRequest& request,
                                              cloud::OfferingRef& chosen) const;

  Env env_;
  k8s::KubeApi& api_;
  cloud::CataloguePtr catalogue_;
  const FaultPlan& faults_;
  std::map<std::string, cloud::Instance> instances_;  // By provider id.
  std::map<std::string, std::string> by_claim_uid_;   // -> provider id
  std::uint32_t sequence_ = 0;
};

}  // namespace sim
