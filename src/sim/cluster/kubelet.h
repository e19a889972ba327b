// The kubelets of the embedded cluster. NodeAgent makes machines join: after the boot delay it
// registers the Node that the machine's user data describes (labels, taints, among them
// karpenter.sh/unregistered), reports its capacity, and a moment later that it is Ready. PodAgent
// runs the pods that are bound to live nodes, ends those that end, and completes deletions.
//
// No heartbeats: a node that lives writes nothing. Thread rule: loop thread.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cloud/catalogue.h"
#include "sim/cloud/faults.h"
#include "sim/cluster/machines.h"
#include "sim/cluster/replicas.h"
#include "sim/cluster/work_queue.h"

namespace sim {

// Of pods that are not restarted: how long they run, as a Go duration; else KubeletDelays::pod_run.
inline constexpr std::string_view kRunForAnnotation = "simulate/run-for";

struct KubeletDelays {
  k8s::DurationNs boot_least = 18 * kSecond;
  k8s::DurationNs boot_most = 35 * kSecond;
  k8s::DurationNs slow_boot_least = 2 * kMinute;
  k8s::DurationNs slow_boot_most = 10 * kMinute;
  k8s::DurationNs ready = 5 * kSecond;      // From registration to Ready.
  k8s::DurationNs pod_start = 2 * kSecond;  // Upper bound.
  k8s::DurationNs pod_stop = 2 * kSecond;   // Containers heed SIGTERM; the grace period caps it.
  k8s::DurationNs pod_run = 30 * kSecond;   // Of pods that are not restarted, such as a Job's.
};

class NodeAgent {
 public:
  // `faults` is borrowed.
  NodeAgent(Client& client,
            Machines& machines,
            cloud::CataloguePtr catalogue,
            const FaultPlan& faults,
            KubeletDelays delays);

 private:
  // What the machine was started with.
  struct UserData {
    k8s::StringMap labels;
    std::vector<k8s::Taint> taints;
  };

  struct Boot {
    Machine machine;
    std::optional<UserData> user_data;
    bool has_begun = false;
    bool has_booted = false;
    bool has_registered = false;
  };

  void on_machine(const Machine& machine);
  void boot(const std::string& provider_id, k8s::DurationNs delay);
  void read_user_data(Boot& boot);
  void reconcile(const k8s::ObjectKey& key);
  void register_node(const k8s::ObjectKey& key, Boot& boot);
  void report(const k8s::ObjectKey& key, const k8s::Node& node);
  void report_capacity(const k8s::ObjectKey& key, const Boot& boot);
  Boot* find_boot(const k8s::ObjectKey& key);

  Client& client_;
  Machines& machines_;
  cloud::CataloguePtr catalogue_;
  const FaultPlan& faults_;
  KubeletDelays delays_;
  WorkQueue queue_;
  std::map<std::string, Boot> boots_;            // By node name.
  std::map<std::string, k8s::TimeNs> ready_at_;  // By node uid.
  std::set<std::string> reported_;               // Uids of nodes whose capacity was written.
};

class PodAgent {
 public:
  PodAgent(Client& client, const Machines& machines, KubeletDelays delays);

 private:
  void reconcile(const k8s::ObjectKey& key);
  void stop(const k8s::ObjectKey& key, const k8s::Pod& pod);
  void start(const k8s::ObjectKey& key, const k8s::Pod& pod);
  void finish(const k8s::ObjectKey& key, const k8s::Pod& pod);
  k8s::DurationNs run_time(const k8s::Pod& pod) const;
  enum class Step : std::uint8_t { kStart, kStop, kEnd };

  // True when the moment has come; otherwise the key comes back then.
  bool is_due(const k8s::ObjectKey& key, const std::string& uid, Step step, k8s::DurationNs delay);
  std::string new_address();

  Client& client_;
  const Machines& machines_;
  KubeletDelays delays_;
  WorkQueue queue_;
  // By uid and step; 0: not yet set.
  std::unordered_map<std::string, std::array<k8s::TimeNs, 3>> due_;
  std::uint32_t addresses_ = 0;
};

}  // namespace sim
