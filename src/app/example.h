// The manifests of examples/field-report, built in: what `karpenter demo` plays without -f.
#pragma once

#include <string_view>

namespace app {

// YAML documents.
std::string_view example_manifests();

}  // namespace app
