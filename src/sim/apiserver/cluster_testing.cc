#include "sim/apiserver/cluster_testing.h"

#include <boost/json.hpp>

#include "sim/apiserver/json.h"

namespace sim::api {

TestCluster::TestCluster() {
  registry.bootstrap();
}

runtime::HttpResponse TestCluster::call(std::string_view method,
                                        std::string_view target,
                                        std::string_view body,
                                        runtime::HttpHeaders headers) {
  runtime::HttpServerRequest request;
  request.method = method;
  request.target = target;
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) {
    request.raw_query = target.substr(mark + 1);
    request.query = runtime::parse_query(request.raw_query);
  }
  request.headers = std::move(headers);
  request.body = body;
  return rest.answer(request);
}

int TestCluster::status_of(std::string_view method,
                           std::string_view target,
                           std::string_view body) {
  return call(method, target, body).status;
}

std::string TestCluster::field(k8s::Kind kind,
                               std::string_view ns,
                               std::string_view name,
                               std::string_view path) const {
  const DocumentPtr found = store.find(type_of(kind), ns, name);
  const json::value* value = found == nullptr ? nullptr : find_path(found->body(), path);
  if (value == nullptr) {
    return "";
  }
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

std::string pod_json(std::string_view name, std::string_view extra_spec) {
  std::string out = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")";
  out.append(name).append(R"(","namespace":"default","labels":{"app":"web"}},"spec":{)");
  out.append(extra_spec).append(extra_spec.empty() ? "" : ",");
  out.append(R"("containers":[{"name":"main","image":"pause",)");
  out.append(R"("resources":{"requests":{"cpu":"1"}}}]}})");
  return out;
}

}  // namespace sim::api
