#include "sim/cloud/ec2_cloud.h"

#include <algorithm>

#include <fmt/format.h>

#include "cloud/ec2/repair_policies.h"
#include "k8s/selector.h"

namespace sim {

namespace {

using base::ErrorCode;
using cloud::OfferingRef;

std::string offering_key(const OfferingRef& offering) {
  return fmt::format("{}/{}/{}", offering.instance_type, offering.zone, offering.capacity_type);
}

base::Error throttled(std::string_view call) {
  return {ErrorCode::kThrottled, fmt::format("{}: RequestLimitExceeded", call)};
}

base::Error not_found(std::string_view provider_id) {
  return {ErrorCode::kNotFound, fmt::format("InvalidInstanceID.NotFound: {}", provider_id)};
}

}  // namespace

Ec2Cloud::Ec2Cloud(runtime::Executor& executor,
                   std::uint64_t seed,
                   cloud::CataloguePtr catalogue,
                   Account account,
                   const FaultPlan& faults,
                   Ec2Delays delays)
    : env_(executor, seed),
      catalogue_(std::move(catalogue)),
      account_(std::move(account)),
      faults_(faults),
      delays_(delays) {}

void Ec2Cloud::launch(cloud::LaunchRequest request, LaunchDone done) {
  env_.after(5 * delays_.api, [this, request = std::move(request), done = std::move(done)] {
    Fleet fleet = create_fleet(request);
    if (fleet && faults_.strikes(Fault::kLostResponse, env_.rng())) {
      fleet = std::unexpected(cloud::LaunchFailure{
          .error = {ErrorCode::kTimeout, "CreateFleet: the answer did not arrive"},
          .unavailable = {}});
    }
    done(std::move(fleet));
  });
}

Ec2Cloud::Fleet Ec2Cloud::create_fleet(const cloud::LaunchRequest& request) {
  // The client token: a repeated request is answered with what the first one made.
  const auto known = by_claim_uid_.find(request.claim_uid);
  if (known != by_claim_uid_.end()) {
    return records_.at(known->second).instance;
  }
  if (is_throttled()) {
    return std::unexpected(
        cloud::LaunchFailure{.error = throttled("CreateFleet"), .unavailable = {}});
  }
  std::vector<OfferingRef> unavailable;
  std::string last = "the request names no offering";
  for (const OfferingRef& offering : request.offerings) {
    const base::Result<const cloud::Offering*> sold = deliver(offering);
    if (!sold) {
      unavailable.push_back(offering);
      last = sold.error().detail;
      continue;
    }
    cloud::Instance instance = start_instance(request, offering, **sold).instance;
    instance.unavailable = std::move(unavailable);
    return instance;
  }
  return std::unexpected(cloud::LaunchFailure{
      .error = {ErrorCode::kInsufficientCapacity,
                fmt::format("none of {} offerings could be delivered; the last: {}",
                            request.offerings.size(),
                            last)},
      .unavailable = std::move(unavailable)});
}

base::Result<const cloud::Offering*> Ec2Cloud::deliver(const OfferingRef& offering) {
  const std::string key = offering_key(offering);
  const cloud::InstanceType* type = catalogue_->find(offering.instance_type);
  if (type == nullptr) {
    return base::fail(ErrorCode::kInvalid, fmt::format("{}: unknown instance type", key));
  }
  const auto found = std::ranges::find_if(type->offerings, [&](const cloud::Offering& candidate) {
    return candidate.zone == offering.zone && candidate.capacity_type == offering.capacity_type;
  });
  if (found == type->offerings.end() || !account_.has_subnet_in(offering.zone)) {
    return base::fail(ErrorCode::kInvalid, fmt::format("{}: not offered", key));
  }
  const auto sold_out = sold_out_.find(key);
  if (sold_out != sold_out_.end() && sold_out->second <= env_.now()) {
    sold_out_.erase(sold_out);
  } else if (sold_out != sold_out_.end()) {
    return base::fail(ErrorCode::kInsufficientCapacity,
                      fmt::format("{}: InsufficientInstanceCapacity", key));
  }
  if (!found->available || faults_.strikes(Fault::kInsufficientCapacity, env_.rng())) {
    sell_out(offering, env_.now() + delays_.sold_out);
    return base::fail(ErrorCode::kInsufficientCapacity,
                      fmt::format("{}: InsufficientInstanceCapacity", key));
  }
  return &*found;
}

Ec2Cloud::Record& Ec2Cloud::start_instance(const cloud::LaunchRequest& request,
                                           const OfferingRef& offering,
                                           const cloud::Offering& sold) {
  Record record;
  record.claim_uid = request.claim_uid;
  record.visible_from = env_.now() + env_.between(0, delays_.invisible);
  const std::string provider_id = new_provider_id(offering.zone);
  const std::string address = new_address(offering.zone);
  record.instance = {.provider_id = provider_id,
                     .instance_type = offering.instance_type,
                     .zone = offering.zone,
                     .capacity_type = offering.capacity_type,
                     .image_id = image_for(request.class_name, offering.instance_type),
                     .price = sold.price,
                     .launched = env_.now(),
                     .is_terminating = false,
                     .tags = request.tags,
                     .unavailable = {}};
  record.machine = {.provider_id = provider_id,
                    .node_name = private_dns_name(address, account_.region()),
                    .claim_name = request.claim_name,
                    .instance_type = offering.instance_type,
                    .zone = offering.zone,
                    .zone_id = sold.zone_id,
                    .region = account_.region(),
                    .capacity_type = offering.capacity_type,
                    .address = address,
                    .price = sold.price,
                    .state = MachineState::kPending};
  by_claim_uid_.emplace(request.claim_uid, provider_id);
  Record& stored = records_.emplace(provider_id, std::move(record)).first->second;
  env_.post([this, provider_id] { set_state(provider_id, MachineState::kPending); });
  env_.after(delays_.pending, [this, provider_id] {
    const auto found = records_.find(provider_id);
    if (found != records_.end() && found->second.machine.state == MachineState::kPending) {
      set_state(provider_id, MachineState::kRunning);
    }
  });
  plan_interruption(stored);
  return stored;
}

void Ec2Cloud::plan_interruption(const Record& record) {
  if (record.instance.capacity_type == "spot" &&
      faults_.strikes(Fault::kSpotInterruption, env_.rng())) {
    env_.after(env_.between(1 * kMinute, 20 * kMinute),
               [this, provider_id = record.instance.provider_id] { interrupt(provider_id); });
  }
}

void Ec2Cloud::terminate(const std::string& provider_id, cloud::CloudProvider::Done done) {
  env_.after(delays_.api, [this, provider_id, done = std::move(done)] {
    if (is_throttled()) {
      done(base::fail(throttled("TerminateInstances")));
      return;
    }
    const auto found = records_.find(provider_id);
    // The terminated are gone for callers, although EC2 shows them for another hour.
    if (found == records_.end() || found->second.machine.state == MachineState::kTerminated) {
      done(base::fail(not_found(provider_id)));
      return;
    }
    shut_down(provider_id);
    done({});
  });
}

void Ec2Cloud::get(const std::string& provider_id, InstanceDone done) {
  env_.after(delays_.api, [this, provider_id, done = std::move(done)] {
    if (is_throttled()) {
      done(base::fail(throttled("DescribeInstances")));
      return;
    }
    const auto found = records_.find(provider_id);
    if (found == records_.end() || !is_visible(found->second)) {
      done(base::fail(not_found(provider_id)));
      return;
    }
    done(found->second.instance);
  });
}

void Ec2Cloud::list(ListDone done) {
  env_.after(delays_.api, [this, done = std::move(done)] {
    if (is_throttled()) {
      done(base::fail(throttled("DescribeInstances")));
      return;
    }
    std::vector<cloud::Instance> instances;
    for (const auto& [provider_id, record] : records_) {
      if (is_visible(record)) {
        instances.push_back(record.instance);
      }
    }
    done(std::move(instances));
  });
}

void Ec2Cloud::resolve(std::shared_ptr<const k8s::EC2NodeClass> node_class,
                       cloud::NodeClassResolver::Done done) {
  env_.after(delays_.api, [this, node_class = std::move(node_class), done = std::move(done)] {
    if (is_throttled()) {
      done(base::fail(throttled("DescribeSubnets")));
      return;
    }
    auto answer = account_.resolve(*node_class);
    if (answer) {
      images_[node_class->meta.name] = answer->images;
    }
    done(std::move(answer));
  });
}

// AWI-333 from the other side: what a machine of the type boots now.
std::string Ec2Cloud::image_for(const std::string& class_name,
                                const std::string& instance_type) const {
  const auto images = images_.find(class_name);
  const cloud::InstanceType* type = catalogue_->find(instance_type);
  if (images == images_.end() || type == nullptr) {
    return {};
  }
  k8s::StringMap labels;
  for (const cloud::TypeLabel& label : type->labels) {
    if (label.values.size() == 1) {
      labels.emplace(label.key, label.values.front());
    }
  }
  const auto found = std::ranges::find_if(images->second, [&](const k8s::ResolvedImage& image) {
    return k8s::matches(image.requirements, labels);
  });
  return found == images->second.end() ? std::string() : found->id;
}

void Ec2Cloud::sell_out(const OfferingRef& offering, k8s::TimeNs until) {
  sold_out_[offering_key(offering)] = until;
}

void Ec2Cloud::interrupt(const std::string& provider_id) {
  const auto found = records_.find(provider_id);
  if (found == records_.end() || found->second.machine.state > MachineState::kRunning) {
    return;
  }
  const Interruption interruption{.provider_id = provider_id,
                                  .at = env_.now() + delays_.interruption_notice};
  for (const InterruptionSink& sink : interruption_sinks_) {
    sink(interruption);
  }
  env_.after(delays_.interruption_notice, [this, provider_id] { shut_down(provider_id); });
}

void Ec2Cloud::kill(const std::string& provider_id) {
  shut_down(provider_id);
}

std::vector<cloud::Instance> Ec2Cloud::running() const {
  std::vector<cloud::Instance> instances;
  for (const auto& [provider_id, record] : records_) {
    if (record.machine.state <= MachineState::kRunning) {
      instances.push_back(record.instance);
    }
  }
  return instances;
}

void Ec2Cloud::shut_down(const std::string& provider_id) {
  const auto found = records_.find(provider_id);
  if (found == records_.end() || found->second.machine.state > MachineState::kRunning) {
    return;
  }
  found->second.instance.is_terminating = true;
  set_state(provider_id, MachineState::kShuttingDown);
  env_.after(delays_.shutting_down,
             [this, provider_id] { set_state(provider_id, MachineState::kTerminated); });
}

void Ec2Cloud::set_state(const std::string& provider_id, MachineState state) {
  const auto found = records_.find(provider_id);
  if (found == records_.end()) {
    return;
  }
  found->second.machine.state = state;
  const Machine machine = found->second.machine;
  env_.post([this, machine] {
    for (const MachineSink& sink : machine_sinks_) {
      sink(machine);
    }
  });
}

bool Ec2Cloud::is_visible(const Record& record) const {
  return record.visible_from <= env_.now() && record.machine.state != MachineState::kTerminated;
}

bool Ec2Cloud::is_throttled() {
  return faults_.strikes(Fault::kThrottle, env_.rng());
}

std::string Ec2Cloud::new_provider_id(std::string_view zone) {
  std::string id;
  do {
    // EC2 ids are 17 hex digits and begin with 0.
    id = fmt::format("aws:///{}/i-0{:016x}", zone, env_.rng().next());
  } while (records_.contains(id));
  return id;
}

std::string Ec2Cloud::new_address(std::string_view zone) {
  // Zones lie 32 blocks of 256 apart, in the order of the alphabet; hosts from .4 on, as a VPC's.
  const std::uint32_t block = zone.empty() ? 0 : static_cast<std::uint32_t>(zone.back() - 'a') % 8;
  const std::uint32_t host = 4 + next_host_[std::string(zone)]++;
  return fmt::format("10.0.{}.{}", block * 32 + (host / 250) % 32, host % 250 + 2);
}

std::string Ec2Cloud::private_dns_name(std::string_view address, std::string_view region) {
  std::string host(address);
  std::ranges::replace(host, '.', '-');
  return region == "us-east-1" ? fmt::format("ip-{}.ec2.internal", host)
                               : fmt::format("ip-{}.{}.compute.internal", host, region);
}

std::vector<cloud::RepairPolicy> Ec2Cloud::repair_policies() const {
  return cloud::ec2::repair_policies();
}

}  // namespace sim
