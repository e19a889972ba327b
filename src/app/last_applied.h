// The annotation by which client-side `kubectl apply` knows what it applied before. The demo's own
// objects carry it, so that applying the same files again says "unchanged", without a warning.
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace app {

// The manifest with the annotation, spelled as kubectl spells it (keys in order, Go's escapes).
// `default_namespace`: what kubectl would add; empty for cluster-scoped kinds.
// REQUIRES: a JSON object.
std::string with_last_applied(std::string_view manifest_json, std::string_view default_namespace);

}  // namespace app
