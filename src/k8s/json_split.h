// JSON files: one or more documents after each other. Internal to the manifest reader.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "k8s/yaml_document.h"

namespace k8s {

// nullopt when the text is not JSON from end to end.
std::optional<std::vector<JsonDocument>> split_json(std::string_view text);

}  // namespace k8s
