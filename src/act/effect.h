// What a decision wants done in the outside world, as values: written by control/, performed by
// Actor. Every effect says who wants it and why, so that the effect log alone tells the story of a
// run.
//
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "cloud/node_class_resolver.h"
#include "cloud/provider.h"
#include "k8s/kube_api.h"
#include "runtime/metrics.h"

namespace act {

struct WriteObject {
  k8s::WriteRequest request;
};

struct Launch {
  cloud::LaunchRequest request;
};

struct Terminate {
  std::string provider_id;
};

struct GetInstance {
  std::string provider_id;
};

struct ListInstances {};

struct ResolveClass {
  std::shared_ptr<const k8s::EC2NodeClass> node_class;
};

// A Kubernetes Event. Deduplicated by its reason with the dedupe values; no values: never (OPR-81).
struct PublishEvent {
  k8s::ObjectReference object;
  std::string type;  // "Normal" or "Warning".
  std::string reason;
  std::string message;
  std::vector<std::string> dedupe;
  k8s::DurationNs dedupe_for = 120LL * 1'000'000'000;
  bool is_rate_limited = false;  // Shares the bucket of 5 per second (OPR-82).
};

using Action = std::
    variant<WriteObject, Launch, Terminate, GetInstance, ListInstances, ResolveClass, PublishEvent>;

struct Effect {
  Action action;
  std::string cause = {};  // The controller, and what led to this in a few words.
  // Counted when it went well.
  std::vector<runtime::MetricChange> metrics = {};
};

// What came of it. Events have no outcome.
using Outcome = std::variant<base::Result<k8s::ObjectPtr>,
                             std::expected<cloud::Instance, cloud::LaunchFailure>,
                             base::Result<void>,
                             base::Result<cloud::Instance>,
                             base::Result<std::vector<cloud::Instance>>,
                             base::Result<cloud::ResolvedNodeClass>>;

// nullptr when it went well.
const base::Error* error_of(const Outcome& outcome);

// One line, without the body's text: "controller: patch NodeClaim default-abc12 (status) 1f2e...".
std::string describe(const Effect& effect);

k8s::ObjectReference reference(const k8s::Object& object);

}  // namespace act
