// Pools with a fixed number of nodes (spec 04 s9, gate StaticCapacity): static.provisioning makes
// the claims that are missing, static.deprovisioning takes away those that are too many. A pool is
// one key, never worked on twice at once (LIF-250).
//
//   StaticPools pools(schema, rng.split("static"));
//   engine.add(pools.provisioning());
//   engine.add(pools.deprovisioning());
//
// Everything is counted anew from the picture each time; claims that were written and not seen yet
// are intents. Thread rule: the loop.
#pragma once

#include <string>
#include <vector>

#include "control/engine.h"
#include "runtime/rng.h"

namespace control {

// LIF-51: every claim of the pool is one of these.
struct PoolCount {
  std::int64_t active = 0;    // Written claims that are not seen yet included.
  std::int64_t pending = 0;   // Active ones whose replacements are on their way (DIS-146).
  std::int64_t deleting = 0;  // Marked, or on their way out.
  std::int64_t reserved = 0;  // Replacements that are not written yet, or not seen (DIS-143).

  std::int64_t all() const { return active + pending + deleting + reserved; }
};

PoolCount count_claims(const View& view, std::string_view pool);

// How many of `wanted` the limit on nodes lets through (LIF-53). No limit: all.
std::int64_t grant_nodes(const k8s::NodePool& pool, const PoolCount& count, std::int64_t wanted);

// The claims to delete, `excess` at most: not launched, then empty, then the cheapest to disrupt
// (LIF-174).
std::vector<world::NodeId> choose_excess(const View& view,
                                         std::string_view pool,
                                         std::int64_t excess);

class StaticPools {
 public:
  StaticPools(std::shared_ptr<const cloud::LabelSchema> schema, runtime::Rng rng)
      : schema_(std::move(schema)), rng_(rng) {}

  Controller provisioning();
  static Controller deprovisioning();

 private:
  Step provision(const View& view, const std::string& pool_name);
  void create(const View& view, const k8s::NodePool& pool, Step& step);

  std::shared_ptr<const cloud::LabelSchema> schema_;
  runtime::Rng rng_;
};

}  // namespace control
