// Small random clusters with everything that the scheduler looks at, by a seed; and how to make one
// smaller while it still shows a fault.
//
// A Draft is plain objects, so that it can be edited and printed; build() sends them through
// world::World as the watch would. Each seed draws which features it uses at all: problems that
// combine few features deeply find more than problems that use all of them a little.
//
//   const Draft draft = random_draft(7);
//   const BuiltProblem built = build(draft);
//   compute_plan(built.problem());
//   std::cout << manifests(shrink(draft, [](const Draft& d) { return is_wrong(d); }));
//
// Thread rule: values and pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace plan::testing {

// Equal seeds give equal numbers everywhere (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();

  // Even over [0, bound).
  int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }

  // Even over [low, high].
  int between(int low, int high) { return low + below(high - low + 1); }

  bool percent(int chance) { return below(100) < chance; }

  template <typename T>
  const T& pick(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(below(static_cast<int>(items.size())))];
  }

 private:
  std::uint64_t state_;
};

// What a seed may use; the generator turns each on or off per problem.
enum class Feature : std::uint8_t {
  kSelectors,
  kTerms,
  kPreferred,
  kTaints,
  kSpread,
  kPodAffinity,
  kAntiAffinity,
  kPreferredPods,
  kNamespaces,
  kPorts,
  kVolumes,
  kDaemons,
  kNodes,
  kUnfinishedNodes,
  kDeletingNodes,
  kRemovedNodes,
  kLimits,
  kMinValues,
  kPoolLabels,
  kStaticPools,
  kManyPools,
  kReserved,
  kUnavailable,
  kOverrides,
  kContainers,
  kDefaultSpread,
  kTruncation,
  kCount,
};

struct Draft {
  std::uint64_t seed = 0;
  std::vector<cloud::InstanceType> types;
  std::vector<k8s::NodePool> pools;
  std::vector<k8s::NodeClaim> claims;
  std::vector<k8s::Node> nodes;
  std::vector<k8s::Pod> pods;
  std::vector<k8s::Workload> workloads;  // Daemon sets and replica sets.
  std::vector<k8s::PersistentVolumeClaim> volume_claims;
  std::vector<k8s::PersistentVolume> volumes;
  std::vector<k8s::StorageClass> storage_classes;
  std::vector<k8s::CSINode> csi_nodes;
  std::vector<k8s::Namespace> namespaces;
  std::vector<k8s::Service> services;
  std::vector<std::string> removed;  // Nodes taken away, by name.
  Options options;
};

struct BuiltProblem {
  world::SnapshotPtr snapshot;
  std::vector<world::PodId> pods;
  std::vector<world::NodeId> removed;
  Options options;

  Problem problem() const {
    return {.snapshot = *snapshot, .pods = pods, .removed = removed, .options = options};
  }
};

Draft random_draft(std::uint64_t seed);
BuiltProblem build(const Draft& draft);

// The smallest draft, by removing one thing at a time, for which is_wrong still holds.
// REQUIRES: is_wrong(draft).
Draft shrink(Draft draft, const std::function<bool(const Draft&)>& is_wrong);

// Seed and options as comments, instance types as a table in comments, objects as manifests.
std::string manifests(const Draft& draft);

// Parts of random_draft, in order.
struct Generation {
  Draft draft;
  Dice dice;
  std::vector<bool> features;
  std::vector<std::string> zones;

  bool uses(Feature feature) const { return features[static_cast<std::size_t>(feature)]; }

  // A feature that is on strikes in so many of a hundred cases.
  bool draws(Feature feature, int percent) { return uses(feature) && dice.percent(percent); }
};

void add_types(Generation& g);
void add_pools(Generation& g);
void add_daemons(Generation& g);
void add_nodes(Generation& g);
void add_volumes(Generation& g);
void add_pods(Generation& g);
// A constraint on one of the labels that exist in the problem.
k8s::SelectorTerm random_term(Generation& g, bool is_pool);
std::vector<k8s::Toleration> random_tolerations(Generation& g);
k8s::Taint random_taint(Generation& g);

inline constexpr std::string_view kSizeLabel = "example.com/size";        // Of types.
inline constexpr std::string_view kCountLabel = "example.com/count";      // Of types; integers.
inline constexpr std::string_view kSpecialLabel = "example.com/special";  // Of some types.
inline constexpr std::string_view kTeamLabel = "team";                    // Of pools.
inline constexpr std::string_view kReservationLabel = "example.com/reservation";

}  // namespace plan::testing
