#include "sim/cluster/fit.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "sim/cluster/pod_facts.h"

namespace sim {

namespace {

const std::string* label_of(const k8s::Node& node, const std::string& key) {
  return node.meta.label(key);
}

// The selector with the pod's own values of the label keys joined to it.
k8s::LabelSelector narrowed(k8s::LabelSelector selector,
                            const std::vector<std::string>& same,
                            const std::vector<std::string>& different,
                            const k8s::Pod& pod) {
  const auto add = [&](const std::string& key, const char* op) {
    if (const std::string* value = pod.meta.label(key); value != nullptr) {
      selector.match_expressions.push_back(
          {.key = key, .op = op, .values = {*value}, .min_values = {}});
    }
  };
  for (const std::string& key : same) {
    add(key, "In");
  }
  for (const std::string& key : different) {
    add(key, "NotIn");
  }
  return selector;
}

// Whether the term of `holder` means `other`.
bool term_matches(const k8s::PodAffinityTerm& term,
                  const k8s::Pod& holder,
                  const k8s::Pod& other,
                  const NamespaceLabels& namespaces) {
  if (!term.selector) {
    return false;
  }
  bool in_scope = term.namespaces.empty() && !term.namespace_selector &&
                  holder.meta.namespace_ == other.meta.namespace_;
  in_scope = in_scope ||
             std::ranges::find(term.namespaces, other.meta.namespace_) != term.namespaces.end();
  if (!in_scope && term.namespace_selector) {
    const auto labels = namespaces.find(other.meta.namespace_);
    in_scope = matches(*term.namespace_selector,
                       labels == namespaces.end() ? k8s::StringMap{} : labels->second);
  }
  return in_scope &&
         matches(narrowed(*term.selector, term.match_label_keys, term.mismatch_label_keys, holder),
                 other.meta.labels);
}

bool ports_clash(const k8s::ContainerPort& a, const k8s::ContainerPort& b) {
  const auto is_any = [](const std::string& ip) { return ip.empty() || ip == "0.0.0.0"; };
  return a.host_port != 0 && a.host_port == b.host_port && a.protocol == b.protocol &&
         (is_any(a.host_ip) || is_any(b.host_ip) || a.host_ip == b.host_ip);
}

std::vector<k8s::ContainerPort> host_ports(const k8s::Pod& pod) {
  std::vector<k8s::ContainerPort> ports;
  for (const k8s::Container& container : pod.spec.containers) {
    for (const k8s::ContainerPort& port : container.ports) {
      if (port.host_port != 0) {
        ports.push_back(port);
      }
    }
  }
  return ports;
}

}  // namespace

PodFit::PodFit(const k8s::Pod& pod,
               const k8s::Resources& requests,
               const ClusterView& cluster,
               const NamespaceLabels& namespaces)
    : pod_(pod), requests_(requests), host_ports_(host_ports(pod)) {
  for (const k8s::TopologySpreadConstraint& constraint : pod.spec.topology_spread) {
    if (constraint.when_unsatisfiable != "ScheduleAnyway") {
      count_spread(constraint, cluster);
    }
  }
  collect_affinity(cluster, namespaces);
  collect_others(cluster, namespaces);
}

std::string PodFit::refusal(const NodeView& view) const {
  const k8s::Node& node = *view.node;
  const k8s::Taint cordon{
      .key = "node.kubernetes.io/unschedulable", .value = {}, .effect = "NoSchedule"};
  if (node.unschedulable && !tolerates(pod_.spec.tolerations, cordon)) {
    return "node(s) were unschedulable";
  }
  if (const k8s::Taint* taint =
          find_untolerated(pod_.spec.tolerations, node.taints, {"NoSchedule", "NoExecute"});
      taint != nullptr) {
    return fmt::format("node(s) had untolerated taint {{{}: {}}}", taint->key, taint->value);
  }
  if (!selects_node(pod_.spec, node)) {
    return "node(s) didn't match Pod's node affinity/selector";
  }
  if (std::string why = port_refusal(view); !why.empty()) {
    return why;
  }
  if (std::string why = resource_refusal(view); !why.empty()) {
    return why;
  }
  return topology_refusal(view);
}

bool PodFit::depends_on_others(const k8s::Pod& pod) {
  return !pod.spec.topology_spread.empty() || !pod.spec.pod_affinity.required.empty() ||
         !pod.spec.pod_anti_affinity.required.empty();
}

std::string PodFit::resource_refusal(const NodeView& view) const {
  for (const auto& [name, wanted] : requests_) {
    if (wanted.is_zero()) {
      continue;
    }
    if (view.used.get(name) + wanted > view.node->status.allocatable.get(name)) {
      return name == "pods" ? "Too many pods" : fmt::format("Insufficient {}", name);
    }
  }
  return {};
}

std::string PodFit::port_refusal(const NodeView& view) const {
  if (host_ports_.empty()) {
    return {};
  }
  for (const auto& other : view.pods) {
    for (const k8s::ContainerPort& taken : host_ports(*other)) {
      if (std::ranges::any_of(host_ports_,
                              [&](const auto& port) { return ports_clash(port, taken); })) {
        return "node(s) didn't have free ports for the requested pod ports";
      }
    }
  }
  return {};
}

std::string PodFit::topology_refusal(const NodeView& view) const {
  const k8s::Node& node = *view.node;
  for (const Spread& spread : spreads_) {
    const std::string* value = label_of(node, spread.constraint->topology_key);
    if (value == nullptr) {
      return "node(s) didn't match pod topology spread constraints (missing required label)";
    }
    const auto found = spread.counts.find(*value);
    const std::int64_t count = found == spread.counts.end() ? 0 : found->second;
    if (count + (spread.counts_self ? 1 : 0) - spread.least > spread.constraint->max_skew) {
      return "node(s) didn't match pod topology spread constraints";
    }
  }
  const auto in_domain = [&](const std::set<Domain>& domains) {
    return std::ranges::any_of(domains, [&](const Domain& domain) {
      const std::string* value = label_of(node, domain.first);
      return value != nullptr && *value == domain.second;
    });
  };
  if (in_domain(forbidden_)) {
    return "node(s) didn't satisfy existing pods anti-affinity rules";
  }
  if (in_domain(avoided_)) {
    return "node(s) didn't match pod anti-affinity rules";
  }
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    const bool has_key = label_of(node, pod_.spec.pod_affinity.required[i].topology_key) != nullptr;
    if (!has_key || (!in_domain(wanted_[i]) && !may_be_first_)) {
      return "node(s) didn't match pod affinity rules";
    }
  }
  return {};
}

