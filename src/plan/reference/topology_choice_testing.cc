// Which domains a machine may be narrowed to (SCH-316, SCH-331, SCH-332, SCH-340, SCH-344).
#include <algorithm>
#include <limits>

#include "base/text.h"
#include "k8s/selector.h"
#include "plan/reference/topology_testing.h"

namespace plan::reference {
namespace {

// The one hostname of a machine.
std::optional<std::string> only_host(const std::string& key, const Req& node) {
  const bool is_one = key == cloud::label::kHostname && !node.complement && node.values.size() == 1;
  return is_one ? std::optional(*node.values.begin()) : std::nullopt;
}

std::int64_t count_at(const std::map<std::string, std::int64_t>& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

Topology::Valid Topology::valid_spread(
    const Group& group, bool is_self, const Counts& counts, const Req& pod, const Req& node) {
  const std::int64_t self = is_self ? 1 : 0;
  Valid out{.rank = {}, .is_single = true};
  if (const auto host = only_host(group.key, node)) {
    if (count_at(counts, *host) + self <= group.max_skew) {
      out.rank[*host] = 0;
    }
    return out;
  }
  std::int64_t min = std::numeric_limits<std::int64_t>::max();
  std::int64_t domains = 0;
  for (const auto& [domain, count] : counts) {
    if (has(pod, domain)) {
      min = std::min(min, count);
      ++domains;
    }
  }
  if (domains == 0 || (group.min_domains && domains < *group.min_domains)) {
    min = 0;
  }
  for (const auto& [domain, count] : counts) {
    if (has(node, domain) && count + self - min <= group.max_skew) {
      out.rank[domain] = count;
    }
  }
  return out;
}

Topology::Valid Topology::valid_affinity(bool is_self,
                                         const Counts& counts,
                                         const Req& pod,
                                         const Req& node) {
  Valid out;
  const auto host = only_host(node.key, node);
  bool can_bootstrap = is_self;  // Nobody is where the pod may go.
  for (const auto& [domain, count] : counts) {
    if (count > 0 && has(pod, domain)) {
      can_bootstrap = false;
      if (has(node, domain)) {
        out.rank[domain] = 0;
      }
    }
  }
  if (!out.rank.empty() || !can_bootstrap) {
    return out;
  }
  if (host) {
    out.rank[*host] = 0;
    return out;
  }
  out.is_single = true;
  for (const auto& [domain, count] : counts) {
    if (has(pod, domain) && has(node, domain)) {
      out.rank[domain] = 0;
    }
  }
  return out;
}

// P of SCH-316; nodeAffinityPolicy Ignore leaves the pod's own selectors out (SCH-313).
Req Topology::pod_req(const Group& group, const Wish& wish) {
  return group.honors_affinity ? get(wish.strict, group.key) : get({}, group.key);
}

Topology::Valid Topology::valid(const Group& group,
                                const Wish& wish,
                                const Counts& counts,
                                const Reqs& reqs) const {
  const Req node = get(reqs, group.key);
  const Req pod = pod_req(group, wish);
  const bool is_self = selects(group, wish.namespace_, wish.labels);
  if (group.kind == Kind::kSpread) {
    return valid_spread(group, is_self, counts, pod, node);
  }
  if (group.kind == Kind::kAffinity) {
    return valid_affinity(is_self, counts, pod, node);
  }
  // The claim of an owner is pinned to one domain, so that the next owner finds the others free.
  Valid out{.rank = {}, .is_single = group.kind == Kind::kAnti};
  if (const auto host = only_host(group.key, node)) {
    if (count_at(counts, *host) == 0) {
      out.rank[*host] = 0;
    }
    return out;
  }
  for (const auto& [domain, count] : counts) {
    if (count == 0 && has(pod, domain) && has(node, domain)) {
      out.rank[domain] = 0;
    }
  }
  return out;
}

std::variant<std::vector<KeyChoice>, TopologyError> Topology::choose(const Wish& wish,
                                                                     const Reqs& reqs) const {
  std::map<std::string, Valid> by_key;
  std::vector<std::string> keys;  // In order of appearance.
  for (const Group& group : groups_of(wish)) {
    const Counts counts = count(group, wish);
    const Valid found = valid(group, wish, counts, reqs);
    const auto fail = [&] {
      static constexpr std::string_view kNames[] = {
          "topology spread", "pod affinity", "pod anti-affinity", "pod anti-affinity"};
      std::vector<std::string> shown;
      for (const auto& [domain, number] : counts) {
        if (number > 0 || group.key != cloud::label::kHostname) {
          shown.push_back(base::concat(domain, ": ", number));
        }
      }
      return TopologyError{base::concat("unsatisfiable topology constraint for ",
                                        kNames[static_cast<int>(group.kind)],
                                        ", key=",
                                        group.key,
                                        " (counts = ",
                                        base::join(shown, ", "),
                                        ", podDomains = ",
                                        text(pod_req(group, wish)),
                                        ", nodeDomains = ",
                                        text(get(reqs, group.key)))};
    };
    const auto [slot, is_new] = by_key.try_emplace(group.key, found);
    if (is_new) {
      keys.push_back(group.key);
    } else {
      slot->second.is_single |= found.is_single;
      std::erase_if(slot->second.rank,
                    [&](const auto& entry) { return !found.rank.contains(entry.first); });
      for (auto& [domain, rank] : slot->second.rank) {
        rank += found.rank.at(domain);
      }
    }
    if (slot->second.rank.empty()) {
      return fail();
    }
  }
  std::vector<KeyChoice> out;
  for (const std::string& key : keys) {
    const Valid& found = by_key.at(key);
    KeyChoice& choice = out.emplace_back(KeyChoice{.key = key, .is_single = found.is_single});
    for (const auto& [domain, rank] : found.rank) {
      choice.options.push_back(domain);
    }
    std::ranges::stable_sort(
        choice.options, {}, [&](const std::string& d) { return found.rank.at(d); });
  }
  return out;
}

}  // namespace plan::reference
