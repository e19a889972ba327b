// Topology of the reference scheduler (spec 02 s9): nothing is kept up to date. Every question
// counts the cluster's pods and the placements of the round again.
//
// Where the rules leave freedom, the answer is: same-key groups share one set of valid domains
// (SCH-344), the domains are offered one after the other, least used first, then by name (SCH-345).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "plan/reference/wish_testing.h"

namespace plan::reference {

// What a pool contributes to the universe of domains.
struct PoolView {
  std::vector<k8s::Taint> taints;
  Reqs reqs;                      // Requirements and template labels (SCH-300).
  std::vector<Reqs> type_labels;  // Of every type of its catalogue.
};

// An existing machine that is in the round.
struct MachineView {
  const world::NodeRow* row = nullptr;
  Reqs reqs;
};

// One key to narrow: each option alone, in order, or all of them together.
struct KeyChoice {
  std::string key;
  std::vector<std::string> options;
  bool is_single = false;
};

struct TopologyError {
  std::string text;
};

class Topology {
 public:
  Topology(const Problem& problem,
           const cloud::LabelSchema& schema,
           const std::vector<PoolView>& pools,
           std::vector<MachineView> machines);

  // `reqs`: the machine's, with everything else that the pod asks already added.
  std::variant<std::vector<KeyChoice>, TopologyError> choose(const Wish& wish,
                                                             const Reqs& reqs) const;
  void record(const Wish& wish,
              const Reqs& reqs,
              const std::vector<k8s::Taint>& taints,
              bool is_claim);

 private:
  enum class Kind { kSpread, kAffinity, kAnti, kInverse };

  struct Group {
    Kind kind;
    std::string key;
    std::set<std::string> namespaces;
    std::optional<k8s::LabelSelector> selector;
    std::int64_t max_skew = 0;
    std::optional<std::int64_t> min_domains = {};
    bool honors_affinity = true;
    std::optional<bool> honors_taints = {};
    std::vector<Reqs> filter = {{}};
    std::vector<k8s::Toleration> tolerations = {};
  };

  struct Placement {
    std::string namespace_;
    k8s::StringMap labels;
    Reqs reqs;
    std::vector<k8s::Taint> taints;
    bool is_claim;
    std::vector<k8s::PodAffinityTerm> anti;
  };

  // The valid domains of one group; rank orders them.
  struct Valid {
    std::map<std::string, std::int64_t> rank;
    bool is_single = false;
  };

  using Counts = std::map<std::string, std::int64_t>;

  std::vector<Group> groups_of(const Wish& wish) const;
  Group spread_group(const Wish& wish, const k8s::TopologySpreadConstraint& constraint) const;
  Group affinity_group(Kind kind,
                       const std::string& namespace_,
                       const k8s::PodAffinityTerm& term) const;
  void add_inverse(const Wish& wish, std::vector<Group>& groups) const;
  std::set<std::string> namespaces_of(const std::string& own,
                                      const k8s::PodAffinityTerm& term) const;

  static bool selects(const Group& group,
                      const std::string& namespace_,
                      const k8s::StringMap& labels);
  static bool passes(const Group& group,
                     const Reqs& reqs,
                     const std::vector<k8s::Taint>& taints,
                     const KeySet& allow_undefined);
  // Known domains with their counts.
  Counts count(const Group& group, const Wish& wish) const;
  void count_cluster(const Group& group, Counts& counts) const;
  void count_round(const Group& group, Counts& counts) const;
  void count_owners(const Group& group, Counts& counts) const;

  static Req pod_req(const Group& group, const Wish& wish);
  Valid valid(const Group& group, const Wish& wish, const Counts& counts, const Reqs& reqs) const;
  static Valid valid_spread(
      const Group& group, bool is_self, const Counts& counts, const Req& pod, const Req& node);
  static Valid valid_affinity(bool is_self, const Counts& counts, const Req& pod, const Req& node);

  const Problem& problem_;
  const cloud::LabelSchema& schema_;
  std::vector<MachineView> machines_;
  std::set<world::PodId> in_round_;
  // Key -> domain -> taints of each pool that offers it (SCH-301).
  std::map<std::string, std::map<std::string, std::vector<std::vector<k8s::Taint>>>> universe_;
  std::vector<Placement> placements_;
};

}  // namespace plan::reference
