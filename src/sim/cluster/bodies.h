// The JSON bodies that the workload controllers write. Pure: text in, text out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "k8s/kube_api.h"
#include "k8s/workload.h"

namespace sim {

// spec.template of a workload as JSON. The embedded server keeps more of a template than the typed
// form does; where it can be asked, pods get all of it.
using RawTemplate = std::function<std::string(const k8s::ObjectKey&)>;
std::string template_json(const k8s::Workload& workload, const RawTemplate& raw);

struct PodIdentity {
  std::string name;
  k8s::StringMap labels;    // On top of the template's.
  std::string pinned_node;  // DaemonSets: the node, as an affinity on metadata.name.
  std::string hostname;     // StatefulSets.
  std::vector<k8s::Toleration> tolerations;  // On top of the template's.
  // Volume -> claim; StatefulSets.
  k8s::StringMap claims;
};

std::string pod_body(const k8s::Workload& owner,
                     std::string_view template_text,
                     const PodIdentity& identity);
std::string replica_set_body(const k8s::Workload& deployment,
                             std::string_view template_text,
                             std::string_view hash,
                             std::int64_t replicas);

// {"status":{name: count, ...,"conditions":[...]}}; `extra` is further JSON members of status.
struct StatusCounts {
  std::vector<std::pair<std::string_view, std::int64_t>> counts;
  std::vector<k8s::Condition> conditions;
  std::vector<std::pair<std::string_view, std::string>> texts;
};

std::string status_body(const StatusCounts& status);
// {"status":{...}} of other fields and the conditions, if there are any.
std::string status_text(const boost::json::object& fields,
                        const std::vector<k8s::Condition>& conditions);

}  // namespace sim
