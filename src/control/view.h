// What every reconcile function sees and returns. A reconcile is pure: the picture of the cluster,
// what the cloud has answered, the time; out come effects and the moment to look again. It never
// waits: what has to happen after an effect is the business of the next reconcile, which finds the
// effect's result in the picture or in the memory.
//
//   Step reconcile_expiration(const View& view, const std::string& claim_name);
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "act/effect.h"
#include "act/event_filter.h"
#include "control/config.h"
#include "runtime/log.h"
#include "world/world.h"

namespace control {

// The cloud's latest answers, and other facts that no API object holds. Everything in here may be
// lost in a restart: it is asked for again, or only delays something.
struct Memory {
  struct Launch {
    std::expected<cloud::Instance, cloud::LaunchFailure> result;
    k8s::TimeNs at = 0;
    int failures = 0;
  };

  struct InstanceState {
    bool is_gone = false;         // The cloud does not know it (any more).
    bool is_terminating = false;  // It was asked to go.
    k8s::TimeNs at = 0;           // Of the answer.
    int failures = 0;             // In a row.
    std::string error = {};
  };

  struct Listing {
    std::map<std::string, k8s::TimeNs, std::less<>>
        launched;        // By provider id; going ones left out.
    k8s::TimeNs at = 0;  // 0: never listed.
    std::string error = {};
  };

  struct ResolvedClass {
    std::int64_t generation = 0;
    base::Result<cloud::ResolvedNodeClass> result;
    k8s::TimeNs at = 0;
    int failures = 0;
  };

  struct Eviction {
    std::optional<k8s::TimeNs> deadline = {};  // The earliest that was asked for (LIF-144).
    int attempts = 0;
    k8s::TimeNs last = 0;
    std::optional<base::Error> error = {};
    bool is_done = false;  // The API agreed; the pod is on its way.
  };

  std::map<std::string, Launch> launches;          // By claim uid (LIF-74).
  std::map<std::string, InstanceState> instances;  // By provider id.
  Listing listing;
  std::map<std::string, ResolvedClass> classes;            // By name.
  std::map<std::string, Eviction> evictions;               // By pod uid.
  std::map<std::string, k8s::TimeNs> consistency_checks;   // By claim uid (LIF-115).
  std::map<std::string, std::vector<bool>> registrations;  // By pool uid; newest last.
  std::map<std::string, int> missed_listings;              // By claim uid.
  std::map<std::string, std::int64_t> buffered;            // Virtual pods by provider id (SCH-283).
  // Claims that the last pass made for virtual pods: no provider id is known of them yet (SCH-283).
  std::set<std::string, std::less<>> buffered_claims;
  // Claims of static pools that wait for their replacements: neither active nor deleting (LIF-51,
  // DIS-146). By claim name.
  std::set<std::string, std::less<>> pending_disruption;
  // Replacements that commands are going to make in static pools: room that nobody else may take
  // (DIS-143). Pools by claim name.
  std::map<std::string, std::string, std::less<>> reserved;
};

struct View {
  const world::Snapshot& snapshot;
  const world::World& world;  // For look-ups by name only.
  const Memory& memory;
  const Config& config;
  k8s::TimeNs now = 0;
  const act::EventFilter* said = nullptr;  // null: nothing was said lately.
};

struct Step {
  std::vector<act::Effect> effects = {};
  std::vector<world::Intent> intents = {};
  std::vector<runtime::LogRecord> logs = {};
  std::vector<runtime::MetricChange> metrics = {};  // Those of effects are with the effects.
  // What is worth keeping in Memory: how a pool's launches went (by pool uid), claims checked, pods
  // queued for eviction.
  std::vector<std::pair<std::string, bool>> registrations = {};
  std::vector<std::string> forgotten_registrations = {};
  std::vector<std::string> consistency_checks = {};
  std::vector<std::pair<std::string, std::optional<k8s::TimeNs>>> evictions = {};
  std::vector<std::string> evicted = {};
  // What each pool sees of its catalogue, whole (LIF-205).
  std::optional<std::map<std::string, cloud::CataloguePtr, std::less<>>> pool_catalogues = {};
  // Keys of other controllers to look at: name and key.
  std::vector<std::pair<std::string, std::string>> enqueue = {};
  k8s::TimeNs wake_at = 0;  // 0: only when something changes.

  void wake(k8s::TimeNs at) { wake_at = wake_at == 0 || at < wake_at ? at : wake_at; }

  void log(runtime::LogLevel level, std::string message, runtime::LogFields fields = {});
};

// The wait before try number `failures` + 1: doubling, bounded.
k8s::DurationNs backoff(int failures, k8s::DurationNs first, k8s::DurationNs longest);

}  // namespace control
