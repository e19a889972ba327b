// Writes as the difference of two typed objects: a controller copies what it read, changes the
// copy, and sends what differs as a merge patch (API-15).
//
//   k8s::NodeClaim after = *claim;
//   after.meta.finalizers.push_back("karpenter.sh/termination");
//   if (write_main(step, "nodeclaim.lifecycle", *claim, after, Lock::kYes)) { return step; }
#pragma once

#include <string>
#include <string_view>

#include "control/view.h"

namespace control {

// Optimistic lock by resourceVersion.
enum class Lock : std::uint8_t { kNo, kYes };

// Everything but status. False when nothing differs.
bool write_main(Step& step,
                std::string_view cause,
                const k8s::Object& before,
                const k8s::Object& after,
                Lock lock);
// Only status.
bool write_status(Step& step,
                  std::string_view cause,
                  const k8s::Object& before,
                  const k8s::Object& after,
                  Lock lock);
// The same for a claim of whose status only these fields may differ: nothing else of it is copied
// or encoded, and equal conditions cost one comparison.
bool write_conditions(Step& step,
                      std::string_view cause,
                      const k8s::NodeClaim& claim,
                      std::vector<k8s::Condition> conditions,
                      Lock lock);
bool write_last_pod_event(Step& step,
                          std::string_view cause,
                          const k8s::NodeClaim& claim,
                          k8s::TimeNs last_pod_event,
                          Lock lock);
// Main first; status only when main is up to date already, so that two writes never race.
bool write_both(Step& step,
                std::string_view cause,
                const k8s::Object& before,
                const k8s::Object& after,
                Lock lock);

void delete_object(Step& step, std::string_view cause, const k8s::Object& object);

struct EventText {
  std::string_view type;  // "Normal" or "Warning".
  std::string_view reason;
  std::string message;
  k8s::DurationNs dedupe_for = 2 * k8s::kMinute;
};

act::Effect event(std::string_view cause,
                  const k8s::Object& object,
                  EventText text,
                  std::vector<std::string> dedupe);

}  // namespace control
