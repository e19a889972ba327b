#include "model/pod_shape.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "k8s/resources.h"
#include "model/pod_ballast.h"

namespace model {
namespace {

bool is_unspecified(std::string_view ip) {
  return ip == "0.0.0.0" || ip == "::";
}

std::vector<HostPort> host_ports(const k8s::PodSpec& spec) {
  std::vector<HostPort> ports;
  for (const k8s::Container& container : spec.containers) {
    for (const k8s::ContainerPort& port : container.ports) {
      if (port.host_port != 0) {
        ports.push_back({.ip = port.host_ip.empty() ? "0.0.0.0" : port.host_ip,
                         .port = port.host_port,
                         .protocol = port.protocol});
      }
    }
  }
  return ports;
}

std::vector<std::string> volume_claims(const k8s::Pod& pod) {
  std::vector<std::string> names;
  for (const k8s::Volume& volume : pod.spec.volumes) {
    if (volume.ephemeral) {
      names.push_back(pod.meta.name + "-" + volume.name);
    } else if (!volume.claim_name.empty()) {
      names.push_back(volume.claim_name);
    }
  }
  return names;
}

bool uses_dra(const k8s::PodSpec& spec) {
  const auto has_claims = [](const k8s::Container& c) { return !c.resources.claims.empty(); };
  return !spec.resource_claims.empty() || std::ranges::any_of(spec.containers, has_claims) ||
         std::ranges::any_of(spec.init_containers, has_claims);
}

// SCH-401: an entry without a claim (none made yet, or none needed) is left out.
std::vector<std::string> resource_claims(const k8s::Pod& pod) {
  std::vector<std::string> names;
  for (const k8s::PodResourceClaim& claim : pod.spec.resource_claims) {
    std::string name = claim.claim_name;
    if (name.empty()) {
      const auto made =
          std::ranges::find(pod.status.claim_statuses, claim.name, &k8s::PodClaimStatus::name);
      name = made == pod.status.claim_statuses.end() ? "" : made->claim_name;
    }
    if (!name.empty()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

void set_owner(const k8s::Pod& pod, PodShape& shape) {
  for (const k8s::OwnerReference& owner : pod.meta.owners) {
    if (owner.kind == "DaemonSet" && owner.api_version == "apps/v1") {
      shape.owner_kind = OwnerKind::kDaemonSet;
      return;
    }
    if (owner.kind == "Node" && owner.api_version == "v1") {
      shape.owner_kind = OwnerKind::kNode;
      return;
    }
  }
  const k8s::OwnerReference* owner = nullptr;
  for (const k8s::OwnerReference& candidate : pod.meta.owners) {
    if (candidate.controller) {
      owner = &candidate;
    }
  }
  if (owner == nullptr) {
    return;
  }
  shape.owner_kind =
      owner->kind == "ReplicaSet" && owner->api_version == "apps/v1"    ? OwnerKind::kReplicaSet
      : owner->kind == "StatefulSet" && owner->api_version == "apps/v1" ? OwnerKind::kStatefulSet
      : owner->kind == "ReplicationController" && owner->api_version == "v1"
          ? OwnerKind::kReplicationController
          : OwnerKind::kOther;
  if (shape.owner_kind != OwnerKind::kOther) {
    shape.owner_name = owner->name;
  }
}

// Appends an unambiguous, length-prefixed form of every field: equal text, equal shape.
class Canonical {
 public:
  explicit Canonical(std::string& out) : out_(out) {}

  void add(std::string_view text) {
    add(static_cast<std::int64_t>(text.size()));
    out_.append(text);
  }

  void add(std::int64_t number) {
    char buffer[24];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
    static_cast<void>(error);
    out_.append(buffer, end);
    out_.push_back(';');
  }

  void add(const k8s::StringMap& map) {
    add(static_cast<std::int64_t>(map.size()));
    for (const auto& [key, value] : map) {
      add(key);
      add(value);
    }
  }

  void add(const k8s::Resources& resources) {
    add(static_cast<std::int64_t>(resources.size()));
    for (const auto& [name, quantity] : resources) {
      add(name);
      add(quantity.text());
    }
  }

  void add(const std::vector<std::string>& list) {
    add(static_cast<std::int64_t>(list.size()));
    for (const std::string& text : list) {
      add(text);
    }
  }

  void add(const std::vector<k8s::SelectorTerm>& terms) {
    add(static_cast<std::int64_t>(terms.size()));
    for (const k8s::SelectorTerm& term : terms) {
      add(term.key);
      add(term.op);
      add(term.values);
    }
  }

  void add(const std::optional<k8s::LabelSelector>& selector) {
    add(std::int64_t{selector.has_value()});
    if (selector) {
      add(selector->match_labels);
      add(selector->match_expressions);
    }
  }

  void add(const k8s::NodeSelectorTerm& term) {
    add(term.match_expressions);
    add(std::int64_t{term.has_match_fields});
  }

  void add(const k8s::NodeAffinity& affinity) {
    add(static_cast<std::int64_t>(affinity.required.size()));
    for (const k8s::NodeSelectorTerm& term : affinity.required) {
      add(term);
    }
    add(static_cast<std::int64_t>(affinity.preferred.size()));
    for (const k8s::PreferredNodeTerm& term : affinity.preferred) {
      add(std::int64_t{term.weight});
      add(term.preference);
    }
  }

  void add(const k8s::PodAffinityTerm& term) {
    add(term.selector);
    add(term.namespaces);
    add(term.namespace_selector);
    add(term.topology_key);
    add(term.match_label_keys);
    add(term.mismatch_label_keys);
  }

  void add(const k8s::PodAffinity& affinity) {
    add(static_cast<std::int64_t>(affinity.required.size()));
    for (const k8s::PodAffinityTerm& term : affinity.required) {
      add(term);
    }
    add(static_cast<std::int64_t>(affinity.preferred.size()));
    for (const k8s::WeightedPodAffinityTerm& term : affinity.preferred) {
      add(std::int64_t{term.weight});
      add(term.term);
    }
  }

  void add(const k8s::TopologySpreadConstraint& spread) {
    add(std::int64_t{spread.max_skew});
    add(spread.topology_key);
    add(spread.when_unsatisfiable);
    add(spread.selector);
    add(std::int64_t{spread.min_domains.value_or(-1)});
    add(spread.node_affinity_policy);
    add(spread.node_taints_policy);
    add(spread.match_label_keys);
  }

  void add(const k8s::Toleration& toleration) {
    add(toleration.key);
    add(toleration.op);
    add(toleration.value);
    add(toleration.effect);
  }

 private:
  std::string& out_;
};

void append_canonical(const PodShape& shape, std::string& out) {
  Canonical text(out);
  text.add(shape.namespace_);
  text.add(shape.labels);
  text.add(shape.requests);
  text.add(static_cast<std::int64_t>(shape.ports.size()));
  for (const HostPort& port : shape.ports) {
    text.add(port.ip);
    text.add(std::int64_t{port.port});
    text.add(port.protocol);
  }
  text.add(shape.node_selector);
  text.add(shape.node_affinity);
  text.add(shape.pod_affinity);
  text.add(shape.pod_anti_affinity);
  text.add(static_cast<std::int64_t>(shape.tolerations.size()));
  for (const k8s::Toleration& toleration : shape.tolerations) {
    text.add(toleration);
  }
  text.add(static_cast<std::int64_t>(shape.topology_spread.size()));
  for (const k8s::TopologySpreadConstraint& spread : shape.topology_spread) {
    text.add(spread);
  }
  text.add(shape.volume_claims);
  text.add(static_cast<std::int64_t>(shape.owner_kind));
  text.add(shape.owner_name);
  text.add(std::int64_t{shape.priority});
  text.add(std::int64_t{shape.uses_dra});
  text.add(shape.resource_claims);
}

}  // namespace

bool conflicts(const HostPort& a, const HostPort& b) {
  return a.port == b.port && a.protocol == b.protocol &&
         (a.ip == b.ip || is_unspecified(a.ip) || is_unspecified(b.ip));
}

bool conflicts(std::span<const HostPort> a, std::span<const HostPort> b) {
  return std::ranges::any_of(a, [&](const HostPort& one) {
    return std::ranges::any_of(b, [&](const HostPort& other) { return conflicts(one, other); });
  });
}

PodShape make_pod_shape(const k8s::Pod& pod) {
  PodShape shape;
  shape.namespace_ = pod.meta.namespace_;
  shape.labels = pod.meta.labels;
  shape.requests = k8s::pod_requests(pod);
  shape.ports = host_ports(pod.spec);
  shape.node_selector = pod.spec.node_selector;
  shape.node_affinity = pod.spec.node_affinity;
  shape.pod_affinity = pod.spec.pod_affinity;
  shape.pod_anti_affinity = pod.spec.pod_anti_affinity;
  shape.tolerations = pod.spec.tolerations;
  shape.topology_spread = pod.spec.topology_spread;
  shape.volume_claims = volume_claims(pod);
  shape.priority = pod.spec.priority.value_or(0);
  shape.uses_dra = uses_dra(pod.spec);
  shape.resource_claims = resource_claims(pod);
  set_owner(pod, shape);
  shape.lent = {.owners = pod.meta.owners,
                .annotations = pod.meta.annotations,
                .containers = pod.spec.containers,
                .init_containers = pod.spec.init_containers,
                .volumes = pod.spec.volumes};
  return shape;
}

std::shared_ptr<const PodShape> PodShapes::intern(const k8s::Pod& pod) {
  PodShape shape = make_pod_shape(pod);
  scratch_.clear();
  append_canonical(shape, scratch_);
  std::weak_ptr<const PodShape>& slot = shapes_[scratch_];
  if (std::shared_ptr<const PodShape> known = slot.lock()) {
    return known;
  }
  auto made = std::make_shared<const PodShape>(std::move(shape));
  slot = made;
  if (shapes_.size() > sweep_at_) {
    sweep();
  }
  return made;
}

namespace {

// Calls fn(part of the pod, what the shape lends for it) for each part that replicas share.
template <typename Pod, typename Fn>
void for_each_part(Pod& pod, const PodShape& shape, Fn&& fn) {
  fn(pod.meta.labels, shape.labels);
  fn(pod.meta.annotations, shape.lent.annotations);
  fn(pod.meta.owners, shape.lent.owners);
  auto& spec = pod.spec;
  fn(spec.containers, shape.lent.containers);
  fn(spec.init_containers, shape.lent.init_containers);
  fn(spec.volumes, shape.lent.volumes);
  fn(spec.node_selector, shape.node_selector);
  fn(spec.node_affinity.required, shape.node_affinity.required);
  fn(spec.node_affinity.preferred, shape.node_affinity.preferred);
  fn(spec.pod_affinity.required, shape.pod_affinity.required);
  fn(spec.pod_affinity.preferred, shape.pod_affinity.preferred);
  fn(spec.pod_anti_affinity.required, shape.pod_anti_affinity.required);
  fn(spec.pod_anti_affinity.preferred, shape.pod_anti_affinity.preferred);
  fn(spec.tolerations, shape.tolerations);
  fn(spec.topology_spread, shape.topology_spread);
}

}  // namespace

PodShapes::Adopted PodShapes::adopt(std::shared_ptr<const k8s::Pod> pod) {
  auto shape = intern(*pod);
  bool is_done = true;
  for_each_part(*pod, *shape, [&](const auto& own, const auto& lent) {
    is_done = is_done && (own.shares(lent) || own != lent);
  });
  if (!is_done || has_ballast(*pod)) {
    auto copy = std::make_shared<k8s::Pod>(*pod);
    drop_ballast(*copy);
    for_each_part(*copy, *shape, [](auto& own, const auto& lent) {
      if (own == lent) {
        own = lent;
      }
    });
    pod = std::move(copy);
  }
  return {.pod = std::move(pod), .shape = std::move(shape)};
}

std::size_t PodShapes::live() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(shapes_, [](const auto& entry) { return !entry.second.expired(); }));
}

// Amortised: at least as many insertions as entries visited since the last sweep.
void PodShapes::sweep() {
  std::erase_if(shapes_, [](const auto& entry) { return entry.second.expired(); });
  sweep_at_ = std::max<std::size_t>(1024, 2 * shapes_.size());
}

}  // namespace model
