// What a request must satisfy before it is carried out: query parameters that can be read, and a
// body in a form that is served (JSON, YAML, Kubernetes' protobuf), which leaves here as JSON.
//
// Thread rule: free functions on values. Input is untrusted.
#pragma once

#include "runtime/http_server.h"
#include "sim/apiserver/status.h"

namespace sim::api {

// Errors: 400 naming the parameter, what it is, and what it may be.
Answer<void> check_parameters(const runtime::HttpServerRequest& request);

// Errors: 400 (a body that is not what its type says), 415 (a type that is not served). Patches
// keep their type, by which they are told apart.
Answer<runtime::HttpServerRequest> with_json_body(const runtime::HttpServerRequest& request);

}  // namespace sim::api
