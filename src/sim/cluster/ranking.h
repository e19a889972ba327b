// Where the pods of one controller could go: the nodes that refuse nothing, best first, and how
// often the others refuse for which reason. Kept from pass to pass: only nodes that have changed
// since are looked at again, so that a pod costs what has happened, not what there is.
//
//   Ranking ranking;
//   ranking.catch_up(fit, cluster);
//   if (const NodeView* best = ranking.best(cluster)) ...
//
// Only for pods whose place does not depend on where other pods are. Thread rule: loop thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "sim/cluster/fit.h"

namespace sim {

// Better nodes first: fewer soft taints, more preferences, emptier.
using Score = std::tuple<bool, std::int64_t, double>;
Score score(const k8s::Pod& pod, const k8s::Resources& requests, const NodeView& view);

class Ranking {
 public:
  // `fit` is that of any pod of the controller.
  void catch_up(const PodFit& fit, const ClusterView& cluster);

  // Ties by name; nullptr: nobody takes the pod.
  const std::string* best() const { return good_.empty() ? nullptr : &good_.begin()->second; }

  // By reason.
  const std::map<std::string, std::int64_t>& refusals() const { return refusals_; }

 private:
  struct Standing {
    Score score;
    std::string refusal;  // Empty: the node is among the good ones.
  };

  void drop(const std::string& node);

  std::map<std::string, Standing> standings_;
  std::set<std::pair<Score, std::string>> good_;
  std::map<std::string, std::int64_t> refusals_;
  std::uint64_t seen_ = 0;
};

}  // namespace sim
