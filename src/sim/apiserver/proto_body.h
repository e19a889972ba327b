// Request bodies in Kubernetes' protobuf envelope, turned into the JSON that they stand for.
// kubectl's typed clients (create, drain, auth) send nothing else for built-in kinds; answers may
// be JSON.
//
// Thread rule: free functions on values. Input is untrusted: anything malformed is refused, nesting
// is bounded.
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

#include "sim/apiserver/status.h"

namespace sim::api {

bool is_protobuf(std::string_view content_type);

// Errors: 400 (malformed), 415 (a kind that is not known in this form).
Answer<boost::json::object> decode_protobuf(std::string_view body);

}  // namespace sim::api
