// The contract with any cloud, in its own words: instances are launched from ranked offerings,
// listed, terminated. Implementations: the embedded EC2 and KWOK clouds of sim/, later cloud/aws.
//
// Thread rule: call on the loop thread; callbacks run on the loop thread, never inside the call
// itself.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cloud/catalogue.h"

namespace cloud {

struct OfferingRef {
  std::string instance_type;
  std::string zone;
  std::string capacity_type;
};

// Derived from the persisted claim by exactly one function, so that a restart asks for the same
// thing.
struct LaunchRequest {
  std::string claim_name;
  std::string claim_uid;  // The idempotency token: the same uid never launches twice.
  std::string class_name;
  std::vector<OfferingRef> offerings;  // By preference, cheapest first.
  std::vector<std::pair<std::string, std::string>> tags;
};

struct Instance {
  std::string provider_id;
  std::string instance_type;
  std::string zone;
  std::string capacity_type;
  std::string image_id;
  double price = 0;           // USD per hour.
  std::int64_t launched = 0;  // Nanoseconds since the Unix epoch.
  bool is_terminating = false;
  std::vector<std::pair<std::string, std::string>> tags;
  // Answers to launch only: offerings that were asked for first and could not be delivered.
  std::vector<OfferingRef> unavailable;
  // What the node will say of itself, where that is not what the catalogue says of its type.
  std::optional<k8s::Resources> capacity = {};
  std::optional<k8s::Resources> allocatable = {};
};

struct LaunchFailure {
  base::Error error;
  std::vector<OfferingRef> unavailable;  // Offerings that the cloud could not deliver.
  std::string reason = {};               // Of condition Launched; empty: "LaunchFailed" (LIF-76).
};

// A node whose condition has this status for so long is to be replaced (spec 04 s7).
struct RepairPolicy {
  std::string condition;
  std::string status;
  std::int64_t toleration = 0;  // Nanoseconds.
};

class CloudProvider {
 public:
  using LaunchDone = std::function<void(std::expected<Instance, LaunchFailure>)>;
  using Done = std::function<void(base::Result<void>)>;
  using InstanceDone = std::function<void(base::Result<Instance>)>;
  using ListDone = std::function<void(base::Result<std::vector<Instance>>)>;

  virtual ~CloudProvider() = default;

  virtual void launch(LaunchRequest request, LaunchDone done) = 0;
  // kNotFound when the instance is gone: callers treat that as done.
  virtual void terminate(const std::string& provider_id, Done done) = 0;
  virtual void get(const std::string& provider_id, InstanceDone done) = 0;
  virtual void list(ListDone done) = 0;

  // What makes a node of this cloud sick beyond hope; empty: nothing does.
  virtual std::vector<RepairPolicy> repair_policies() const { return {}; }
};

}  // namespace cloud
