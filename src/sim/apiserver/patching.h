// Patches of stored documents: JSON patch, merge patch and strategic merge patch, with the server's
// refusals. Thread rule: free functions on values.
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

#include "sim/apiserver/registry.h"

namespace sim::api {

// REQUIRES: patch_type is not kApply. Errors: 400, 415 (strategic merge of a custom resource), 422
// (a JSON patch that does not fit).
Answer<boost::json::object> patched(const ResourceType& type,
                                    PatchType patch_type,
                                    boost::json::object document,
                                    std::string_view patch);

// A JSON object from a request's body. Errors: 400.
Answer<boost::json::object> parse_object(std::string_view text);

}  // namespace sim::api
