#include "plan/topology.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "k8s/selector.h"

namespace plan {
namespace {

using model::Symbol;

std::string label_text(std::string_view key, std::string_view value) {
  return base::concat(key, "=", value);
}

void append(std::string& bytes, std::string_view text) {
  bytes += base::to_text(static_cast<std::uint64_t>(text.size()));
  bytes += ':';
  bytes += text;
}

void append(std::string& bytes, std::int64_t number) {
  bytes += base::to_text(number);
  bytes += ';';
}

// Order-insensitive, repeated expressions collapsed (SCH-306).
void append_selector(std::string& bytes, const std::optional<k8s::LabelSelector>& selector) {
  if (!selector) {
    append(bytes, "none");
    return;
  }
  std::vector<std::string> parts;
  for (const auto& [key, value] : selector->match_labels) {
    std::string& part = parts.emplace_back();
    append(part, key);
    append(part, "In");
    append(part, value);
  }
  for (const k8s::SelectorTerm& term : selector->match_expressions) {
    std::string& part = parts.emplace_back();
    append(part, term.key);
    append(part, term.op);
    std::vector<std::string> values = term.values;
    std::ranges::sort(values);
    for (const std::string& value : values) {
      append(part, value);
    }
  }
  std::ranges::sort(parts);
  parts.erase(std::ranges::unique(parts).begin(), parts.end());
  append(bytes, static_cast<std::int64_t>(parts.size()));
  for (const std::string& part : parts) {
    append(bytes, part);
  }
}

std::string fingerprint(const GroupSpec& spec) {
  std::string bytes;
  append(bytes, static_cast<std::int64_t>(spec.kind));
  append(bytes, static_cast<std::int64_t>(spec.key.value()));
  append(bytes, std::int64_t{spec.is_all_namespaces});
  append(bytes, static_cast<std::int64_t>(spec.namespaces.size()));
  for (const std::string& name : spec.namespaces) {
    append(bytes, name);
  }
  append_selector(bytes, spec.selector);
  append(bytes, std::int64_t{spec.max_skew});
  append(bytes, std::int64_t{spec.min_domains.value_or(-1)});
  append(bytes, std::int64_t{spec.honors_pod_affinity});
  for (const NodeConstraint& term : spec.filter.terms) {
    append(bytes, static_cast<std::int64_t>(term.set.value()));
    append(bytes, static_cast<std::int64_t>(term.host.value()));
  }
  append(bytes, static_cast<std::int64_t>(spec.filter.tolerations.value()));
  return bytes;
}

}  // namespace

std::int64_t TopologyGroup::count(Symbol domain) const {
  if (is_hostname) {
    const auto it = hosts.find(domain.value());
    return it == hosts.end() ? 0 : it->second;
  }
  const auto it = positions.find(domain.value());
  return it == positions.end() ? 0 : domains[it->second].count;
}

bool TopologyGroup::has_any() const {
  return is_hostname ? !hosts.empty()
                     : std::ranges::any_of(domains, [](const auto& d) { return d.count > 0; });
}

void TopologyGroup::add_domain(Symbol domain) {
  if (!is_hostname && positions.try_emplace(domain.value(), domains.size()).second) {
    domains.push_back({.domain = domain});
  }
}

void TopologyGroup::drop_domain(Symbol domain) {
  const std::size_t position = positions[domain.value()];
  positions.erase(domain.value());
  if (position + 1 != domains.size()) {
    domains[position] = domains.back();
    positions[domains[position].domain.value()] = position;
  }
  domains.pop_back();
}

void TopologyGroup::add_count(Symbol domain, std::int64_t difference) {
  if (!is_hostname) {
    domains[positions[domain.value()]].count += difference;
    return;
  }
  std::int64_t& count = hosts[domain.value()];
  count += difference;
  if (count == 0) {
    hosts.erase(domain.value());
  }
}

GroupId Topology::intern(GroupSpec spec) {
  const auto [it, is_new] = ids_.try_emplace(fingerprint(spec), GroupId(groups_.size()));
  if (is_new) {
    TopologyGroup& group = groups_.emplace_back();
    group.is_hostname = spec.key == base_.hostname_key();
    group.spec = std::move(spec);
    const auto& selector = group.spec.selector;
    if (selector && !selector->match_labels.empty()) {
      const auto& [key, value] = *selector->match_labels.begin();
      by_label_[label_text(key, value)].push_back(it->second);
    } else {
      without_label_.push_back(it->second);
    }
  }
  return it->second;
}

bool Topology::selects(GroupId id, const model::PodShape& shape) const {
  const GroupSpec& spec = group(id).spec;
  return (spec.is_all_namespaces ||
          std::ranges::binary_search(spec.namespaces, shape.namespace_)) &&
         k8s::matches(spec.selector, shape.labels);
}

std::vector<GroupId> Topology::selecting(const model::PodShape& shape) const {
  std::vector<GroupId> found;
  const auto try_all = [&](const std::vector<GroupId>& groups) {
    std::ranges::copy_if(
        groups, std::back_inserter(found), [&](GroupId id) { return selects(id, shape); });
  };
  try_all(without_label_);
  for (const auto& [key, value] : shape.labels) {
    if (const auto it = by_label_.find(label_text(key, value)); it != by_label_.end()) {
      try_all(it->second);
    }
  }
  std::ranges::sort(found);
  return found;
}

void Topology::add_pool_domains() {
  model::SetTable& sets = base_.sets();
  for (TopologyGroup& group : groups_) {
    if (group.is_hostname) {
      continue;
    }
    for (const Template& tmpl : base_.templates()) {
      const TolerationsId tolerations = group.spec.filter.tolerations;
      if (tolerations.is_valid() && !base_.taints().tolerates(tolerations, tmpl.taints)) {
        continue;  // SCH-302
      }
      const model::Requirement* own = sets.get(tmpl.set, group.spec.key);
      if (own != nullptr && !own->complement) {
        std::ranges::for_each(own->values, [&](Symbol value) { group.add_domain(value); });
      }
      const base::Bitset& rows = tmpl.columns->compatible_rows(tmpl.set);
      for (const Columns::Posting& posting : tmpl.columns->postings(group.spec.key)) {
        if (allows(own, posting.value) && posting.rows.intersects(rows)) {
          group.add_domain(posting.value);
        }
      }
    }
  }
}

void Topology::add_node_domain(GroupId id, const Placing& place, Symbol domain) {
  if (passes_filter(group(id).spec.filter, place)) {
    group(id).add_domain(domain);
  }
}

bool Topology::passes_filter(const NodeFilter& filter, const Placing& place) {
  if (filter.tolerations.is_valid() && place.taints.is_valid() &&
      !base_.taints().tolerates(filter.tolerations, place.taints)) {
    return false;
  }
  return filter.terms.empty() || std::ranges::any_of(filter.terms, [&](const NodeConstraint& term) {
           return allows_host(base_.sets(), term, place.host) &&
                  base_.sets().combine(place.set, term.set, place.undefined).is_valid();
         });
}

bool Topology::allows(const model::Requirement* requirement, Symbol value) {
  return requirement == nullptr || model::has(base_.words(), *requirement, value);
}

void Topology::apply(const Change& change) {
  TopologyGroup& changed = group(change.group);
  switch (change.deed) {
    case Deed::kAdded:
      changed.add_domain(change.domain);
      break;
    case Deed::kDropped:
      changed.drop_domain(change.domain);
      break;
    case Deed::kCounted:
      changed.add_count(change.domain, 1);
      break;
    case Deed::kUncounted:
      changed.add_count(change.domain, -1);
      break;
  }
}

void Topology::change(GroupId id, Symbol domain, Deed deed) {
  const Change made{.group = id, .domain = domain, .deed = deed};
  apply(made);
  if (is_remembering_) {
    changes_.push_back(made);
  }
}

void Topology::forget() {
  while (!changes_.empty()) {
    Change back = changes_.back();
    changes_.pop_back();
    switch (back.deed) {
      case Deed::kAdded:
        back.deed = Deed::kDropped;
        break;
      case Deed::kDropped:
        back.deed = Deed::kAdded;
        break;
      case Deed::kCounted:
        back.deed = Deed::kUncounted;
        break;
      case Deed::kUncounted:
        back.deed = Deed::kCounted;
        break;
    }
    apply(back);
  }
}

void Topology::drop_domain(GroupId id, Symbol domain) {
  const auto found = group(id).positions.find(domain.value());
  if (found != group(id).positions.end() && group(id).domains[found->second].count == 0) {
    change(id, domain, Deed::kDropped);
  }
}

void Topology::record_one(GroupId id, const Placing& place, bool all_values, Deed deed) {
  const TopologyGroup& asked = group(id);
  if (asked.is_hostname) {
    change(id, place.host, deed);
    return;
  }
  const model::Requirement* requirement = base_.sets().get(place.set, asked.spec.key);
  if (requirement == nullptr || requirement->complement) {
    return;
  }
  if (all_values || requirement->values.size() == 1) {
    for (const Symbol value : requirement->values) {
      if (!asked.positions.contains(value.value())) {
        change(id, value, Deed::kAdded);
      }
      change(id, value, deed);
    }
  }
}

void Topology::record(const Placing& place,
                      std::span<const GroupId> counted_by,
                      std::span<const GroupId> owned_inverse) {
  for (const GroupId id : counted_by) {
    if (passes_filter(group(id).spec.filter, place)) {
      record_one(id, place, group(id).spec.kind == GroupKind::kAntiAffinity, Deed::kCounted);
    }
  }
  for (const GroupId id : owned_inverse) {
    record_one(id, place, true, Deed::kCounted);
  }
}

void Topology::unrecord(const Placing& place,
                        std::span<const GroupId> counted_by,
                        std::span<const GroupId> owned_inverse) {
  for (const GroupId id : counted_by) {
    if (passes_filter(group(id).spec.filter, place)) {
      record_one(id, place, group(id).spec.kind == GroupKind::kAntiAffinity, Deed::kUncounted);
    }
  }
  for (const GroupId id : owned_inverse) {
    record_one(id, place, true, Deed::kUncounted);
  }
}

std::string Topology::failure_text(GroupId id, const Placing& place, const NodeConstraint& strict) {
  const TopologyGroup& failed = group(id);
  const std::string_view kind = failed.spec.kind == GroupKind::kSpread     ? "topology spread"
                                : failed.spec.kind == GroupKind::kAffinity ? "pod affinity"
                                                                           : "pod anti-affinity";
  std::vector<std::string> counts;
  const auto add_count = [&](Symbol domain, std::int64_t count) {
    counts.push_back(base::concat(base_.words().text(domain), ": ", count));
  };
  for (const DomainCount& domain : failed.domains) {
    add_count(domain.domain, domain.count);
  }
  for (const auto& [host, count] : failed.hosts) {
    add_count(Symbol(host), count);
  }
  std::ranges::sort(counts);
  constexpr std::size_t kShown = 25;
  const std::size_t hidden = counts.size() > kShown ? counts.size() - kShown : 0;
  counts.resize(counts.size() - hidden);
  const model::Requirement any{.key = failed.spec.key, .complement = true};
  const model::Requirement* pod = pod_requirement(failed, strict);
  const model::Requirement host{.key = failed.spec.key, .values = {place.host}};
  const model::Requirement* node =
      failed.is_hostname ? &host : base_.sets().get(place.set, failed.spec.key);
  return base::concat("unsatisfiable topology constraint for ",
                      kind,
                      ", key=",
                      base_.words().text(failed.spec.key),
                      " (counts = ",
                      base::join(counts, ", "),
                      hidden > 0 ? base::concat(" and ", hidden, " other(s)") : "",
                      ", podDomains = ",
                      model::text(base_.words(), pod == nullptr ? any : *pod),
                      ", nodeDomains = ",
                      model::text(base_.words(), node == nullptr ? any : *node));
}

}  // namespace plan
