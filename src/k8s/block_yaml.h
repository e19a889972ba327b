// A quick converter for the YAML that tools write: block mappings and sequences, plain, quoted and
// literal scalars, {} and []. It never reports an error: whatever it does not know for certain, and
// whatever looks wrong, it leaves to libyaml (convert_yaml), of which it is a subset: where it
// answers, both answer the same (a fuzzer compares them). Internal to the manifest reader.
#pragma once

#include <optional>
#include <string_view>

#include "k8s/yaml_document.h"

namespace k8s {

std::optional<JsonDocument> convert_block_yaml(std::string_view text, int first_line);

}  // namespace k8s
