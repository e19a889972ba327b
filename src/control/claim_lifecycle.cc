#include "control/claim_lifecycle.h"

#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "control/disruption_metrics.h"
#include "control/launch_request.h"
#include "k8s/codec.h"
#include "k8s/conditions.h"
#include "world/names.h"

namespace control {

namespace {

constexpr k8s::DurationNs kFirstLaunchBackoff = 1 * k8s::kSecond;
constexpr k8s::DurationNs kLongestLaunchBackoff = 60 * k8s::kSecond;

base::Result<void> not_found(const k8s::NodeClassRef& ref) {
  return base::fail(base::ErrorCode::kInsufficientCapacity,
                    base::concat("resolving nodeclass, \"", ref.name, "\" not found"));
}

// LIF-241: only what is plainly not ready is refused.
base::Result<void> check_kwok_class(const View& view, const k8s::NodeClassRef& ref) {
  const auto& classes = view.snapshot.kwok_classes;
  const auto node_class =
      std::ranges::find_if(classes, [&](const auto& c) { return c->meta.name == ref.name; });
  if (node_class == classes.end()) {
    return not_found(ref);
  }
  const k8s::Condition* ready = k8s::find_condition((*node_class)->conditions, k8s::kReady);
  if (ready != nullptr && ready->status == k8s::kFalse) {
    return base::fail(base::ErrorCode::kNotReady, ready->message);
  }
  return {};
}

// AWN-14
base::Result<void> check_ec2_class(const View& view, const k8s::NodeClassRef& ref) {
  const auto& classes = view.snapshot.ec2_classes;
  const auto node_class =
      std::ranges::find_if(classes, [&](const auto& c) { return c->meta.name == ref.name; });
  if (node_class == classes.end() || (*node_class)->meta.is_deleting()) {
    return not_found(ref);
  }
  const k8s::Condition* ready = k8s::find_condition((*node_class)->conditions, k8s::kReady);
  if (ready == nullptr || ready->status == k8s::kUnknown) {
    return base::fail(base::ErrorCode::kInternal, "NodeClass is in Ready=Unknown");
  }
  if (ready->status == k8s::kFalse) {
    return base::fail(base::ErrorCode::kNotReady, ready->message);
  }
  if (ready->observed_generation != (*node_class)->meta.generation) {
    return base::fail(base::ErrorCode::kNotReady,
                      "nodeclass status has not been reconciled against the latest spec");
  }
  return {};
}

// May the claim's class be launched from? The error's code decides what follows.
base::Result<void> check_class(const View& view, const k8s::NodeClassRef& ref) {
  if (ref.kind == "KWOKNodeClass") {
    return check_kwok_class(view, ref);
  }
  return ref.kind == "EC2NodeClass" ? check_ec2_class(view, ref) : base::Result<void>();
}

void adopt(ClaimPass& pass, const cloud::Instance& instance) {
  const auto catalogue = pass.view.world.find_catalogue(pass.claim);
  adopt_instance(pass.next, instance, catalogue.get());
  pass.conditions().set_true("Launched", pass.view.now);
  if (pass.next.meta.labels == pass.claim.meta.labels) {
    pass.step.log(
        runtime::LogLevel::kInfo,
        "launched nodeclaim",
        {{"NodeClaim", runtime::object_reference(pass.claim.meta.name)},
         {"provider-id", instance.provider_id},
         {"instance-type", instance.instance_type},
         {"zone", instance.zone},
         {"capacity-type", instance.capacity_type},
         {"allocatable", runtime::json(k8s::encode_resources(pass.next.status.allocatable))}});
  }
}

// LIF-76
void fail_launch(ClaimPass& pass,
                 const base::Error& error,
                 int failures,
                 std::string_view reason = {}) {
  const std::string& name = pass.claim.meta.name;
  if (error.code == base::ErrorCode::kInsufficientCapacity ||
      error.code == base::ErrorCode::kNotReady) {
    if (error.code == base::ErrorCode::kInsufficientCapacity) {
      pass.step.effects.push_back(
          event(kLifecycle,
                pass.claim,
                {.type = "Warning",
                 .reason = "InsufficientCapacityError",
                 .message = base::concat("NodeClaim ", name, " event: ", truncated(error.detail))},
                {pass.claim.meta.uid}));
    }
    pass.step.log(runtime::LogLevel::kError,
                  "failed launching nodeclaim",
                  {{"NodeClaim", runtime::object_reference(name)}, {"error", error}});
    delete_object(pass.step, kLifecycle, pass.claim);
    const bool is_short = error.code == base::ErrorCode::kInsufficientCapacity;
    count_disruption(pass.step.effects.back(),
                     pass.claim,
                     {.reason = is_short ? "insufficient_capacity" : "nodeclass_not_ready",
                      .counts_pods = false});
    pass.is_over = true;
    return;
  }
  pass.conditions().set_unknown("Launched",
                                std::string(reason.empty() ? "LaunchFailed" : reason),
                                truncated(error.detail),
                                pass.view.now);
  pass.step.wake(pass.view.now + backoff(failures, kFirstLaunchBackoff, kLongestLaunchBackoff));
}

void ask_cloud(ClaimPass& pass) {
  if (const auto usable = check_class(pass.view, pass.claim.spec.node_class); !usable) {
    return fail_launch(pass, usable.error(), 1, "NodeClassReadinessUnknown");
  }
  const auto catalogue = pass.view.world.find_catalogue(pass.claim);
  if (catalogue == nullptr) {
    return fail_launch(
        pass, {base::ErrorCode::kUnavailable, "instance types are not resolved yet"}, 1);
  }
  cloud::LaunchRequest request = launch_request(pass.claim, *catalogue);
  if (request.offerings.empty()) {
    return fail_launch(pass,
                       {base::ErrorCode::kInsufficientCapacity,
                        "all requested instance types were unavailable during launch"},
                       1);
  }
  pass.step.intents.push_back(
      {.kind = world::IntentKind::kLaunch, .claim = pass.claim.meta.name, .until = 0});
  pass.step.effects.push_back({act::Launch{std::move(request)}, std::string(kLifecycle)});
  pass.is_over = true;  // What the cloud answers is written together with the first conditions.
}

// Every stage is behind it, and says so of this generation: nothing is left to write.
bool is_through(const k8s::NodeClaim& claim) {
  const std::vector<k8s::Condition>& conditions = claim.status.conditions;
  return std::ranges::all_of(k8s::dependent_conditions(claim.kind),
                             [&](std::string_view type) {
                               const k8s::Condition* stage = k8s::find_condition(conditions, type);
                               return stage != nullptr && stage->status == k8s::kTrue &&
                                      stage->observed_generation == claim.meta.generation;
                             }) &&
         k8s::find_condition(conditions, k8s::kReady) != nullptr && k8s::is_in_order(conditions);
}

}  // namespace

std::string truncated(std::string_view text) {
  constexpr std::size_t kLongest = 300;
  return text.size() < kLongest ? std::string(text) : base::concat(text.substr(0, kLongest), "...");
}

Step reconcile_lifecycle(const View& view, const std::string& claim_name) {
  const auto id = view.world.find_claim(claim_name);
  if (!id) {
    return {};
  }
  const world::NodeRow& row = view.snapshot.nodes[*id];
  const k8s::NodeClaim& claim = *row.claim;
  if (claim.meta.is_deleting()) {
    return finalize_claim(view, row);
  }
  if (is_through(claim) && claim.meta.has_finalizer(world::kTerminationFinalizer)) {
    return {};
  }
  ClaimPass pass{.view = view, .row = row, .claim = claim, .next = claim};
  if (!claim.meta.has_finalizer(world::kTerminationFinalizer)) {  // LIF-71: before any launch.
    pass.next.meta.finalizers.emplace_back(world::kTerminationFinalizer);
    write_main(pass.step, kLifecycle, claim, pass.next, Lock::kYes);
    return pass.step;
  }
  pass.conditions();  // LIF-9
  for (const auto stage : {launch_claim, register_claim, initialize_claim, check_liveness}) {
    stage(pass);
    if (pass.is_over) {
      return pass.step;
    }
  }
  write_both(pass.step, kLifecycle, claim, pass.next, Lock::kYes);
  return pass.step;
}

bool ClaimPass::is_settled(std::string_view type) {
  const k8s::Condition* condition = k8s::find_condition(next.status.conditions, type);
  if (condition == nullptr || condition->status == k8s::kUnknown) {
    return false;
  }
  if (condition->observed_generation != claim.meta.generation) {
    conditions().set(k8s::Condition(*condition), view.now);
  }
  return true;
}

void launch_claim(ClaimPass& pass) {
  if (pass.is_settled("Launched")) {
    return;
  }
  const auto memory = pass.view.memory.launches.find(pass.claim.meta.uid);
  if (memory == pass.view.memory.launches.end()) {
    return ask_cloud(pass);
  }
  const Memory::Launch& launch = memory->second;
  if (launch.result) {
    return adopt(pass, *launch.result);
  }
  const base::Error& error = launch.result.error().error;
  const k8s::TimeNs retry_at =
      launch.at + backoff(launch.failures, kFirstLaunchBackoff, kLongestLaunchBackoff);
  const bool is_final = error.code == base::ErrorCode::kInsufficientCapacity ||
                        error.code == base::ErrorCode::kNotReady;
  if (!is_final && pass.view.now >= retry_at) {
    return ask_cloud(pass);
  }
  fail_launch(pass, error, launch.failures, launch.result.error().reason);
}

}  // namespace control
