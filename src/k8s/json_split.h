// JSON files: one or more documents after each other. Internal to the manifest reader.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "k8s/yaml_document.h"

namespace k8s {

// Errors: kUnsupported when the text is not JSON from end to end; kInvalid ("LINE: ...") for a key
// that an object has twice.
base::Result<std::vector<JsonDocument>> split_json(std::string_view text);

}  // namespace k8s
