// Objects of API versions that are no longer served (v1alpha5, v1beta1): how to tell and what to
// say. They are never guessed at: the user is pointed to the command that rewrites them (spec 01
// s19). Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace k8s::schema {

// Empty when the version is served or not ours. Else what the object is and what to do, e.g.
// `NodePool "default" is karpenter.sh/v1beta1, which is not served any more (served:
// karpenter.sh/v1); run: karpenter convert -f pool.yaml`. `file` may be empty: "FILE" is put then.
std::string old_version_advice(std::string_view api_version,
                               std::string_view kind,
                               std::string_view name,
                               std::string_view file = {});

}  // namespace k8s::schema
