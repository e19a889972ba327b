#include "plan/random_problem_testing.h"

#include <algorithm>

#include "base/text.h"
#include "plan/provisionable.h"
#include "world/world.h"

namespace plan::testing {
namespace {

constexpr k8s::TimeNs kNow = 1'700'000'000LL * 1'000'000'000;

template <typename T>
void put(world::World& world, const std::vector<T>& objects) {
  for (const T& object : objects) {
    world.apply({object.kind, k8s::EventOp::kModified, std::make_shared<const T>(object)});
  }
}

void draw_options(Generation& g) {
  Options& options = g.draft.options;
  options.preference_policy =
      g.dice.percent(30) ? PreferencePolicy::kIgnore : PreferencePolicy::kRespect;
  options.min_values_policy =
      g.dice.percent(40) ? MinValuesPolicy::kBestEffort : MinValuesPolicy::kStrict;
  options.reserved_capacity = !g.dice.percent(15);
  options.reserved_fallback = g.dice.percent(15);
  if (g.uses(Feature::kTruncation)) {
    options.max_instance_types = static_cast<std::size_t>(g.dice.between(1, 5));
  }
}

// The labels of the types, as schema_of() would know them, and the reservation's.
void draw_schema(Generation& g) {
  if (!g.uses(Feature::kReserved)) {
    return;
  }
  auto schema = std::make_shared<cloud::LabelSchema>(cloud::LabelSchema::core());
  for (const std::string_view key : {kSizeLabel, kCountLabel, kSpecialLabel, kReservationLabel}) {
    schema->add_well_known(key);
  }
  schema->set_reservation_labels(kReservationLabel, {std::string(kReservationLabel)});
  g.draft.options.schema = schema;
}

void add_spaces(Generation& g) {
  for (const std::string name : {"default", "other", "kube-system"}) {
    k8s::Namespace& made = g.draft.namespaces.emplace_back();
    made.meta.name = name;
    made.meta.labels = {{"tier", name == "default" ? "front" : "back"}};
  }
}

// SCH-360: defaults, and what deduces selectors for them.
void add_defaults(Generation& g) {
  if (!g.uses(Feature::kDefaultSpread)) {
    return;
  }
  k8s::TopologySpreadConstraint& made = g.draft.options.default_spread.emplace_back();
  made.max_skew = g.dice.between(1, 2);
  made.topology_key = g.dice.percent(60) ? cloud::label::kZone : cloud::label::kHostname;
  made.when_unsatisfiable = g.dice.percent(60) ? "DoNotSchedule" : "ScheduleAnyway";
  if (g.dice.percent(60)) {
    k8s::Service& service = g.draft.services.emplace_back();
    service.meta.name = "service";
    service.meta.namespace_ = "default";
    service.selector = {{"app", g.dice.percent(50) ? "a" : "b"}};
  }
}

}  // namespace

std::uint64_t Dice::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31U);
}

Draft random_draft(std::uint64_t seed) {
  Generation g{.draft = {.seed = seed}, .dice = Dice(seed), .features = {}, .zones = {}};
  const int density = g.dice.between(10, 60);
  for (int i = 0; i < static_cast<int>(Feature::kCount); ++i) {
    g.features.push_back(g.dice.percent(density));
  }
  const int zones = g.dice.between(1, 3);
  for (int i = 0; i < zones; ++i) {
    g.zones.push_back(base::concat("zone-", i + 1));
  }
  draw_options(g);
  draw_schema(g);
  add_spaces(g);
  add_types(g);
  add_pools(g);
  add_daemons(g);
  add_nodes(g);
  add_volumes(g);
  add_pods(g);
  add_defaults(g);
  return std::move(g.draft);
}

BuiltProblem build(const Draft& draft) {
  world::World world({.class_kinds = {}, .assume_ready = true});
  auto catalogue = std::make_shared<cloud::Catalogue>();
  catalogue->types = draft.types;
  std::ranges::sort(catalogue->types, {}, &cloud::InstanceType::name);
  world.set_catalogue("EC2NodeClass", "default", catalogue);
  put(world, draft.namespaces);
  put(world, draft.pools);
  put(world, draft.claims);
  put(world, draft.nodes);
  put(world, draft.workloads);
  put(world, draft.services);
  put(world, draft.volume_claims);
  put(world, draft.volumes);
  put(world, draft.storage_classes);
  put(world, draft.csi_nodes);
  put(world, draft.pods);
  world.mark_synced();
  BuiltProblem built{.snapshot = world.snapshot(kNow), .options = draft.options};
  built.pods = find_candidates(*built.snapshot, built.options).pods;
  for (const std::string& name : draft.removed) {
    const auto id = world.find_node(name);
    if (!id) {
      continue;
    }
    built.removed.push_back(*id);
    for (const world::PodId pod : built.snapshot->nodes[*id].pods) {
      if (std::ranges::find(built.pods, pod) == built.pods.end() &&
          is_currently_reschedulable(*built.snapshot, *built.snapshot->pods[pod].pod)) {
        built.pods.push_back(pod);
      }
    }
  }
  return built;
}

}  // namespace plan::testing
