// The embedded EC2: sells the offerings of a catalogue by CreateFleet's rules. A launch takes the
// first offering of the request that can be delivered; what cannot is reported and stays sold out
// for three minutes. Instances go pending -> running -> shutting-down -> terminated with delays,
// are invisible to get and list for a moment after their launch, and a launch with a known claim
// uid answers with the instance that is there.
//
// Tests and the harness inject sold-out offerings and interruptions by hand; a FaultPlan does it
// by chance. Thread rule: loop thread. Deterministic for a seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cloud/node_class_resolver.h"
#include "cloud/provider.h"
#include "sim/cloud/account.h"
#include "sim/cloud/env.h"
#include "sim/cloud/faults.h"
#include "sim/cloud/machine.h"

namespace sim {

struct Ec2Delays {
  k8s::DurationNs api = 300 * kMillisecond;  // Every answer; CreateFleet takes five times as long.
  k8s::DurationNs invisible = seconds(2);    // Upper bound; after the launch's answer.
  k8s::DurationNs pending = seconds(4);
  k8s::DurationNs shutting_down = seconds(12);
  k8s::DurationNs sold_out = 3 * kMinute;
  k8s::DurationNs interruption_notice = 2 * kMinute;
};

class Ec2Cloud final : public cloud::CloudProvider, public cloud::NodeClassResolver {
 public:
  // What the controller would learn from the interruption queue.
  struct Interruption {
    std::string provider_id;
    k8s::TimeNs at = 0;  // When the instance is taken.
  };

  using InterruptionSink = std::function<void(const Interruption&)>;

  // `faults` is borrowed and outlives the cloud.
  Ec2Cloud(runtime::Executor& executor,
           std::uint64_t seed,
           cloud::CataloguePtr catalogue,
           Account account,
           const FaultPlan& faults,
           Ec2Delays delays = {});

  void launch(cloud::LaunchRequest request, LaunchDone done) override;
  void terminate(const std::string& provider_id, cloud::CloudProvider::Done done) override;
  void get(const std::string& provider_id, InstanceDone done) override;
  void list(ListDone done) override;
  std::vector<cloud::RepairPolicy> repair_policies() const override;
  void resolve(std::shared_ptr<const k8s::EC2NodeClass> node_class,
               cloud::NodeClassResolver::Done done) override;

  void watch_machines(MachineSink sink) { machine_sinks_.push_back(std::move(sink)); }

  void watch_interruptions(InterruptionSink sink) {
    interruption_sinks_.push_back(std::move(sink));
  }

  // Prices and availability may change between launches.
  void set_catalogue(cloud::CataloguePtr catalogue) { catalogue_ = std::move(catalogue); }

  // By hand. `until` is wall time.
  void sell_out(const cloud::OfferingRef& offering, k8s::TimeNs until);
  void interrupt(const std::string& provider_id);
  // As if somebody had terminated it in the console.
  void kill(const std::string& provider_id);

  // Instances that cost money now (not shutting down), whether visible or not: for checkers.
  std::vector<cloud::Instance> running() const;

  // Aliases give new images from now on; machines that run keep theirs.
  void release_images() { account_.release_images(); }

  const Account& account() const { return account_; }

  // "ip-10-0-3-17.us-west-2.compute.internal"; us-east-1 says "ec2.internal".
  static std::string private_dns_name(std::string_view address, std::string_view region);

 private:
  struct Record {
    cloud::Instance instance;
    Machine machine;
    std::string claim_uid;
    k8s::TimeNs visible_from = 0;
  };

  using Fleet = std::expected<cloud::Instance, cloud::LaunchFailure>;

  Fleet create_fleet(const cloud::LaunchRequest& request);
  base::Result<const cloud::Offering*> deliver(const cloud::OfferingRef& offering);
  Record& start_instance(const cloud::LaunchRequest& request,
                         const cloud::OfferingRef& offering,
                         const cloud::Offering& sold);
  void plan_interruption(const Record& record);
  void shut_down(const std::string& provider_id);
  void set_state(const std::string& provider_id, MachineState state);
  bool is_visible(const Record& record) const;
  bool is_throttled();
  std::string image_for(const std::string& class_name, const std::string& instance_type) const;
  std::string new_provider_id(std::string_view zone);
  std::string new_address(std::string_view zone);

  Env env_;
  cloud::CataloguePtr catalogue_;
  Account account_;
  const FaultPlan& faults_;
  Ec2Delays delays_;
  std::map<std::string, Record> records_;            // By provider id.
  std::map<std::string, std::string> by_claim_uid_;  // -> provider id
  std::map<std::string, k8s::TimeNs> sold_out_;      // "type/zone/capacity type" -> until
  std::map<std::string, std::vector<k8s::ResolvedImage>> images_;  // As last resolved, by class.
  std::map<std::string, std::uint32_t> next_host_;                 // zone -> last address given
  std::vector<MachineSink> machine_sinks_;
  std::vector<InterruptionSink> interruption_sinks_;
};

}  // namespace sim
