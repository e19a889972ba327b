#include "sim/apiserver/pod_summary.h"

#include <boost/json.hpp>

#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

// Why a container is not running; empty when it runs.
std::string_view trouble_of(const json::object& container) {
  for (const std::string_view state : {"state.waiting", "state.terminated"}) {
    if (const json::object* found = object_at(container, state)) {
      const std::string_view reason = text_at(*found, "reason");
      if (!reason.empty()) {
        return reason;
      }
    }
  }
  return {};
}

void count_containers(const json::object& pod, PodSummary& out) {
  const json::array* statuses = array_at(pod, "status.containerStatuses");
  if (statuses == nullptr) {
    return;
  }
  for (const json::value& item : *statuses) {
    const json::object* container = item.if_object();
    if (container == nullptr) {
      continue;
    }
    out.restarts += int_at(*container, "restartCount");
    const std::string_view trouble = trouble_of(*container);
    if (!trouble.empty()) {
      out.status = trouble;
    } else if (bool_at(*container, "ready")) {
      ++out.ready;
    }
  }
}

}  // namespace

PodSummary summarize_pod(const json::object& pod) {
  PodSummary out;
  const json::array* containers = array_at(pod, "spec.containers");
  out.containers = containers == nullptr ? 0 : static_cast<std::int64_t>(containers->size());
  out.status = text_at(pod, "status.phase");
  if (const std::string_view reason = text_at(pod, "status.reason"); !reason.empty()) {
    out.status = reason;
  }
  if (const json::object* scheduled = find_condition(pod, "PodScheduled");
      scheduled != nullptr && text_at(*scheduled, "reason") == "SchedulingGated") {
    out.status = "SchedulingGated";
  }
  count_containers(pod, out);
  if (find_path(pod, "metadata.deletionTimestamp") != nullptr) {
    out.status = "Terminating";
  }
  return out;
}

}  // namespace sim::api
