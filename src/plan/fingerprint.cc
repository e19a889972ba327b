#include "plan/fingerprint.h"

#include <algorithm>

namespace plan {
namespace {

std::uint64_t bits_of(Amount amount) {
  return static_cast<std::uint64_t>(amount);
}

void add(base::Hasher& hasher, const Amounts& amounts) {
  std::ranges::for_each(amounts, [&](Amount amount) { hasher.add(bits_of(amount)); });
}

void add(base::Hasher& hasher, const NodeConstraint& constraint) {
  hasher.add(constraint.set.value()).add(constraint.host.value());
}

void add(base::Hasher& hasher, const base::Bitset& bits) {
  std::ranges::for_each(bits.words(), [&](base::BitWord word) { hasher.add(word); });
}

void add(base::Hasher& hasher, const k8s::Resources& resources) {
  for (const auto& [name, quantity] : resources) {
    const k8s::Int128 nano = quantity.nano();
    hasher.add(name)
        .add(static_cast<std::uint64_t>(nano))
        .add(static_cast<std::uint64_t>(nano >> 64));
  }
}

// Nothing but requirements, tolerations and size has a say.
bool is_simple(const PodClass& pod_class) {
  return !pod_class.has_topology && pod_class.owned_inverse.empty() &&
         pod_class.shape->ports.empty() && pod_class.drivers.empty() &&
         pod_class.device_claims.empty();
}

std::uint64_t print_of_class(const PodClass& pod_class) {
  base::Hasher hasher;
  add(hasher, pod_class.demand);
  for (const Variant& variant : pod_class.variants) {
    add(hasher, variant.all);
    add(hasher, variant.strict);
    hasher.add(variant.tolerations.value()).add(variant.relaxed);
  }
  for (const NodeConstraint& alternative : pod_class.volumes) {
    add(hasher, alternative);
  }
  return hasher.add(pod_class.shape->namespace_).add(pod_class.error).digest();
}

}  // namespace

Fingerprints::Fingerprints(const Round& round,
                           std::span<const world::PodId> waiting,
                           const std::function<std::uint64_t(world::PodId)>& role_of)
    : round_(round), classes_(round.classes.classes().size()) {
  for (std::size_t i = 0; i < round_.nodes.size(); ++i) {
    nodes_.push_back(print_of_node(i));
  }
  base::Hasher start(print_of_templates());
  for (const world::PodId pod : waiting) {
    add_pod(pod, start);
    start.add(role_of(pod));
    waiting_classes_.push_back(round_.class_of_pod[pod]);
  }
  std::ranges::sort(waiting_classes_);
  waiting_classes_.erase(std::ranges::unique(waiting_classes_).begin(), waiting_classes_.end());
  start_ = start.digest();
}

std::uint64_t Fingerprints::print_of_templates() const {
  PlanBase& base = round_.base;
  base::Hasher hasher(base.edition());
  for (const Template& tmpl : base.templates()) {
    hasher.add(tmpl.pool->pool->meta.name).add(tmpl.set.value()).add(tmpl.taints.value());
    hasher.add(reinterpret_cast<std::uintptr_t>(tmpl.columns));
    add(hasher, tmpl.rows);
    for (const DaemonGroup& group : tmpl.groups) {
      add(hasher, group.rows);
      add(hasher, group.demand);
      hasher.add(group.ports.size());
    }
  }
  for (const auto& pool : base.snapshot().pools) {
    hasher.add(pool->pool->meta.name).add(pool->unready_reason);
    for (const PoolLimit& limit : base.budget(pool->pool->meta.name).limits) {
      hasher.add(limit.resource).add(limit.remaining.text());
    }
  }
  return hasher.digest();
}

std::uint64_t Fingerprints::print_of_node(std::size_t position) const {
  const ExistingNode& node = round_.nodes[position];
  base::Hasher hasher;
  hasher.add(node.row->name()).add(node.row->is_initialized() ? 1U : 0U);
  hasher.add(round_.solver.settles(position) ? 1U : 0U);
  hasher.add(node.place.set.value()).add(node.place.host.value()).add(node.place.taints.value());
  add(hasher, node.remaining);
  return hasher.digest();
}

void Fingerprints::add_pod(world::PodId pod, base::Hasher& hasher) {
  const world::PodTraits& traits = round_.base.snapshot().pods[pod].traits;
  hasher.add(traits.uid_head ^ known(round_.class_of_pod[pod]).print);
  hasher.add((static_cast<std::uint64_t>(traits.created) << 1 | (traits.is_pending ? 1U : 0U)) ^
             std::uint64_t{pod} << 40);
}

const Fingerprints::Known& Fingerprints::known(std::uint32_t pod_class) {
  Known& known = classes_[pod_class];
  if (!known.is_ready) {
    const PodClass& asked = round_.classes.classes()[pod_class];
    known.is_ready = true;
    known.is_simple = is_simple(asked);
    known.print = print_of_class(asked);
    known.fitting = &round_.solver.fitting(asked.demand);
    known.fitting->for_each_set([&](std::size_t node) { known.room += nodes_[node]; });
  }
  return known;
}

bool Fingerprints::add_class(std::uint32_t pod_class, std::span<const std::size_t> removed) {
  const Known& one = known(pod_class);
  if (one.is_simple && one.last_seen != question_) {
    classes_[pod_class].last_seen = question_;
    std::uint64_t room = one.room;
    for (const std::size_t node : removed) {
      room -= one.fitting->test(node) ? nodes_[node] : 0;
    }
    room_ += base::mix64(one.print ^ base::mix64(room));
  }
  return one.is_simple;
}

std::optional<std::uint64_t> Fingerprints::of(std::span<const std::size_t> removed,
                                              std::span<const world::PodId> moved,
                                              bool keeps_settling) {
  ++question_;
  room_ = 0;
  base::Hasher hasher(start_);
  hasher.add(keeps_settling ? 1U : 0U);
  for (const std::uint32_t pod_class : waiting_classes_) {
    if (!add_class(pod_class, removed)) {
      return std::nullopt;
    }
  }
  for (const world::PodId pod : moved) {
    if (!add_class(round_.class_of_pod[pod], removed)) {
      return std::nullopt;
    }
    add_pod(pod, hasher);
  }
  for (const std::size_t node : removed) {
    hasher.add(nodes_[node]);
    add(hasher, round_.base.nodes().node(round_.nodes[node].id).capacity);
  }
  return hasher.add(room_).digest();
}

}  // namespace plan
