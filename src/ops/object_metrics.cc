#include "ops/object_metrics.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "cloud/label_schema.h"
#include "control/metrics.h"
#include "k8s/capacity_buffer.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"
#include "k8s/node.h"
#include "k8s/time.h"
#include "world/names.h"

namespace ops {

namespace {

std::string label_of(const k8s::Object& object, std::string_view key) {
  const std::string* value = object.meta.label(key);
  return value == nullptr ? std::string() : *value;
}

std::string pool_of(const k8s::Object& object) {
  return label_of(object, world::kPoolLabel);
}

std::string zone_of(const k8s::Object& object) {
  return label_of(object, world::kZoneLabel);
}

// Empty for kinds that are not watched here.
std::span<const k8s::Condition> conditions_of(const k8s::Object& object) {
  switch (object.kind) {
    case k8s::Kind::kNodeClaim:
      return k8s::as<k8s::NodeClaim>(object).status.conditions;
    case k8s::Kind::kNode:
      return k8s::as<k8s::Node>(object).status.conditions;
    case k8s::Kind::kNodePool:
      return k8s::as<k8s::NodePool>(object).conditions;
    case k8s::Kind::kCapacityBuffer:
      return k8s::as<k8s::CapacityBuffer>(object).conditions;
    default:
      return {};
  }
}

bool is_watched(k8s::Kind kind) {
  return kind == k8s::Kind::kNodeClaim || kind == k8s::Kind::kNode ||
         kind == k8s::Kind::kNodePool || kind == k8s::Kind::kCapacityBuffer;
}

const k8s::Condition* find(std::span<const k8s::Condition> conditions, std::string_view type) {
  const auto found = std::ranges::find(conditions, type, &k8s::Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

// It was not before, and is now. A claim seen for the first time tells nothing.
bool has_become(const k8s::NodeClaim* before, const k8s::NodeClaim& after, std::string_view type) {
  return before != nullptr && !k8s::is_true(before->status.conditions, type) &&
         k8s::is_true(after.status.conditions, type);
}

// The answer to our own write may overtake the watch.
bool is_newer(const k8s::Object& object, const k8s::Object& than) {
  const std::string& a = object.meta.resource_version;
  const std::string& b = than.meta.resource_version;
  const auto left = base::parse_int(a);
  const auto right = base::parse_int(b);
  return left && right ? *left > *right : a != b;
}

act::PublishEvent event_on(const k8s::Object& object, std::string reason, std::string message) {
  act::PublishEvent event;
  event.object = act::reference(object);
  event.type = "Normal";
  event.reason = std::move(reason);
  event.message = std::move(message);
  return event;
}

}  // namespace

ObjectMetrics::ObjectMetrics(runtime::Metrics& metrics, Options options, Publish publish)
    : metrics_(metrics), options_(std::move(options)), publish_(std::move(publish)) {
  const std::string pool(world::kPoolLabel);
  const std::string initialized(world::kInitializedLabel);
  const auto add = [this](k8s::Kind kind, std::vector<std::string> label_keys) {
    const auto facts = std::make_shared<const ObjectFacts>(kind, std::move(label_keys));
    facts_[kind] = facts;
    metrics_.keep(facts);
  };
  add(k8s::Kind::kNodeClaim, {options_.class_label, pool});
  add(k8s::Kind::kNode, {options_.class_label, pool, initialized});
  add(k8s::Kind::kNodePool, {});
  add(k8s::Kind::kCapacityBuffer, {});
}

void ObjectMetrics::on_event(const k8s::ObjectEvent& event,
                             k8s::TimeNs now,
                             base::Instant instant) {
  if (event.object == nullptr || !is_watched(event.kind)) {
    return;
  }
  const auto key = std::pair(event.kind, event.object->meta.uid);
  if (event.op == k8s::EventOp::kDeleted) {
    last_.erase(key);
    on_gone(*event.object, now, instant);
    return;
  }
  k8s::ObjectPtr& last = last_[key];
  if (last != nullptr && !is_newer(*event.object, *last)) {
    return;
  }
  on_changed(last.get(), *event.object);
  last = event.object;
}

// OPR-73
void ObjectMetrics::on_changed(const k8s::Object* before, const k8s::Object& after) {
  if (after.kind == k8s::Kind::kNodeClaim) {
    count_claim(before == nullptr ? nullptr : &k8s::as<k8s::NodeClaim>(*before),
                k8s::as<k8s::NodeClaim>(after));
  }
  if (!options_.is_observing) {
    return;
  }
  if (before != nullptr) {
    for (const std::string& finalizer : before->meta.finalizers) {
      if (!after.meta.has_finalizer(finalizer)) {
        tell_finalized(after, finalizer);
      }
    }
  }
  for (const k8s::Condition& condition : conditions_of(after)) {
    const k8s::Condition* old =
        before == nullptr ? nullptr : find(conditions_of(*before), condition.type);
    if (old == nullptr || old->status != condition.status) {
      count_transition(after, old, condition);
    }
  }
}

void ObjectMetrics::count_transition(const k8s::Object& object,
                                     const k8s::Condition* before,
                                     const k8s::Condition& after) {
  const ObjectFacts& facts = *facts_.at(object.kind);
  const std::string group(k8s::facts(object.kind).group);
  const std::string kind(k8s::kind_name(object.kind));
  const auto with_extra = [&](runtime::LabelValues labels) {
    for (const std::string& key : facts.label_keys()) {
      labels.push_back(label_of(object, key));
    }
    return labels;
  };
  const bool has_twin = object.kind != k8s::Kind::kNode;
  metrics_.at(facts.transitions(), with_extra({after.type, after.status, after.reason})).add();
  if (has_twin) {
    metrics_.at(kOldTransitions, {group, kind, after.type, after.status, after.reason}).add();
  }
  if (before == nullptr) {
    return;
  }
  const double lasted = k8s::to_seconds(after.last_transition - before->last_transition);
  metrics_.at(facts.transition_time(), with_extra({after.type, before->status})).observe(lasted);
  if (has_twin) {
    metrics_.at(kOldTransitionTime, {group, kind, after.type, before->status}).observe(lasted);
  }
  std::string message = base::concat("Status condition transitioned, Type: ",
                                     after.type,
                                     ", Status: ",
                                     before->status,
                                     " -> ",
                                     after.status,
                                     ", Reason: ",
                                     after.reason);
  if (!after.message.empty()) {
    message += base::concat(", Message: ", after.message);
  }
  publish_(event_on(object, after.type, std::move(message)));
}

void ObjectMetrics::tell_finalized(const k8s::Object& object, std::string_view finalizer) {
  publish_(event_on(object, "Finalized", base::concat("Finalized ", finalizer)));
}

void ObjectMetrics::on_gone(const k8s::Object& last, k8s::TimeNs now, base::Instant instant) {
  if (last.kind == k8s::Kind::kNodeClaim) {
    count_claim_end(k8s::as<k8s::NodeClaim>(last), now);
  } else if (last.kind == k8s::Kind::kNode) {
    count_node_end(k8s::as<k8s::Node>(last), now, instant);
  }
  if (!options_.is_observing) {
    return;
  }
  for (const std::string& finalizer : last.meta.finalizers) {
    tell_finalized(last, finalizer);
  }
  if (!last.meta.is_deleting()) {
    return;
  }
  const ObjectFacts& facts = *facts_.at(last.kind);
  const double lasted = k8s::to_seconds(now - last.meta.deletion_time);
  runtime::LabelValues labels;
  for (const std::string& key : facts.label_keys()) {
    labels.push_back(label_of(last, key));
  }
  metrics_.at(facts.termination(), std::move(labels)).observe(lasted);
  if (last.kind != k8s::Kind::kNode) {
    metrics_
        .at(kOldTermination,
            {std::string(k8s::facts(last.kind).group), std::string(k8s::kind_name(last.kind))})
        .observe(lasted);
  }
}

void ObjectMetrics::count_claim(const k8s::NodeClaim* before, const k8s::NodeClaim& after) {
  if (has_become(before, after, "Registered")) {
    metrics_.at(control::metric::kNodesCreated, {pool_of(after), zone_of(after)}).add();
  }
  if (has_become(before, after, "Drained")) {
    metrics_.at(control::metric::kNodesDrained, {pool_of(after)}).add();
  }
}

void ObjectMetrics::count_claim_end(const k8s::NodeClaim& claim, k8s::TimeNs now) {
  using namespace control::metric;
  const std::string pool = pool_of(claim);
  metrics_
      .at(kNodeClaimsTerminated, {pool, label_of(claim, world::kCapacityTypeLabel), zone_of(claim)})
      .add();
  if (claim.meta.is_deleting()) {
    metrics_.at(kClaimTerminationDuration, {pool})
        .observe(k8s::to_seconds(now - claim.meta.deletion_time));
  }
  const k8s::Condition* terminating = find(claim.status.conditions, "InstanceTerminating");
  if (terminating != nullptr && terminating->status == "True") {
    metrics_.at(kInstanceTerminationDuration, {pool})
        .observe(k8s::to_seconds(now - terminating->last_transition));
  }
}

// Nodes of other people are not ours to count.
void ObjectMetrics::count_node_end(const k8s::Node& node, k8s::TimeNs now, base::Instant instant) {
  using namespace control::metric;
  const std::string pool = pool_of(node);
  if (pool.empty()) {
    return;
  }
  metrics_.at(kNodesTerminated, {pool, zone_of(node)}).add();
  metrics_.at(kNodeLifetime, {pool}).observe(k8s::to_seconds(now - node.meta.creation_time));
  if (node.meta.is_deleting()) {
    metrics_.at(kNodeTerminationDuration, {pool})
        .observe(k8s::to_seconds(now - node.meta.deletion_time), instant);
  }
}

}  // namespace ops
