// The parts of the REST API that are not plain objects: scale, eviction, binding, logs, and the
// access reviews, which allow everything. Thread rule: free functions, loop thread only.
#pragma once

#include <string_view>

#include "runtime/http_server.h"
#include "sim/apiserver/registry.h"
#include "sim/apiserver/rest_path.h"

namespace sim::api {

runtime::HttpResponse answer_subresource(Registry& registry,
                                         const runtime::HttpServerRequest& request,
                                         const RestPath& path);
// SelfSubjectAccessReview and its kin.
runtime::HttpResponse answer_review(const ResourceType& type, std::string_view body);

}  // namespace sim::api
