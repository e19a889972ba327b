#include "control/answers.h"

namespace control {

namespace {

using LaunchResult = std::expected<cloud::Instance, cloud::LaunchFailure>;
using Instances = base::Result<std::vector<cloud::Instance>>;

void keep_write(const k8s::WriteRequest& request,
                const base::Error* error,
                k8s::TimeNs now,
                Memory& memory,
                world::World& world) {
  const auto eviction = memory.evictions.find(request.uid);
  if (eviction != memory.evictions.end()) {
    eviction->second.last = now;
    eviction->second.attempts = error != nullptr ? eviction->second.attempts + 1 : 0;
    eviction->second.error = error != nullptr ? std::optional(*error) : std::nullopt;
    eviction->second.is_done = error == nullptr;
  }
  if (error != nullptr && request.verb == k8s::Verb::kCreate &&
      request.key.kind == k8s::Kind::kNodeClaim) {
    world.drop_intent(world::IntentKind::kCreatedClaim, request.key.name);
  }
}

void keep_launch(const cloud::LaunchRequest& request,
                 const LaunchResult& result,
                 k8s::TimeNs now,
                 Memory& memory,
                 world::World& world) {
  const auto [slot, is_new] =
      memory.launches.try_emplace(request.claim_uid, Memory::Launch{result, now, 0});
  const int failures = slot->second.failures;
  slot->second = {result, now, result ? 0 : failures + 1};
  world.drop_intent(world::IntentKind::kLaunch, request.claim_name);
}

void keep_instance(const std::string& provider_id,
                   const base::Error* error,
                   bool is_terminating,
                   k8s::TimeNs now,
                   Memory& memory) {
  Memory::InstanceState& state = memory.instances[provider_id];
  state.at = now;
  state.is_gone = error != nullptr && error->code == base::ErrorCode::kNotFound;
  const bool is_fine = error == nullptr || state.is_gone;
  state.is_terminating = is_fine && (is_terminating || state.is_terminating);
  state.failures = is_fine ? 0 : state.failures + 1;
  state.error = is_fine ? std::string() : error->detail;
}

void keep_listing(const Instances& list, k8s::TimeNs now, Memory& memory) {
  memory.listing = {.launched = {}, .at = now, .error = list ? "" : list.error().detail};
  if (!list) {
    return;
  }
  for (const cloud::Instance& instance : *list) {
    if (!instance.is_terminating) {
      memory.listing.launched[instance.provider_id] = instance.launched;
    }
  }
}

void keep_class(const k8s::ObjectMeta& meta,
                const base::Result<cloud::ResolvedNodeClass>& result,
                k8s::TimeNs now,
                Memory& memory) {
  const auto found = memory.classes.find(meta.name);
  const int failures = found == memory.classes.end() ? 0 : found->second.failures;
  memory.classes.insert_or_assign(
      meta.name, Memory::ResolvedClass{meta.generation, result, now, result ? 0 : failures + 1});
}

}  // namespace

void keep_answer(const act::Effect& effect,
                 const act::Outcome& outcome,
                 k8s::TimeNs now,
                 Memory& memory,
                 world::World& world) {
  const base::Error* error = act::error_of(outcome);
  if (const auto* write = std::get_if<act::WriteObject>(&effect.action)) {
    keep_write(write->request, error, now, memory, world);
  } else if (const auto* launch = std::get_if<act::Launch>(&effect.action)) {
    keep_launch(launch->request, std::get<LaunchResult>(outcome), now, memory, world);
  } else if (const auto* terminate = std::get_if<act::Terminate>(&effect.action)) {
    keep_instance(terminate->provider_id, error, true, now, memory);
  } else if (const auto* get = std::get_if<act::GetInstance>(&effect.action)) {
    keep_instance(get->provider_id, error, false, now, memory);
  } else if (const auto* list = std::get_if<Instances>(&outcome)) {
    keep_listing(*list, now, memory);
  } else if (const auto* resolve = std::get_if<act::ResolveClass>(&effect.action)) {
    keep_class(resolve->node_class->meta,
               std::get<base::Result<cloud::ResolvedNodeClass>>(outcome),
               now,
               memory);
  }
}

std::span<const cloud::OfferingRef> unavailable_by(const act::Outcome& outcome) {
  const auto* launch = std::get_if<LaunchResult>(&outcome);
  return launch == nullptr || launch->has_value()
             ? std::span<const cloud::OfferingRef>()
             : std::span<const cloud::OfferingRef>(launch->error().unavailable);
}

// LIF-212: four results per pool are enough to judge it. LIF-144: deadlines only tighten.
void keep_facts(const Step& step, k8s::TimeNs now, Memory& memory) {
  constexpr std::size_t kKeptResults = 4;
  for (const std::string& pool : step.forgotten_registrations) {
    memory.registrations.erase(pool);
  }
  for (const auto& [pool, is_success] : step.registrations) {
    auto& results = memory.registrations[pool];
    results.push_back(is_success);
    if (results.size() > kKeptResults) {
      results.erase(results.begin());
    }
  }
  for (const std::string& claim : step.consistency_checks) {
    memory.consistency_checks[claim] = now;
  }
  for (const auto& [pod, deadline] : step.evictions) {
    auto& kept = memory.evictions[pod].deadline;  // Made here when it is new.
    if (deadline && (!kept || *deadline < *kept)) {
      kept = deadline;
    }
  }
  for (const std::string& pod : step.evicted) {
    memory.evictions.erase(pod);
  }
}

}  // namespace control
