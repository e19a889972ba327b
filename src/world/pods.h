// Questions about a pod that draining, disruption and accounting share (spec 04 s1.5, spec 03
// s3.1). Free functions over plain values; none has an effect. Whether a pod should be provisioned
// is another question: plan/provisionable.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "k8s/pod.h"

namespace k8s {
struct Node;
}  // namespace k8s

namespace world {

bool is_terminal(const k8s::Pod& pod);     // Failed or Succeeded.
bool is_terminating(const k8s::Pod& pod);  // Deletion asked for.
bool is_active(const k8s::Pod& pod);       // Neither of the two.
bool is_daemon_pod(const k8s::Pod& pod);
bool is_mirror_pod(const k8s::Pod& pod);
bool is_stateful_pod(const k8s::Pod& pod);
bool is_critical(const k8s::Pod& pod);

// Terminating for more than a minute after its deletion time.
bool is_stuck_terminating(const k8s::Pod& pod, k8s::TimeNs now);

// Would a scheduler have to find another place for it?
bool is_reschedulable(const k8s::Pod& pod);

// Does any toleration match (spec 02 s2.1)?
bool tolerates(const k8s::Pod& pod, const k8s::Taint& taint);
bool tolerates_disruption(const k8s::Pod& pod);

// What every look at the cluster asks of every pod, answered once per version of the pod
// (PodRow::traits): free of the time, which only matters where the annotation do-not-disrupt is.
struct PodTraits {
  bool is_active = false;
  bool is_bound = false;    // To a node.
  bool is_pending = false;  // As its phase says.
  bool is_reschedulable = false;
  bool is_movable = false;          // Evictable, but for the annotation.
  bool has_do_not_disrupt = false;  // It carries the annotation, whatever it says.
  double eviction_cost = 1;
  k8s::TimeNs created = 0;
  std::uint64_t uid_head = 0;  // The first eight letters of the uid, in the order of letters.
};

PodTraits traits_of(const k8s::Pod& pod);

// What the annotation karpenter.sh/do-not-disrupt means at this moment.
struct DoNotDisrupt {
  bool is_active = false;
  // A positive duration was given: the moment of its end; 0 while the pod has not started.
  std::optional<k8s::TimeNs> until = std::nullopt;
  std::string error = {};  // The annotation cannot be understood (and is ignored).
};

DoNotDisrupt do_not_disrupt(const k8s::Pod& pod, k8s::TimeNs now);

bool is_drainable(const k8s::Pod& pod, k8s::TimeNs now);
bool is_waiting_eviction(const k8s::Pod& pod, k8s::TimeNs now);
bool is_evictable(const k8s::Pod& pod, k8s::TimeNs now);

// Between -10 and 10; 1 for an ordinary pod (DIS-41).
double eviction_cost(const k8s::Pod& pod);

// Taints are equal when key and effect are (LIF-17).
bool same_taint(const k8s::Taint& a, const k8s::Taint& b);
k8s::Taint disrupted_taint();
// It carries that very taint.
bool is_disrupted(const k8s::Node& node);
k8s::Taint unregistered_taint();
// Taints that a joining node carries for a while and that do not count (spec 04 s1.4).
bool is_ephemeral_taint(const k8s::Taint& taint);

}  // namespace world
