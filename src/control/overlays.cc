#include "control/overlays.h"

#include <memory>

#include "base/text.h"
#include "control/changes.h"
#include "control/pools.h"
#include "k8s/conditions.h"
#include "k8s/kinds.h"
#include "plan/overlays.h"
#include "plan/provisionable.h"

namespace control {

namespace {

constexpr k8s::DurationNs kOverlayPeriod = 6 * k8s::kHour;  // LIF-205

bool is_concerned(k8s::Kind kind) {
  return kind == k8s::Kind::kNodeOverlay || kind == k8s::Kind::kNodePool ||
         kind == k8s::Kind::kEC2NodeClass || kind == k8s::Kind::kKWOKNodeClass;
}

// LIF-204
void write_verdict(const View& view, const plan::OverlayVerdict& verdict, Step& step) {
  constexpr std::string_view kType = "ValidationSucceeded";
  k8s::NodeOverlay next = *verdict.overlay;
  k8s::ConditionSet set(next.conditions, k8s::Kind::kNodeOverlay, verdict.overlay->meta);
  if (verdict.reason.empty()) {
    set.set_true(kType, view.now);
  } else {
    set.set_false(kType, verdict.reason, verdict.message, view.now);
  }
  write_status(step, kOverlays, *verdict.overlay, next, Lock::kYes);
}

}  // namespace

Step reconcile_overlays(const View& view, const std::string&) {
  Step step;
  if (!view.world.has_list(k8s::Kind::kNodeOverlay)) {
    step.wake(view.now + k8s::kSecond);  // Half of the overlays would give wrong prices.
    return step;
  }
  std::vector<plan::OverlaidPool> pools;
  auto flavour = k8s::schema::Flavour::kCore;
  for (const auto& [name, pool] : view.world.pools()) {
    flavour = flavour_of(pool->template_spec.node_class);  // One process has one provider.
    pools.push_back({pool, view.world.find_catalogue(pool->template_spec.node_class)});
  }
  const auto& overlays = view.snapshot.node_overlays;
  const auto schema = plan::schema_of(view.snapshot, view.config.plan);
  plan::OverlayResult result = plan::apply_overlays({.pools = std::move(pools),
                                                     .overlays = {overlays.begin(), overlays.end()},
                                                     .schema = *schema,
                                                     .flavour = flavour});
  for (const plan::OverlayVerdict& verdict : result.verdicts) {
    write_verdict(view, verdict, step);
  }
  step.pool_catalogues = std::move(result.catalogues);
  step.wake(view.now + kOverlayPeriod);
  return step;
}

KeysOf overlays_and_pools() {
  const auto seen = std::make_shared<std::map<std::string, std::int64_t>>();
  return [seen](const k8s::ObjectEvent& event, const world::World&, auto& keys) {
    if (!is_concerned(event.kind)) {
      return;
    }
    const k8s::ObjectMeta& meta = event.object->meta;
    const std::string name = base::concat(k8s::kind_name(event.kind), "/", meta.name);
    if (event.op == k8s::EventOp::kDeleted) {
      seen->erase(name);
      keys.emplace_back();
      return;
    }
    const auto [known, is_new] = seen->try_emplace(name, meta.generation);
    if (is_new || known->second != meta.generation) {
      known->second = meta.generation;
      keys.emplace_back();
    }
  };
}

}  // namespace control
