// Paths that are no resources: the index, /version, health, discovery and OpenAPI. Thread rule:
// free function; constant but for the form that the client asks for.
#pragma once

#include <optional>

#include "runtime/http_server.h"

namespace sim::api {

// nullopt: a path of resources, or an unknown one.
std::optional<runtime::HttpResponse> answer_nonresource(const runtime::HttpServerRequest& request);

}  // namespace sim::api
