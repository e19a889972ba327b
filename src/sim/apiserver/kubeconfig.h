// The kubeconfig that points kubectl at an embedded API server. Thread rule: a free function.
#pragma once

#include <string>
#include <string_view>

namespace sim::api {

// YAML text. `url`: "http://127.0.0.1:PORT" (runtime::HttpServer::url()).
std::string make_kubeconfig(std::string_view url, std::string_view context = "karpenter");

}  // namespace sim::api
