#include "sim/cluster/status_bodies.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/time.h"
#include "sim/cluster/bodies.h"

namespace sim {

namespace {

namespace json = boost::json;

json::object status(json::object fields) {
  return {{"status", std::move(fields)}};
}

json::object container_status(const k8s::Container& container, json::object state, bool is_ready) {
  return {{"name", container.name},
          {"image", container.image},
          {"imageID", ""},
          {"ready", is_ready},
          {"restartCount", 0},
          {"started", is_ready},
          {"state", std::move(state)}};
}

json::array container_statuses(const std::vector<k8s::Container>& containers,
                               const json::object& state,
                               bool is_ready) {
  json::array statuses;
  for (const k8s::Container& container : containers) {
    statuses.push_back(container_status(container, state, is_ready));
  }
  return statuses;
}

json::object terminated(k8s::TimeNs started, k8s::TimeNs finished) {
  return {{"terminated",
           {{"exitCode", 0},
            {"reason", "Completed"},
            {"startedAt", k8s::format_time(started)},
            {"finishedAt", k8s::format_time(finished)}}}};
}

}  // namespace

std::string node_body(const Machine& machine,
                      const k8s::StringMap& labels,
                      const std::vector<k8s::Taint>& taints) {
  json::object label_fields;
  for (const auto& [key, value] : labels) {
    label_fields[key] = value;
  }
  return json::serialize(
      json::object{{"apiVersion", "v1"},
                   {"kind", "Node"},
                   {"metadata", {{"name", machine.node_name}, {"labels", std::move(label_fields)}}},
                   {"spec",
                    {{"providerID", machine.provider_id},
                     {"taints", json::parse(k8s::encode_taints(taints))}}}});
}

std::string node_report_body(const Machine& machine, const NodeReport& report) {
  const json::array addresses{{{"type", "InternalIP"}, {"address", machine.address}},
                              {{"type", "InternalDNS"}, {"address", machine.node_name}},
                              {{"type", "Hostname"}, {"address", machine.node_name}}};
  const json::object versions{{"architecture", report.arch},
                              {"operatingSystem", report.os},
                              {"kubeletVersion", "v1.33.0-embedded"},
                              {"kubeProxyVersion", ""},
                              {"containerRuntimeVersion", "containerd://embedded"},
                              {"osImage", "embedded"},
                              {"kernelVersion", "embedded"},
                              {"machineID", machine.provider_id},
                              {"systemUUID", machine.provider_id},
                              {"bootID", machine.provider_id}};
  return json::serialize(
      status({{"capacity", json::parse(k8s::encode_resources(report.capacity))},
              {"allocatable", json::parse(k8s::encode_resources(report.allocatable))},
              {"conditions", json::parse(k8s::encode_conditions(report.conditions))},
              {"addresses", addresses},
              {"nodeInfo", versions}}));
}

std::string conditions_body(const std::vector<k8s::Condition>& conditions) {
  return base::concat(R"({"status":{"conditions":)", k8s::encode_conditions(conditions), "}}");
}

std::string taints_body(const std::vector<k8s::Taint>& taints) {
  json::value list = nullptr;
  if (!taints.empty()) {
    list = json::parse(k8s::encode_taints(taints));
  }
  return json::serialize(json::object{{"spec", {{"taints", std::move(list)}}}});
}

std::string running_body(const k8s::Pod& pod, const PodStart& start) {
  const std::string at = k8s::format_time(start.at);
  const json::object running{{"running", {{"startedAt", at}}}};
  json::object fields{
      {"phase", "Running"},
      {"startTime", at},
      {"podIP", start.pod_ip},
      {"podIPs", json::array{{{"ip", start.pod_ip}}}},
      {"containerStatuses", container_statuses(pod.spec.containers, running, true)}};
  if (!start.host_ip.empty()) {
    fields["hostIP"] = start.host_ip;
  }
  json::array init;
  for (const k8s::Container& container : pod.spec.init_containers) {
    const bool is_sidecar = container.restart_policy == "Always";
    init.push_back(
        container_status(container, is_sidecar ? running : terminated(start.at, start.at), true));
  }
  if (!init.empty()) {
    fields["initContainerStatuses"] = std::move(init);
  }
  return status_text(fields, start.conditions);
}

std::string succeeded_body(const k8s::Pod& pod,
                           const std::vector<k8s::Condition>& conditions,
                           k8s::TimeNs at) {
  return status_text(
      {{"phase", "Succeeded"},
       {"containerStatuses",
        container_statuses(pod.spec.containers, terminated(pod.status.start_time, at), false)}},
      conditions);
}

}  // namespace sim
