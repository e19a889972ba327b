// Tells the story of a cluster from its watch events: claims, nodes and pods as they change, one
// line each, and a summary at the end. It only listens; the demo and the simulation print what it
// says.
//
// Thread rule: loop thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cloud/catalogue.h"
#include "k8s/kube_api.h"
#include "k8s/node.h"
#include "k8s/pod.h"

namespace app {

class Narrator {
 public:
  using Say = std::function<void(const std::string& line)>;

  // `start` is wall time; lines begin with the time since then.
  Narrator(k8s::TimeNs start, Say say) : start_(start), say_(std::move(say)) {}

  // Prices of the claims' offerings; may be set again when they change.
  void set_catalogue(cloud::CataloguePtr catalogue) { catalogue_ = std::move(catalogue); }

  void on_event(const k8s::ObjectEvent& event, k8s::TimeNs now);
  // Says what has gathered (pods that were bound together make one line).
  void flush(k8s::TimeNs now);

  void note(const std::string& text, k8s::TimeNs now) { line(now, text); }

  // Pods that wait for a node now, and nodes that exist now.
  std::size_t waiting_pods() const { return waiting_.size(); }

  std::size_t claims() const { return claims_.size(); }

  std::size_t nodes() const { return nodes_.size(); }

  std::size_t running_pods() const { return running_.size(); }

  // The fleet as it was when the most nodes stood, what it costs, and how long pods waited.
  std::string summary() const;

 private:
  struct ClaimState {
    std::string pool;
    std::string instance_type;
    std::string zone;
    std::string capacity_type;
    double price = 0;
    std::set<std::string> told;  // Condition types that were announced.
    bool is_leaving = false;
  };

  struct PodState {
    k8s::TimeNs created = 0;
  };

  void on_claim(const k8s::NodeClaim& claim, bool is_gone, k8s::TimeNs now);
  void on_node(const k8s::Node& node, bool is_gone, k8s::TimeNs now);
  void on_pod(const k8s::Pod& pod, bool is_gone, k8s::TimeNs now);
  void on_cluster_event(const k8s::Object& object, k8s::TimeNs now);
  void learn_instance(const k8s::NodeClaim& claim, ClaimState& state) const;
  double price_of(const ClaimState& state) const;
  void line(k8s::TimeNs now, const std::string& text);

  k8s::TimeNs start_;
  Say say_;
  cloud::CataloguePtr catalogue_;
  std::map<std::string, ClaimState> claims_;
  std::set<std::string> nodes_;
  std::map<std::string, k8s::TimeNs> waiting_;  // Pod -> created.
  std::set<std::string> running_;
  std::map<std::string, std::vector<std::string>> bound_;  // Node -> pods since the last flush.
  std::vector<k8s::DurationNs> waits_;
  std::map<std::string, ClaimState> peak_;
};

}  // namespace app
