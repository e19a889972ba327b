// Topology groups: spread constraints, pod affinity and anti-affinity, and who counts where (spec
// 02 s9).
//
// A group is identified by its whole structure (SCH-306, improved: minDomains and the node filter
// take part). Counting is by domain: a value of the group's key. The hostname needs no list of
// domains, since every machine is its own; other keys have a universe from pools and nodes.
//
//   Placing place{...};                          // a machine under evaluation
//   const TopologyAnswer answer = topology.evaluate(place, pod);
//   // answer.choices: per key, the domains to narrow the machine to, best first
//   topology.record(final_place, counted_by, owned_inverse);
//
// Thread rule: one owner.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "plan/plan_base.h"

namespace plan {

struct GroupTag;
using GroupId = base::Id<GroupTag>;

enum class GroupKind : std::uint8_t { kSpread, kAffinity, kAntiAffinity, kInverse };

// Which machines a spread group sees (SCH-313).
struct NodeFilter {
  std::vector<NodeConstraint> terms;  // ORed; empty: all.
  TolerationsId tolerations;          // Invalid: taints do not matter.
};

struct GroupSpec {
  GroupKind kind = GroupKind::kSpread;
  model::Symbol key;
  bool is_all_namespaces = false;
  std::vector<std::string> namespaces;  // Sorted.
  std::optional<k8s::LabelSelector> selector;
  std::int32_t max_skew = 1;
  std::optional<std::int32_t> min_domains;
  bool honors_pod_affinity = true;  // nodeAffinityPolicy: the pod's selectors limit the domains.
  NodeFilter filter;
};

struct DomainCount {
  model::Symbol domain;
  std::int64_t count = 0;
};

struct TopologyGroup {
  GroupSpec spec;
  bool is_hostname = false;
  std::vector<DomainCount> domains;                                 // Without hostname groups.
  boost::unordered_flat_map<std::uint32_t, std::size_t> positions;  // Of domains, by symbol.
  boost::unordered_flat_map<std::uint32_t, std::int64_t> hosts;     // Hostname groups: counts.

  std::int64_t count(model::Symbol domain) const;
  bool has_any() const;  // Any domain with a count.
  void add_domain(model::Symbol domain);
  void drop_domain(model::Symbol domain);
  // A hostname without a count is not kept.
  void add_count(model::Symbol domain, std::int64_t difference);
};

// A machine under evaluation, or a machine that a pod has just been placed on.
struct Placing {
  model::SetId set;
  model::Symbol host;
  TaintsId taints;
  model::Undefined undefined = model::Undefined::kWellKnown;
};

struct OwnedGroup {
  GroupId group;
  bool is_self = false;  // The pod matches the group's selector.
  bool is_soft = false;  // A preference; relaxing may take it away.
};

// One key to narrow, with its acceptable domains. single: each option alone, in order; otherwise
// all of them together.
struct KeyChoice {
  model::Symbol key;
  std::vector<model::Symbol> options;
  bool is_single = true;
};

struct TopologyAnswer {
  bool is_possible = true;
  bool is_permanent = false;  // An impossibility that no later placement of the round heals.
  GroupId failed;
  std::vector<KeyChoice> choices;
};

class Topology {
 public:
  explicit Topology(PlanBase& base) : base_(base) {}

  GroupId intern(GroupSpec spec);

  std::size_t size() const { return groups_.size(); }

  const TopologyGroup& group(GroupId id) const { return groups_[id.index()]; }

  TopologyGroup& group(GroupId id) { return groups_[id.index()]; }

  bool selects(GroupId id, const model::PodShape& shape) const;
  // All groups that do, ascending.
  std::vector<GroupId> selecting(const model::PodShape& shape) const;

  // SCH-300..302: domains that pools offer. Call once all groups are known.
  void add_pool_domains();
  // SCH-303, SCH-315: an existing machine's own domain.
  void add_node_domain(GroupId id, const Placing& place, model::Symbol domain);

  // `strict` is what the pod's own selectors allow (P of SCH-316).
  TopologyAnswer evaluate(const Placing& place,
                          const NodeConstraint& strict,
                          std::span<const OwnedGroup> owned,
                          std::span<const GroupId> avoided);
  // SCH-334, SCH-341, SCH-343.
  void record(const Placing& place,
              std::span<const GroupId> counted_by,
              std::span<const GroupId> owned_inverse);

  // What-ifs (plan/what_if.h). From remember() on, changes are written down; forget() takes them
  // back, to the state at remember().
  void remember() { is_remembering_ = true; }

  void forget();
  // Takes back what record() did for a pod that is bound there.
  void unrecord(const Placing& place,
                std::span<const GroupId> counted_by,
                std::span<const GroupId> owned_inverse);
  // The domain is gone with the last machine that had it; a count keeps it.
  void drop_domain(GroupId id, model::Symbol domain);

  // SCH-313.
  bool passes_filter(const NodeFilter& filter, const Placing& place);
  // SCH-317.
  std::string failure_text(GroupId id, const Placing& place, const NodeConstraint& strict);

 private:
  struct KeyQuestion;

  bool is_host_allowed(const OwnedGroup& owned, const Placing& place, const NodeConstraint& strict);
  // False: impossible for this group.
  bool narrow(KeyQuestion& question,
              const OwnedGroup& owned,
              const Placing& place,
              const NodeConstraint& strict);
  void spread_options(KeyQuestion& question, const OwnedGroup& owned, const NodeConstraint& strict);
  void affinity_options(KeyQuestion& question,
                        const OwnedGroup& owned,
                        const NodeConstraint& strict);
  void anti_affinity_options(KeyQuestion& question,
                             const TopologyGroup& group,
                             const NodeConstraint& strict);
  bool allows(const model::Requirement* requirement, model::Symbol value);
  const model::Requirement* pod_requirement(const TopologyGroup& group,
                                            const NodeConstraint& strict);
  bool can_bootstrap(const TopologyGroup& group, const NodeConstraint& strict);
  enum class Deed : std::uint8_t { kAdded, kCounted, kUncounted, kDropped };

  struct Change {
    GroupId group;
    model::Symbol domain;
    Deed deed;
  };

  void record_one(GroupId id, const Placing& place, bool all_values, Deed deed);
  void change(GroupId id, model::Symbol domain, Deed deed);
  void apply(const Change& change);

  PlanBase& base_;
  std::vector<TopologyGroup> groups_;
  boost::unordered_flat_map<std::string, GroupId> ids_;
  // Groups by the first label that their selector asks for; the others.
  boost::unordered_flat_map<std::string, std::vector<GroupId>> by_label_;
  std::vector<GroupId> without_label_;
  std::vector<Change> changes_;
  bool is_remembering_ = false;
};

}  // namespace plan
