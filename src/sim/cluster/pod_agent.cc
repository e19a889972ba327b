#include <algorithm>

#include <fmt/format.h>

#include "k8s/conditions.h"
#include "sim/cluster/kubelet.h"
#include "sim/cluster/pod_facts.h"
#include "sim/cluster/status_bodies.h"

namespace sim {

namespace {

std::vector<k8s::Condition> running_conditions(const k8s::Pod& pod, k8s::TimeNs now) {
  std::vector<k8s::Condition> conditions = pod.status.conditions;
  for (const char* type :
       {"PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"}) {
    k8s::upsert_condition(
        conditions, {.type = type, .status = "True", .reason = {}, .message = {}}, now);
  }
  return conditions;
}

std::vector<k8s::Condition> ended_conditions(const k8s::Pod& pod, k8s::TimeNs now) {
  std::vector<k8s::Condition> conditions = pod.status.conditions;
  for (const char* type : {"Ready", "ContainersReady"}) {
    k8s::upsert_condition(
        conditions,
        {.type = type, .status = "False", .reason = "PodCompleted", .message = {}},
        now);
  }
  return conditions;
}

}  // namespace

PodAgent::PodAgent(Client& client, const Machines& machines, KubeletDelays delays)
    : client_(client),
      machines_(machines),
      delays_(delays),
      queue_(client, [this](const auto& key) { reconcile(key); }) {
  Mirror& mirror = client_.mirror();
  mirror.listen(k8s::Kind::kPod, [this](const auto& key, const auto& before, const auto& now) {
    if (now == nullptr) {
      due_.erase(before->meta.uid);
    } else if (!k8s::as<k8s::Pod>(*now).spec.node_name.empty()) {
      queue_.add(key);
    }
  });
  mirror.listen(k8s::Kind::kNode, [this](const auto& key, const auto& before, const auto& now) {
    const auto is_ready = [](const k8s::ObjectPtr& node) {
      return node != nullptr && k8s::is_true(k8s::as<k8s::Node>(*node).status.conditions, "Ready");
    };
    if (is_ready(now) && !is_ready(before)) {
      for (const auto& [pod, object] : client_.mirror().pods_on(key.name)) {
        queue_.add(pod);
      }
    }
  });
}

void PodAgent::reconcile(const k8s::ObjectKey& key) {
  const auto pod = client_.mirror().find_as<k8s::Pod>(key);
  if (pod == nullptr || pod->spec.node_name.empty()) {
    return;
  }
  const auto node = client_.mirror().find_as<k8s::Node>(
      {.kind = k8s::Kind::kNode, .namespace_ = {}, .name = pod->spec.node_name});
  if (node == nullptr || !machines_.is_alive(*node)) {
    return;
  }
  if (pod->meta.is_deleting()) {
    stop(key, *pod);
  } else if (is_running(*pod)) {
    finish(key, *pod);
  } else if (!is_terminal(*pod) && k8s::is_true(node->status.conditions, "Ready")) {
    start(key, *pod);
  }
}

void PodAgent::stop(const k8s::ObjectKey& key, const k8s::Pod& pod) {
  const k8s::DurationNs grace = seconds(pod.meta.deletion_grace_seconds.value_or(30));
  const k8s::DurationNs delay = is_running(pod) ? std::min(grace, delays_.pod_stop) : 0;
  if (is_due(key, pod.meta.uid, Step::kStop, delay)) {
    queue_.write(key, delete_request(pod, 0));
  }
}

void PodAgent::start(const k8s::ObjectKey& key, const k8s::Pod& pod) {
  const auto known = due_.find(pod.meta.uid);
  const bool is_set =
      known != due_.end() && known->second[static_cast<std::size_t>(Step::kStart)] != 0;
  const k8s::DurationNs delay =
      is_set ? 0 : client_.env().between(delays_.pod_start / 4, delays_.pod_start);
  if (!is_due(key, pod.meta.uid, Step::kStart, delay)) {
    return;
  }
  const k8s::TimeNs now = client_.env().now();
  PodStart started{.conditions = running_conditions(pod, now),
                   .at = now,
                   .pod_ip = new_address(),
                   .host_ip = {}};
  queue_.write(key, status_patch(key, running_body(pod, started)));
}

void PodAgent::finish(const k8s::ObjectKey& key, const k8s::Pod& pod) {
  const bool is_restarted = pod.spec.restart_policy.empty() || pod.spec.restart_policy == "Always";
  if (is_restarted || !is_due(key, pod.meta.uid, Step::kEnd, run_time(pod))) {
    return;
  }
  const k8s::TimeNs now = client_.env().now();
  queue_.write(key, status_patch(key, succeeded_body(pod, ended_conditions(pod, now), now)));
}

k8s::DurationNs PodAgent::run_time(const k8s::Pod& pod) const {
  const std::string* given = pod.meta.annotation(kRunForAnnotation);
  return given == nullptr ? delays_.pod_run : k8s::parse_duration(*given).value_or(delays_.pod_run);
}

bool PodAgent::is_due(const k8s::ObjectKey& key,
                      const std::string& uid,
                      Step step,
                      k8s::DurationNs delay) {
  const k8s::TimeNs now = client_.env().now();
  k8s::TimeNs& due = due_[uid][static_cast<std::size_t>(step)];
  const bool is_new = due == 0;
  due = is_new ? now + delay : due;
  if (now >= due) {
    return true;
  }
  if (is_new) {
    queue_.add_after(key, due - now);
  }
  return false;
}

std::string PodAgent::new_address() {
  const std::uint32_t host = addresses_++;
  return fmt::format("10.{}.{}.{}", 128 + (host / 63'500) % 64, (host / 250) % 254, host % 250 + 2);
}

}  // namespace sim
