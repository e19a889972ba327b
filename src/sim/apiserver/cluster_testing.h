// A Registry on virtual time for tests: documents in and out as JSON text.
#pragma once

#include <string>
#include <string_view>

#include "runtime/virtual_executor.h"
#include "sim/apiserver/registry.h"
#include "sim/apiserver/rest.h"

namespace sim::api {

struct TestCluster {
  runtime::VirtualExecutor executor{
      {.seed = 1, .order = runtime::VirtualExecutorOptions::Order::kFifo}};
  Store store{64};
  Registry registry{store, executor.clock(), runtime::Rng(7)};
  RestServer rest{registry, executor};

  TestCluster();

  // One request through the REST layer. `target` may carry a query.
  runtime::HttpResponse call(std::string_view method,
                             std::string_view target,
                             std::string_view body = "",
                             runtime::HttpHeaders headers = {});
  // The same, for the status alone.
  int status_of(std::string_view method, std::string_view target, std::string_view body = "");
  // The text at a dotted path of a stored object ("" when absent), for assertions.
  std::string field(k8s::Kind kind,
                    std::string_view ns,
                    std::string_view name,
                    std::string_view path) const;
};

// A pod of one small container, in "default".
std::string pod_json(std::string_view name, std::string_view extra_spec = "");

}  // namespace sim::api
