#include "sim/cloud/kube_faults.h"

#include <chrono>

namespace sim {

using namespace std::chrono_literals;

api::CallFault PlannedKubeFaults::on_write(const k8s::WriteRequest& request) {
  api::CallFault fault;
  fault.lose_answer = plan_.strikes(Fault::kLostAnswer, rng_);
  if (fault.lose_answer) {
    fault.answer_delay = rng_.between(1ms, 10s);
    return fault;
  }
  if (!plan_.strikes(Fault::kApiConflict, rng_)) {
    return fault;
  }
  // A create cannot conflict: there the server is merely away for a moment.
  const bool is_new = request.verb == k8s::Verb::kCreate;
  fault.refuse =
      is_new ? base::Error{base::ErrorCode::kUnavailable, "injected: server unavailable"}
             : base::Error{base::ErrorCode::kConflict, "injected: the object has been modified"};
  fault.delay = rng_.between(1ms, 200ms);
  return fault;
}

api::CallFault PlannedKubeFaults::on_read(k8s::Kind) {
  return {};
}

runtime::Duration PlannedKubeFaults::watch_delay(k8s::Kind) {
  return plan_.has(Fault::kWatchDrop) ? rng_.between(0ms, 250ms) : 0ms;
}

std::optional<runtime::Duration> PlannedKubeFaults::drop_watch(k8s::Kind) {
  if (!plan_.strikes(Fault::kWatchDrop, rng_)) {
    return std::nullopt;
  }
  return rng_.between(100ms, 20s);
}

runtime::Duration PlannedKubeFaults::list_delay(k8s::Kind) {
  constexpr double kSlow = 0.1;
  return plan_.has(Fault::kWatchDrop) && rng_.chance(kSlow) ? rng_.between(1s, 20s)
                                                            : runtime::Duration(0);
}

}  // namespace sim
