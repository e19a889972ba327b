// REST calls for what the KubeApi port asks: paths, verbs, bodies with their preconditions.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "kube/transport.h"

#include "base/error.h"
#include "k8s/kube_api.h"

namespace kube {

// "/apis/karpenter.sh/v1/nodeclaims".
std::string collection_path(k8s::Kind kind, std::string_view namespace_ = {});
// "/api/v1/namespaces/default/pods/web-0".
std::string object_path(const k8s::ObjectKey& key, std::string_view subresource = {});

// For messages: "pods default/web-0".
std::string describe(const k8s::ObjectKey& key);
std::string describe(const k8s::WriteRequest& request);

// Errors: kInvalid: the body is not JSON of the form that the verb wants.
base::Result<Call> to_call(const k8s::WriteRequest& request);

}  // namespace kube
