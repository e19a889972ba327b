// What the embedded cluster asks about pods and templates: phases, readiness, requests, selector
// matches, tolerations. Written for the cluster's side alone: the planner has its own code for the
// same questions, so that one checks the other. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "k8s/node.h"
#include "k8s/pod.h"
#include "k8s/workload.h"

namespace sim {

bool is_terminal(const k8s::Pod& pod);
bool is_running(const k8s::Pod& pod);
// Neither terminal nor being deleted.
bool is_active(const k8s::Pod& pod);
// Running, with the Ready condition, and not being deleted.
bool is_healthy(const k8s::Pod& pod);

// Containers together or the largest init container beside the sidecars before it, whichever is
// more; overhead on top; one "pods".
k8s::Resources pod_requests(const k8s::Pod& pod);

bool matches(const k8s::LabelSelector& selector, const k8s::StringMap& labels);
// A node selector term on labels; `name` stands for metadata.name in match fields.
bool matches(const k8s::NodeSelectorTerm& term,
             const k8s::StringMap& labels,
             std::string_view name);
// The pod's nodeSelector and required node affinity.
bool selects_node(const k8s::PodSpec& spec, const k8s::Node& node);

bool tolerates(const std::vector<k8s::Toleration>& tolerations, const k8s::Taint& taint);
// The first taint with one of the effects that is not tolerated; nullptr when there is none.
const k8s::Taint* find_untolerated(const std::vector<k8s::Toleration>& tolerations,
                                   const std::vector<k8s::Taint>& taints,
                                   std::initializer_list<std::string_view> effects);

// Kubernetes' short text for a template hash: stable, eight letters or so.
std::string hash_suffix(std::string_view text);

}  // namespace sim
