// Which machines may be disrupted voluntarily, and what stands in the way of the others (spec 03
// s3). Pure.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "disrupt/guards.h"
#include "world/snapshot.h"

namespace disrupt {

// Names of NodeClaims.
using ClaimNames = std::set<std::string, std::less<>>;

struct Candidate {
  world::NodeId node = 0;
  std::shared_ptr<const world::NodeRow> row;
  std::shared_ptr<const world::PoolRow> pool;
  const cloud::InstanceType* type = nullptr;  // Null: the pool's catalogue has none of that name.
  std::vector<world::PodId> reschedulable;    // DIS-26
  double disruption_cost = 1;                 // DIS-29.
  double price = 0;                           // DIS-28; dollars per hour.

  const std::string& node_name() const { return row->node->meta.name; }

  const std::string& claim_name() const { return row->claim->meta.name; }

  const std::string& pool_name() const { return pool->pool->meta.name; }

  std::string_view label(std::string_view key) const;

  bool is_spot() const;

  double savings_ratio() const { return price / disruption_cost; }  // DIS-44

  // DIS-45, improved: nothing on it has to find another place, whatever evicting it costs.
  bool is_empty() const { return reschedulable.empty(); }
};

// Why a machine is no candidate. Silent ones get no event (DIS-20).
struct Blocked {
  std::string text = {};
  std::string event = {};  // When it is not the text as a sentence.
  bool is_silent = false;
  bool is_pod_block = false;
};

// DIS-25: whether a method may disregard what pods ask, once the claim has a grace period.
enum class Grace : std::uint8_t { kGraceful, kEventual };

struct Judgement {
  world::NodeId node = 0;
  std::optional<Candidate> candidate = {};  // Absent too when something but pods blocks.
  Blocked blocked = {};                     // Text empty: nothing does.

  bool stands(Grace grace) const;
};

// `busy`: claims that a command already holds (DIS-20 row 1).
Judgement judge(const world::Snapshot& snapshot,
                const PodGuards& guards,
                const ClaimNames& busy,
                world::NodeId node);

// DIS-28 of any machine: what the cloud asks for its offering, whether or not it has any left.
double price_of(const world::MachineLabels& labels, const cloud::Catalogue& catalogue);

}  // namespace disrupt
