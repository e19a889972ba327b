// How long pods wait: to be decided about, bound, ready (spec 05 B.1, OPR-66 to OPR-68).
//
//   PodMetrics pods(metrics, is_observing);
//   pods.on_event(event, now, instant);       // Every watch event.
//   pods.on_plan(snapshot, plan, now);        // Every plan of the provisioner.
//   pods.write(writer, now);                  // At scrape time.
//
// Only pods on their way are remembered: one that is running when it is first seen is nobody's
// wait. Thread rule: the loop. Ownership: borrows the metrics.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "k8s/kube_api.h"
#include "k8s/pod.h"
#include "plan/plan.h"
#include "runtime/metrics.h"

namespace ops {

class PodMetrics {
 public:
  PodMetrics(runtime::Metrics& metrics, bool is_observing)
      : metrics_(metrics), is_observing_(is_observing) {}

  void on_event(const k8s::ObjectEvent& event, k8s::TimeNs now, base::Instant instant);
  void on_plan(const world::Snapshot& planned, const plan::Plan& plan, k8s::TimeNs now);

  void write(runtime::MetricWriter& out, k8s::TimeNs now) const;

  // Pods remembered.
  std::size_t size() const { return waits_.size(); }

 private:
  struct Wait {
    std::string name;
    std::string namespace_;
    k8s::TimeNs created = 0;
    std::optional<k8s::TimeNs> acknowledged;  // First seen as one to find a place for.
    std::optional<k8s::TimeNs> schedulable;   // First plan with room.
    bool is_decided = false;
    bool is_bound = false;
  };

  void decide(const k8s::Pod& pod, bool has_room, k8s::TimeNs now);
  void on_bound(Wait& wait, k8s::TimeNs at);
  void on_ready(const Wait& wait, k8s::TimeNs at, base::Instant instant);

  runtime::Metrics& metrics_;
  bool is_observing_;
  std::unordered_map<std::string, Wait> waits_;  // By uid.
};

}  // namespace ops
