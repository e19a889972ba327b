// The pod subresources that write: eviction, which honours disruption budgets, and binding.

#include <utility>

#include <boost/json.hpp>

#include "sim/apiserver/json.h"
#include "sim/apiserver/registry.h"
#include "sim/apiserver/selector.h"

namespace sim::api {

namespace {

constexpr int kRetryAfterSeconds = 10;

std::vector<DocumentPtr> budgets_of(const Store& store, const Body& pod) {
  std::vector<DocumentPtr> out;
  const std::string prefix = std::string(text_at(pod, "metadata.namespace")) + "/";
  const json::object* labels = object_at(pod, "metadata.labels");
  const Store::Collection& all = store.collection(type_of(k8s::Kind::kPodDisruptionBudget));
  for (auto it = all.lower_bound(prefix); it != all.end() && it->first.starts_with(prefix); ++it) {
    if (selector_matches(object_at(it->second->parts(), "spec.selector"), labels)) {
      out.push_back(it->second);
    }
  }
  return out;
}

// Pods that are not running, or that go away anyway, cost no budget.
bool is_free_to_evict(const Body& pod) {
  const std::string_view phase = text_at(pod, "status.phase");
  return phase == "Succeeded" || phase == "Failed" || phase == "Pending" ||
         find_path(pod, "metadata.deletionTimestamp") != nullptr;
}

bool may_evict_unhealthy(const Body& budget) {
  if (text_at(budget, "spec.unhealthyPodEvictionPolicy") == "AlwaysAllow") {
    return true;
  }
  const std::int64_t desired = int_at(budget, "status.desiredHealthy");
  return desired > 0 && int_at(budget, "status.currentHealthy") >= desired;
}

StatusError too_many_requests(std::string message, StatusCause cause) {
  StatusError error;
  error.code = 429;
  error.reason = "TooManyRequests";
  error.message = std::move(message);
  error.causes.push_back(std::move(cause));
  return error;
}

StatusError budget_refuses(const Body& budget) {
  const std::string name(text_at(budget, "metadata.name"));
  if (int_at(budget, "status.observedGeneration") < int_at(budget, "metadata.generation")) {
    StatusError error = too_many_requests(
        "Cannot evict pod as it would violate the pod's disruption budget.",
        {"DisruptionBudget",
         "The disruption budget " + name + " is still being processed by the server.",
         ""});
    error.retry_after_seconds = kRetryAfterSeconds;
    return error;
  }
  return too_many_requests(
      "Cannot evict pod as it would violate the pod's disruption budget.",
      {"DisruptionBudget",
       "The disruption budget " + name + " needs " +
           std::to_string(int_at(budget, "status.desiredHealthy")) + " healthy pods and has " +
           std::to_string(int_at(budget, "status.currentHealthy")) + " currently",
       ""});
}

bool has_budget_left(const Body& budget) {
  return int_at(budget, "status.observedGeneration") >= int_at(budget, "metadata.generation") &&
         int_at(budget, "status.disruptionsAllowed") > 0;
}

json::object part_of(const Body& body, std::string_view key) {
  const json::object* part = object_at(body, key);
  return part == nullptr ? json::object() : *part;
}

// Counts the eviction at once, so that the next one sees it before the budget's controller does.
Body charged(Body budget, std::string_view pod, k8s::TimeNs now) {
  json::object status = part_of(budget, "status");
  status["disruptionsAllowed"] = int_at(status, "disruptionsAllowed") - 1;
  ensure_object(status, "disruptedPods")[pod] = format_time(now);
  budget.set("status", std::move(status));
  return budget;
}

Body bound(Body pod, std::string_view node, k8s::TimeNs now) {
  json::object spec = part_of(pod, "spec");
  spec["nodeName"] = node;
  json::object status = part_of(pod, "status");
  json::array conditions;
  for (json::value& condition : ensure_array(status, "conditions")) {
    if (!condition.is_object() || text_at(condition.get_object(), "type") != "PodScheduled") {
      conditions.push_back(std::move(condition));
    }
  }
  json::object scheduled;
  scheduled["type"] = "PodScheduled";
  scheduled["status"] = "True";
  scheduled["lastProbeTime"] = nullptr;
  scheduled["lastTransitionTime"] = format_time(now);
  conditions.push_back(std::move(scheduled));
  status["conditions"] = std::move(conditions);
  pod.set("spec", std::move(spec));
  pod.set("status", std::move(status));
  return pod;
}

}  // namespace

Answer<Written> Registry::evict(const ObjectRef& ref, const WriteOptions& options) {
  const Answer<DocumentPtr> found = get(ref);
  if (!found) {
    return refuse(found.error());
  }
  const DocumentPtr& pod = *found;
  if (is_free_to_evict(pod->parts())) {
    return remove(ref, options);
  }
  const std::vector<DocumentPtr> budgets = budgets_of(store_, pod->parts());
  if (budgets.size() > 1) {
    return refuse(
        internal_error("This pod has more than one PodDisruptionBudget, which the "
                       "eviction subresource does not support."));
  }
  if (budgets.empty()) {
    return remove(ref, options);
  }
  const Body& budget = budgets.front()->parts();
  if (!condition_is(pod->parts(), "Ready", "True") && may_evict_unhealthy(budget)) {
    return remove(ref, options);
  }
  if (!has_budget_left(budget)) {
    return refuse(budget_refuses(budget));
  }
  Answer<Written> out = remove(ref, options);
  if (out && !options.dry_run) {
    store_.put(budgets.front()->type(), charged(budget, ref.name, now()), budgets.front());
  }
  return out;
}

Answer<Written> Registry::bind(const ObjectRef& ref,
                               std::string_view node,
                               const WriteOptions& options) {
  const ResourceType& type = resource_type(ref.type);
  const Answer<DocumentPtr> found = get(ref);
  if (!found) {
    return refuse(found.error());
  }
  const DocumentPtr& pod = *found;
  if (!options.uid.empty() && options.uid != pod->uid()) {
    return refuse(conflict(type, ref.name, "Precondition failed: UID in precondition"));
  }
  if (pod->is_deleting()) {
    return refuse(conflict(
        type, ref.name, "pod " + ref.name + " is being deleted, cannot be assigned to a host"));
  }
  const std::string_view current = text_at(pod->parts(), "spec.nodeName");
  if (!current.empty()) {
    return refuse(conflict(
        type,
        ref.name,
        "pod " + ref.name + " is already assigned to node \"" + std::string(current) + "\""));
  }
  return commit(ref, bound(pod->parts(), node, now()), options, pod);
}

}  // namespace sim::api
