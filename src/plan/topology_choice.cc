// Which domains a pod may go to (SCH-316, SCH-331..333, SCH-340..345).
#include <algorithm>
#include <limits>

#include "plan/topology.h"

namespace plan {

using model::Symbol;

// The domains of one key that all groups looked at so far accept.
struct Topology::KeyQuestion {
  Symbol key;
  const model::Requirement* node = nullptr;  // What the machine still allows.
  bool is_open = true;                       // No group has narrowed it yet.
  bool is_single = false;
  std::vector<DomainCount> options;  // Count: the load that a spread wants small.
  std::vector<DomainCount> found;    // By the group being looked at.

  void accept_found() {
    if (is_open) {
      options = found;
      is_open = false;
      return;
    }
    std::vector<DomainCount> both;
    for (DomainCount option : options) {
      const auto it = std::ranges::find(found, option.domain, &DomainCount::domain);
      if (it != found.end()) {
        option.count += it->count;
        both.push_back(option);
      }
    }
    options = std::move(both);
  }
};

const model::Requirement* Topology::pod_requirement(const TopologyGroup& group,
                                                    const NodeConstraint& strict) {
  if (group.spec.kind == GroupKind::kSpread && !group.spec.honors_pod_affinity) {
    return nullptr;
  }
  if (group.is_hostname) {
    return strict.host.is_valid() ? &base_.sets().requirement(strict.host) : nullptr;
  }
  return base_.sets().get(strict.set, group.spec.key);
}

// No pod is counted anywhere that the asking pod could go: it may be the first.
bool Topology::can_bootstrap(const TopologyGroup& group, const NodeConstraint& strict) {
  const model::Requirement* pod = pod_requirement(group, strict);
  if (group.is_hostname) {
    return std::ranges::none_of(group.hosts,
                                [&](const auto& host) { return allows(pod, Symbol(host.first)); });
  }
  return std::ranges::none_of(group.domains, [&](const DomainCount& domain) {
    return domain.count > 0 && allows(pod, domain.domain);
  });
}

bool Topology::is_host_allowed(const OwnedGroup& owned,
                               const Placing& place,
                               const NodeConstraint& strict) {
  const TopologyGroup& asked = group(owned.group);
  const std::int64_t count = asked.count(place.host);
  switch (asked.spec.kind) {
    case GroupKind::kSpread:
      return count + (owned.is_self ? 1 : 0) <= asked.spec.max_skew;
    case GroupKind::kAffinity:
      return allows(pod_requirement(asked, strict), place.host) &&
             (count > 0 || (owned.is_self && can_bootstrap(asked, strict)));
    case GroupKind::kAntiAffinity:
    case GroupKind::kInverse:
      return count == 0;
  }
  return false;
}

void Topology::spread_options(KeyQuestion& question,
                              const OwnedGroup& owned,
                              const NodeConstraint& strict) {
  const TopologyGroup& asked = group(owned.group);
  const model::Requirement* pod = pod_requirement(asked, strict);
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int32_t allowed = 0;
  for (const DomainCount& domain : asked.domains) {
    if (allows(pod, domain.domain)) {
      least = std::min(least, domain.count);
      ++allowed;
    }
  }
  if (allowed == 0 || (asked.spec.min_domains && allowed < *asked.spec.min_domains)) {
    least = 0;
  }
  const std::int64_t self = owned.is_self ? 1 : 0;
  for (const DomainCount& domain : asked.domains) {
    if (allows(question.node, domain.domain) &&
        domain.count + self - least <= asked.spec.max_skew) {
      question.found.push_back(domain);
    }
  }
  question.is_single = true;
}

void Topology::affinity_options(KeyQuestion& question,
                                const OwnedGroup& owned,
                                const NodeConstraint& strict) {
  const TopologyGroup& asked = group(owned.group);
  const model::Requirement* pod = pod_requirement(asked, strict);
  const bool is_first = owned.is_self && can_bootstrap(asked, strict);
  for (const DomainCount& domain : asked.domains) {
    if ((domain.count > 0 || is_first) && allows(question.node, domain.domain) &&
        allows(pod, domain.domain)) {
      question.found.push_back({.domain = domain.domain, .count = 0});
    }
  }
  question.is_single |= is_first;  // SCH-332, improved: exactly one domain starts the group.
}

void Topology::anti_affinity_options(KeyQuestion& question,
                                     const TopologyGroup& asked,
                                     const NodeConstraint& strict) {
  const model::Requirement* pod = pod_requirement(asked, strict);
  for (const DomainCount& domain : asked.domains) {
    if (domain.count == 0 && allows(question.node, domain.domain) && allows(pod, domain.domain)) {
      question.found.push_back({.domain = domain.domain, .count = 0});
    }
  }
  // SCH-341, improved: a pod that keeps others away commits to one domain and so leaves the rest
  // of them to the round. One that is merely kept away keeps its choice (SCH-604).
  question.is_single |= asked.spec.kind == GroupKind::kAntiAffinity;
}

bool Topology::narrow(KeyQuestion& question,
                      const OwnedGroup& owned,
                      const Placing& place,
                      const NodeConstraint& strict) {
  const TopologyGroup& asked = group(owned.group);
  if (asked.is_hostname) {
    return is_host_allowed(owned, place, strict);
  }
  question.found.clear();
  switch (asked.spec.kind) {
    case GroupKind::kSpread:
      spread_options(question, owned, strict);
      break;
    case GroupKind::kAffinity:
      affinity_options(question, owned, strict);
      break;
    case GroupKind::kAntiAffinity:
    case GroupKind::kInverse:
      anti_affinity_options(question, asked, strict);
      break;
  }
  question.accept_found();
  return !question.options.empty();
}

TopologyAnswer Topology::evaluate(const Placing& place,
                                  const NodeConstraint& strict,
                                  std::span<const OwnedGroup> owned,
                                  std::span<const GroupId> avoided) {
  TopologyAnswer answer;
  std::vector<KeyQuestion> questions;
  const auto ask = [&](const OwnedGroup& one) {
    const TopologyGroup& asked = group(one.group);
    auto question = std::ranges::find(questions, asked.spec.key, &KeyQuestion::key);
    if (question == questions.end()) {
      questions.push_back(
          {.key = asked.spec.key, .node = base_.sets().get(place.set, asked.spec.key)});
      question = questions.end() - 1;
    }
    if (narrow(*question, one, place, strict)) {
      return true;
    }
    const bool only_grows = asked.spec.kind == GroupKind::kAntiAffinity ||
                            asked.spec.kind == GroupKind::kInverse ||
                            (asked.spec.kind == GroupKind::kSpread && asked.is_hostname);
    answer = {.is_possible = false,
              .is_permanent = only_grows && asked.is_hostname,
              .failed = one.group,
              .choices = {}};
    return false;
  };
  for (const OwnedGroup& one : owned) {
    if (!ask(one)) {
      return answer;
    }
  }
  for (const GroupId id : avoided) {
    if (!ask({.group = id, .is_self = false})) {
      return answer;
    }
  }
  for (KeyQuestion& question : questions) {
    if (question.is_open) {
      continue;  // Hostname: nothing to narrow.
    }
    std::ranges::sort(question.options, [&](const DomainCount& a, const DomainCount& b) {
      return a.count != b.count ? a.count < b.count
                                : base_.words().text(a.domain) < base_.words().text(b.domain);
    });
    KeyChoice& choice = answer.choices.emplace_back();
    choice.key = question.key;
    choice.is_single = question.is_single;
    for (const DomainCount& option : question.options) {
      choice.options.push_back(option.domain);
    }
  }
  return answer;
}

}  // namespace plan
