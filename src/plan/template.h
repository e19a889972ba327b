// A NodePool as the planner uses it: the claims it could make (SCH-130, SCH-131), what daemons cost
// there (SCH-210..212) and what its limits leave (SCH-133, SCH-157..160).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bitset.h"
#include "plan/columns.h"
#include "plan/taint_table.h"
#include "world/snapshot.h"

namespace plan {

// The daemons that would run on some of a template's rows.
struct DaemonGroup {
  base::Bitset rows;
  k8s::Resources overhead;  // Empty when no daemon runs there.
  Amounts demand;
  std::vector<model::HostPort> ports;
};

// One limited resource of a pool, and what is left of it.
struct PoolLimit {
  std::string resource;
  k8s::Quantity remaining;
  std::vector<k8s::Quantity> capacity = {};     // By row of the pool's catalogue.
  std::vector<std::uint32_t> by_capacity = {};  // Rows, largest first.
};

struct Template {
  std::shared_ptr<const world::PoolRow> pool;
  Columns* columns = nullptr;
  model::SetId set;
  TaintsId taints;
  base::Bitset rows;  // Pre-filtered by the pool's own requirements.
  std::vector<DaemonGroup> groups;
  std::string hash;  // SCH-246: as the pool was when the pass began.
};

// Limits belong to pools, whether or not they have a usable template.
struct PoolBudget {
  std::vector<PoolLimit> limits;

  const PoolLimit* find(std::string_view resource) const;
  // Prepares the look-ups of the two functions below.
  void index(const Columns& columns);
  // SCH-157, SCH-160: what planning a claim of these rows takes away.
  void charge(const base::Bitset& rows);
  // Clears rows whose capacity exceeds what remains (SCH-158, SCH-159).
  void keep_affordable(base::Bitset& rows) const;
  // SCH-158.
  bool has_no_nodes_left() const;
};

}  // namespace plan