bool PodFit::is_eligible(const k8s::TopologySpreadConstraint& constraint,
                         const k8s::Node& node) const {
  if (constraint.node_affinity_policy != "Ignore" && !selects_node(pod_.spec, node)) {
    return false;
  }
  if (constraint.node_taints_policy == "Honor" &&
      find_untolerated(pod_.spec.tolerations, node.taints, {"NoSchedule", "NoExecute"}) !=
          nullptr) {
    return false;
  }
  // A node takes part only when it has the keys of all hard constraints.
  return std::ranges::all_of(pod_.spec.topology_spread, [&](const auto& other) {
    return other.when_unsatisfiable == "ScheduleAnyway" ||
           label_of(node, other.topology_key) != nullptr;
  });
}

void PodFit::count_spread(const k8s::TopologySpreadConstraint& constraint,
                          const ClusterView& cluster) {
  Spread spread{.constraint = &constraint, .counts = {}};
  const k8s::LabelSelector selector = narrowed(
      constraint.selector.value_or(k8s::LabelSelector{}), constraint.match_label_keys, {}, pod_);
  const bool selects_nothing = !constraint.selector.has_value();
  spread.counts_self = !selects_nothing && matches(selector, pod_.meta.labels);
  for (const auto& [name, view] : cluster.nodes()) {
    if (!is_eligible(constraint, *view.node)) {
      continue;
    }
    std::int64_t& count = spread.counts[*label_of(*view.node, constraint.topology_key)];
    for (const auto& other : view.pods) {
      count += !selects_nothing && !other->meta.is_deleting() &&
               other->meta.namespace_ == pod_.meta.namespace_ &&
               matches(selector, other->meta.labels);
    }
  }
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const auto& [domain, count] : spread.counts) {
    least = std::min(least, count);
  }
  const bool has_too_few = std::cmp_less(spread.counts.size(), constraint.min_domains.value_or(1));
  spread.least = spread.counts.empty() || has_too_few ? 0 : least;
  spreads_.push_back(std::move(spread));
}

void PodFit::collect_affinity(const ClusterView& cluster, const NamespaceLabels& namespaces) {
  const auto collect = [&](const k8s::PodAffinityTerm& term, std::set<Domain>& domains) {
    for (const auto& [name, view] : cluster.nodes()) {
      const std::string* value = label_of(*view.node, term.topology_key);
      if (value != nullptr && std::ranges::any_of(view.pods, [&](const auto& other) {
            return term_matches(term, pod_, *other, namespaces);
          })) {
        domains.emplace(term.topology_key, *value);
      }
    }
  };
  may_be_first_ = true;
  for (const k8s::PodAffinityTerm& term : pod_.spec.pod_affinity.required) {
    collect(term, wanted_.emplace_back());
    may_be_first_ =
        may_be_first_ && wanted_.back().empty() && term_matches(term, pod_, pod_, namespaces);
  }
  for (const k8s::PodAffinityTerm& term : pod_.spec.pod_anti_affinity.required) {
    collect(term, avoided_);
  }
}

void PodFit::collect_others(const ClusterView& cluster, const NamespaceLabels& namespaces) {
  if (!cluster.has_repelling_pods()) {
    return;
  }
  for (const auto& [name, view] : cluster.nodes()) {
    for (const auto& other : view.pods) {
      for (const k8s::PodAffinityTerm& term : other->spec.pod_anti_affinity.required) {
        const std::string* value = label_of(*view.node, term.topology_key);
        if (value != nullptr && term_matches(term, *other, pod_, namespaces)) {
          forbidden_.emplace(term.topology_key, *value);
        }
      }
    }
  }
}

}  // namespace sim
