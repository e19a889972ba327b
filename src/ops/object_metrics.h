// Counts what happens to NodeClaims, Nodes, NodePools and CapacityBuffers by comparing each watch
// event with the object that was there before, and publishes the events that belong to it (spec 05
// B.3; the counters of 05 B.1 that follow from an object's life).
//
//   ObjectMetrics objects(metrics, {.class_label = "karpenter.kwok.sh/kwoknodeclass"}, publish);
//   controllers.on_event = [&](const k8s::ObjectEvent& e) { objects.on_event(e, clock.wall()); };
//
// The first sight of an object counts its conditions but tells nothing, so a restart is quiet
// (OPR-73). Thread rule: the loop. Ownership: borrows the metrics.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "ops/object_metric_names.h"

#include "act/effect.h"
#include "k8s/kube_api.h"
#include "runtime/metrics.h"

namespace ops {

class ObjectMetrics {
 public:
  struct Options {
    std::string class_label;
    // False: --disable-cluster-state-observability, which keeps only the counters of lives.
    bool is_observing = true;
  };

  using Publish = std::function<void(act::PublishEvent)>;

  ObjectMetrics(runtime::Metrics& metrics, Options options, Publish publish);

  void on_event(const k8s::ObjectEvent& event, k8s::TimeNs now, base::Instant instant);

 private:
  void on_changed(const k8s::Object* before, const k8s::Object& after);
  void on_gone(const k8s::Object& last, k8s::TimeNs now, base::Instant instant);
  void count_claim(const k8s::NodeClaim* before, const k8s::NodeClaim& after);
  void count_claim_end(const k8s::NodeClaim& claim, k8s::TimeNs now);
  void count_node_end(const k8s::Node& node, k8s::TimeNs now, base::Instant instant);
  void count_transition(const k8s::Object& object,
                        const k8s::Condition* before,
                        const k8s::Condition& after);
  void tell_finalized(const k8s::Object& object, std::string_view finalizer);

  runtime::Metrics& metrics_;
  Options options_;
  Publish publish_;
  std::map<k8s::Kind, std::shared_ptr<const ObjectFacts>> facts_;
  std::map<std::pair<k8s::Kind, std::string>, k8s::ObjectPtr> last_;  // By kind and uid.
};

}  // namespace ops
