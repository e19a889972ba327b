// StatefulSets, DaemonSets and Jobs to pods, reduced to what scheduling sees: ordinals one after
// the other, one daemon per node that the daemon may run on, runs until enough have succeeded.
// Level-triggered. Thread rule: loop thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/cluster/bodies.h"
#include "sim/cluster/replicas.h"
#include "sim/cluster/work_queue.h"

namespace sim {

class StatefulSets {
 public:
  StatefulSets(Client& client, RawTemplate raw);

 private:
  void reconcile(const k8s::ObjectKey& key);
  void make_pod(const k8s::Workload& set, std::int64_t ordinal, std::string_view text);
  void make_claims(const k8s::Workload& set, std::int64_t ordinal, k8s::StringMap& claims);

  Client& client_;
  RawTemplate raw_;
  WorkQueue queue_;
  StatusMemory statuses_;
};

class DaemonSets {
 public:
  DaemonSets(Client& client, RawTemplate raw);

 private:
  void reconcile(const k8s::ObjectKey& key);
  void make_pod(const k8s::Workload& set, const std::string& node, std::string_view text);
  void report(const k8s::Workload& set,
              const std::map<std::string, std::vector<PodPtr>>& by_node,
              std::int64_t wanted);

  Client& client_;
  RawTemplate raw_;
  WorkQueue queue_;
  StatusMemory statuses_;
};

class Jobs {
 public:
  Jobs(Client& client, RawTemplate raw);

 private:
  void reconcile(const k8s::ObjectKey& key);
  void start(const k8s::Workload& job, std::int64_t count);

  Client& client_;
  RawTemplate raw_;
  WorkQueue queue_;
  StatusMemory statuses_;
  std::map<std::string, std::vector<k8s::Condition>> conditions_;  // By uid.
  std::map<std::string, k8s::TimeNs> started_;                     // By uid.
};

}  // namespace sim
