// Which machines may be disrupted voluntarily, and what stands in the way of the others (spec 03
// s3). Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "world/snapshot.h"

namespace disrupt {

struct Candidate {
  world::NodeId node = 0;
  std::string node_name;
  std::string claim;  // The NodeClaim's name.
  std::string provider_id;
  std::shared_ptr<const world::PoolRow> pool;
  std::vector<world::PodId> reschedulable;
  double disruption_cost = 1;  // DIS-29.
  double price = 0;            // DIS-28; dollars per hour.

  double savings_ratio() const { return price / disruption_cost; }  // DIS-44

  bool is_empty() const { return disruption_cost <= 1; }  // DIS-45
};

// Why a machine is no candidate. Silent ones get no event (DIS-20).
struct Blocked {
  std::string text;
  bool is_silent = false;
  bool is_pod_block = false;
};

struct Judgement {
  std::optional<Candidate> candidate;
  Blocked blocked;  // When there is no candidate.
};

Judgement judge(const world::Snapshot& snapshot, world::NodeId node);

// DIS-37, "zero disruptions" mode: the budgets that forbid evicting the pod now; the text of
// DIS-24, empty: none does.
std::string pdb_block(const world::Snapshot& snapshot, const k8s::Pod& pod);

}  // namespace disrupt
