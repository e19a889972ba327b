// Requests to the API server as client-go counts them (OPR-74).
//
//   count_request(metrics, {.method = "GET", .target = "/api/v1/pods?limit=5", .code = 200, ...});
//
// Thread rule: the registry's thread.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "runtime/metrics.h"

namespace ops {

struct ApiRequest {
  std::string_view method;
  std::string_view target;  // Path and query.
  int code = 0;             // 0: there was no answer.
  base::Duration took = {};
};

void count_request(runtime::Metrics& metrics, const ApiRequest& request);

// What a target is about; an empty kind for what is no resource.
struct ApiTarget {
  std::string group;
  std::string version;
  std::string kind;  // "pods"
  std::string name;
  std::string subresource;
};

ApiTarget parse_target(std::string_view target);

}  // namespace ops
