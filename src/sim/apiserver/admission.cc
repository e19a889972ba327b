#include "sim/apiserver/admission.h"

#include <boost/json.hpp>

#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

constexpr std::string_view kNotReady = "node.kubernetes.io/not-ready";
constexpr std::string_view kUnreachable = "node.kubernetes.io/unreachable";
constexpr std::int64_t kFailingNodeSeconds = 300;

bool tolerates_eviction(const json::array& tolerations, std::string_view key) {
  for (const json::value& item : tolerations) {
    const json::object* toleration = item.if_object();
    if (toleration == nullptr) {
      continue;
    }
    const std::string_view own = text_at(*toleration, "key");
    const std::string_view effect = text_at(*toleration, "effect");
    if ((own == key || own.empty()) && (effect == "NoExecute" || effect.empty())) {
      return true;
    }
  }
  return false;
}

void add_failing_node_tolerations(json::object& spec) {
  json::array& tolerations = ensure_array(spec, "tolerations");
  for (const std::string_view key : {kNotReady, kUnreachable}) {
    if (!tolerates_eviction(tolerations, key)) {
      json::object toleration;
      toleration["key"] = key;
      toleration["operator"] = "Exists";
      toleration["effect"] = "NoExecute";
      toleration["tolerationSeconds"] = kFailingNodeSeconds;
      tolerations.push_back(std::move(toleration));
    }
  }
}

DocumentPtr default_priority_class(const Store& store) {
  DocumentPtr best;
  for (const auto& [key, candidate] : store.collection(type_of(k8s::Kind::kPriorityClass))) {
    if (bool_at(candidate->body(), "globalDefault") &&
        (best == nullptr || int_at(candidate->body(), "value") < int_at(best->body(), "value"))) {
      best = candidate;
    }
  }
  return best;
}

Answer<void> resolve_priority(const Store& store, json::object& pod, json::object& spec) {
  const std::string name(text_at(spec, "priorityClassName"));
  DocumentPtr priority_class;
  if (name.empty()) {
    priority_class = default_priority_class(store);
  } else {
    priority_class = store.find(type_of(k8s::Kind::kPriorityClass), "", name);
    if (priority_class == nullptr) {
      return refuse(forbidden(resource_type(type_of(k8s::Kind::kPod)),
                              text_at(pod, "metadata.name"),
                              "no PriorityClass with name " + name + " was found"));
    }
  }
  if (priority_class == nullptr) {
    set_default(spec, "priority", 0);
  } else {
    spec["priorityClassName"] = priority_class->name();
    spec["priority"] = int_at(priority_class->body(), "value");
    const std::string_view policy = text_at(priority_class->body(), "preemptionPolicy");
    set_default(
        spec, "preemptionPolicy", json::string(policy.empty() ? "PreemptLowerPriority" : policy));
  }
  set_default(spec, "preemptionPolicy", "PreemptLowerPriority");
  return {};
}

struct QosCount {
  bool any = false;
  bool all_limited = true;  // Every container limits cpu and memory, requests equal.
};

void count_container(const json::object& container, QosCount& count) {
  for (const std::string_view resource : {"cpu", "memory"}) {
    const json::object* requests = object_at(container, "resources.requests");
    const json::object* limits = object_at(container, "resources.limits");
    const json::value* request = requests == nullptr ? nullptr : requests->if_contains(resource);
    const json::value* limit = limits == nullptr ? nullptr : limits->if_contains(resource);
    count.any = count.any || request != nullptr || limit != nullptr;
    count.all_limited =
        count.all_limited && limit != nullptr && (request == nullptr || *request == *limit);
  }
}

}  // namespace

std::string_view qos_class(const json::object& pod) {
  QosCount count;
  for (const std::string_view list : {"spec.containers", "spec.initContainers"}) {
    if (const json::array* containers = array_at(pod, list)) {
      for (const json::value& container : *containers) {
        if (container.is_object()) {
          count_container(container.get_object(), count);
        }
      }
    }
  }
  if (!count.any) {
    return "BestEffort";
  }
  return count.all_limited ? "Guaranteed" : "Burstable";
}

void reset_new_status(const ResourceType& type, json::object& body) {
  if (!type.has_status) {
    return;
  }
  // Nodes and volumes report their state when they register.
  if (type.is(k8s::Kind::kNode) || type.is(k8s::Kind::kPersistentVolume)) {
    return;
  }
  body.erase("status");
  if (type.is(k8s::Kind::kPod)) {
    json::object& status = ensure_object(body, "status");
    status["phase"] = "Pending";
    status["qosClass"] = qos_class(body);
  } else if (type.is(k8s::Kind::kNamespace)) {
    ensure_object(body, "status")["phase"] = "Active";
    ensure_object(body, "spec")["finalizers"] = json::array{"kubernetes"};
  } else if (type.is(k8s::Kind::kPersistentVolumeClaim)) {
    ensure_object(body, "status")["phase"] = "Pending";
  } else if (!type.custom) {
    body["status"] = json::object{};
  }
}

Answer<void> admit_new_pod(const Store& store, json::object& pod) {
  json::object& spec = ensure_object(pod, "spec");
  set_default(spec, "serviceAccountName", "default");
  set_default(spec, "serviceAccount", spec["serviceAccountName"]);
  add_failing_node_tolerations(spec);
  return resolve_priority(store, pod, spec);
}

}  // namespace sim::api
