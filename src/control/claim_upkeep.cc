#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "control/claim_conditions.h"
#include "control/disruption_metrics.h"
#include "k8s/conditions.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

constexpr std::string_view kGarbage = "nodeclaim.garbagecollection";

std::string class_label(const k8s::NodeClassRef& ref) {
  return base::concat(ref.group, "/", base::to_lower(ref.kind));
}

// LIF-116; empty: the node is what was bought.
std::vector<std::string> shape_issues(const world::NodeRow& row) {
  constexpr double kEnough = 0.90;
  std::vector<std::string> issues;
  for (const auto& [name, request] : row.claim->spec.requests) {
    const k8s::Quantity expected = row.claim->status.capacity.get(name);
    if (request.is_zero() || expected.is_zero()) {
      continue;
    }
    const k8s::Quantity found = row.node->status.capacity.get(name);
    const double ratio = found.as_double() / expected.as_double();
    if (ratio < kEnough) {
      issues.push_back(base::concat("expected ",
                                    expected.text(),
                                    " of resource ",
                                    name,
                                    ", but found ",
                                    found.text(),
                                    " (",
                                    base::to_fixed(ratio * 100, 1),
                                    "% of expected)"));
    }
  }
  return issues;
}

// LIF-110, LIF-111. One missed listing may be the cloud's delay: an instance is taken for gone only
// when a direct question says so.
void collect_claims(const View& view, Step& step) {
  const Memory::Listing& listing = view.memory.listing;
  view.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.claim == nullptr || row.claim->meta.is_deleting() ||
        !k8s::is_true(row.claim->status.conditions, "Registered") ||
        listing.launched.contains(row.claim->status.provider_id) ||
        (row.node != nullptr && k8s::is_true(row.node->status.conditions, "Ready"))) {
      return;
    }
    const auto state = view.memory.instances.find(row.claim->status.provider_id);
    if (state != view.memory.instances.end() && state->second.at >= listing.at) {
      if (state->second.is_gone) {
        delete_object(step, kGarbage, *row.claim);
        count_disruption(
            step.effects.back(),
            *row.claim,
            {.reason = "garbage_collected", .pods = reschedulable_pods(view.snapshot, row)});
      }
    } else {
      step.effects.push_back(
          {act::GetInstance{row.claim->status.provider_id}, std::string(kGarbage)});
    }
  });
}

// The other direction: instances whose launch was never written down. Not before every claim has
// had its time to do so.
void collect_instances(const View& view, Step& step) {
  constexpr k8s::DurationNs kGrace = 1 * k8s::kMinute;
  const Memory::Listing& listing = view.memory.listing;
  for (const auto& [provider_id, launched] : listing.launched) {
    const auto id = view.world.find_provider(provider_id);
    const bool is_owned = id && view.snapshot.nodes[*id].claim != nullptr;
    const auto state = view.memory.instances.find(provider_id);
    const bool was_asked = state != view.memory.instances.end() && state->second.at >= listing.at &&
                           (state->second.is_terminating || state->second.is_gone);
    if (!is_owned && !was_asked && listing.at - launched > kGrace) {
      step.effects.push_back({act::Terminate{provider_id}, std::string(kGarbage)});
    }
  }
}

}  // namespace

Step reconcile_pod_event(const View& view, const std::string& claim_name) {
  Step step;
  const auto id = view.world.find_claim(claim_name);
  if (!id) {
    return step;
  }
  const auto& claim = view.snapshot.nodes[*id].claim;
  if (claim->status.last_pod_event != 0 &&
      view.now - claim->status.last_pod_event < view.config.pod_event_period) {
    return step;
  }
  write_last_pod_event(step, "nodeclaim.podevents", *claim, view.now, Lock::kNo);
  return step;
}

