// How many pods each controller has and how they are, counted as they change: a set of a thousand
// pods is not walked through whenever one of them does.
//
// Thread rule: loop thread.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "k8s/pod.h"
#include "sim/cluster/mirror.h"

namespace sim {

struct PodCounts {
  std::int64_t all = 0;
  std::int64_t active = 0;   // Neither over nor being deleted.
  std::int64_t healthy = 0;  // Of the active ones.
};

class PodCensus {
 public:
  explicit PodCensus(Mirror& mirror);

  // Of the pods that the object of this uid controls.
  PodCounts of(const std::string& uid) const;

 private:
  void count(const k8s::Pod& pod, std::int64_t sign);

  std::unordered_map<std::string, PodCounts> by_controller_;  // By uid.
};

}  // namespace sim
