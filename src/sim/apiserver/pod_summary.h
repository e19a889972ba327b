// What kubectl shows of a pod in one line. Thread rule: a free function on values.
#pragma once

#include <cstdint>
#include <string>

#include <boost/json/fwd.hpp>

namespace sim::api {

struct PodSummary {
  std::int64_t ready = 0;
  std::int64_t containers = 0;
  std::int64_t restarts = 0;
  std::string status;  // "Running", "ContainerCreating", "Terminating", ...
};

PodSummary summarize_pod(const boost::json::object& pod);

}  // namespace sim::api