Step reconcile_expiration(const View& view, const std::string& claim_name) {
  Step step;
  const auto id = view.world.find_claim(claim_name);
  if (!id) {
    return step;
  }
  const k8s::NodeClaim& claim = *view.snapshot.nodes[*id].claim;
  if (claim.meta.is_deleting() || !claim.spec.expire_after) {
    return step;
  }
  const k8s::TimeNs expiry = claim.meta.creation_time + *claim.spec.expire_after;
  if (view.now < expiry) {
    step.wake(expiry);
    return step;
  }
  delete_object(step, "nodeclaim.expiration", claim);
  count_disruption(
      step.effects.back(),
      claim,
      {.reason = "expired", .pods = reschedulable_pods(view.snapshot, view.snapshot.nodes[*id])});
  step.log(runtime::LogLevel::kDebug,
           "deleting expired nodeclaim",
           {{"NodeClaim", runtime::object_reference(claim.meta.name)}});
  return step;
}

Step reconcile_garbage(const View& view, const std::string&) {
  Step step;
  const Memory::Listing& listing = view.memory.listing;
  const k8s::TimeNs due = listing.at + view.config.garbage_collection_period;
  if (listing.at == 0 || view.now >= due) {
    step.effects.push_back({act::ListInstances{}, std::string(kGarbage)});
    return step;
  }
  step.wake(due);
  const bool is_listed =
      view.world.has_list(k8s::Kind::kNodeClaim) && view.world.has_list(k8s::Kind::kNode);
  if (!listing.error.empty() || !is_listed) {
    return step;  // LIF-112
  }
  collect_claims(view, step);
  if (view.snapshot.is_synced) {
    collect_instances(view, step);
  }
  return step;
}

Step reconcile_hydration(const View& view, const std::string& claim_name) {
  Step step;
  const auto id = view.world.find_claim(claim_name);
  if (!id) {
    return step;
  }
  const world::NodeRow& row = view.snapshot.nodes[*id];
  const std::string key = class_label(row.claim->spec.node_class);
  const auto has_label = [&](const k8s::ObjectMeta& meta) {
    const std::string* value = meta.label(key);
    return value != nullptr && *value == row.claim->spec.node_class.name;
  };
  if (!has_label(row.claim->meta)) {
    k8s::NodeClaim claim = *row.claim;
    claim.meta.labels[key] = row.claim->spec.node_class.name;
    write_main(step, "nodeclaim.hydration", *row.claim, claim, Lock::kNo);
  }
  if (row.node != nullptr && row.is_registered() && !has_label(row.node->meta)) {
    k8s::Node node = *row.node;
    node.meta.labels[key] = row.claim->spec.node_class.name;
    write_main(step, "node.hydration", *row.node, node, Lock::kNo);
  }
  return step;
}

// The first look comes when the claim is initialised: before that there is nothing to compare.
Step reconcile_consistency(const View& view, const std::string& claim_name) {
  constexpr std::string_view kCause = "nodeclaim.consistency";
  Step step;
  const auto id = view.world.find_claim(claim_name);
  if (!id) {
    return step;
  }
  const world::NodeRow& row = view.snapshot.nodes[*id];
  const k8s::NodeClaim& claim = *row.claim;
  if (claim.meta.is_deleting() || row.node == nullptr || row.is_duplicated ||
      !k8s::is_true(claim.status.conditions, "Initialized")) {
    return step;
  }
  const auto last = view.memory.consistency_checks.find(claim.meta.uid);
  if (last != view.memory.consistency_checks.end() &&
      view.now < last->second + view.config.consistency_period) {
    step.wake(last->second + view.config.consistency_period);
    return step;
  }
  step.consistency_checks.push_back(claim.meta.uid);
  step.wake(view.now + view.config.consistency_period);
  std::vector<k8s::Condition> next = claim.status.conditions;
  k8s::ConditionSet set(next, k8s::Kind::kNodeClaim, claim.meta);
  const std::vector<std::string> issues = shape_issues(row);
  for (const std::string& issue : issues) {
    step.effects.push_back(
        event(kCause,
              claim,
              {.type = "Warning", .reason = "FailedConsistencyCheck", .message = issue},
              {claim.meta.uid, issue}));
  }
  if (issues.empty()) {
    set.set_true("ConsistentStateFound", view.now);
  } else {
    set.set_false(
        "ConsistentStateFound", "ConsistencyCheckFailed", "Consistency Check Failed", view.now);
  }
  write_conditions(step, kCause, claim, std::move(next), Lock::kYes);
  return step;
}

}  // namespace control
