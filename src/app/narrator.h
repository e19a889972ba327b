// Tells the story of a cluster from its watch events: claims, nodes and pods as they change, one
// line each, the fleet as it stands, and a summary at the end. It only listens; the demo prints
// what it says.
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

// The fleet at one moment, as the live view shows it.
struct Fleet {
  struct Node {
    std::string name;  // Of the claim until its node has joined.
    std::string instance_type;
    std::string zone;
    std::string capacity_type;
    double price = 0;
    std::size_t pods = 0;
    k8s::DurationNs age = 0;
    std::string_view state;
  };

  std::vector<Node> nodes;  // By age, oldest first.
  std::size_t waiting_pods = 0;
  std::size_t running_pods = 0;
  double price = 0;
};

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

  std::size_t waiting_pods() const;
  std::size_t running_pods() const;

  std::size_t claims() const { return claims_.size(); }

  std::size_t nodes() const { return nodes_.size(); }

  Fleet fleet(k8s::TimeNs now) const;
  // "01:07" since the start.
  std::string time_text(k8s::TimeNs now) const;

  // The fleet as it was when the most nodes stood, what it costs, and how long pods waited, and
  // which reasons were given.
  std::string summary() const;

 private:
  struct ClaimState {
    std::string pool;
    std::string node;
    k8s::TimeNs created = 0;
    std::string instance_type;
    std::string zone;
    std::string capacity_type;
    double price = 0;
    std::set<std::string, std::less<>> told;  // Condition types that were announced.
    bool is_leaving = false;
  };

  struct PodState {
    k8s::TimeNs created = 0;
    std::string node;  // Empty: waits for one.
    bool is_running = false;
  };

  void on_claim(const k8s::NodeClaim& claim, bool is_gone, k8s::TimeNs now);
  void on_node(const k8s::Node& node, bool is_gone, k8s::TimeNs now);
  void on_pod(const k8s::Pod& pod, bool is_gone, k8s::TimeNs now);
  void on_cluster_event(const k8s::Object& object, k8s::TimeNs now);
  void remember_reason(const std::string& reason);
  static std::string_view state_of(const ClaimState& claim);
  std::map<std::string, std::size_t> pods_by_node() const;
  std::string reasons_text() const;
  void learn_instance(const k8s::NodeClaim& claim, ClaimState& state) const;
  double price_of(const ClaimState& state) const;
  void line(k8s::TimeNs now, const std::string& text);

  k8s::TimeNs start_;
  Say say_;
  cloud::CataloguePtr catalogue_;
  std::map<std::string, ClaimState> claims_;
  std::set<std::string> nodes_;
  std::map<std::string, PodState> pods_;
  std::map<std::string, std::vector<std::string>> bound_;  // Node -> pods since the last flush.
  std::vector<k8s::DurationNs> waits_;
  std::map<std::string, ClaimState> peak_;
  std::vector<std::pair<std::string, int>> reasons_;  // In order of appearance, how often.
};

}  // namespace app
