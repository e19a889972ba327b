// One YAML or JSON document as JSON text, with the places of the items of its "items" list.
// For the manifest reader and for kubeconfigs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace k8s {

struct JsonSpan {
  std::size_t begin = 0;  // In the JSON text.
  std::size_t end = 0;
  int line = 0;  // In the source.
};

struct JsonDocument {
  std::string json;  // "null" for a document without content.
  int line = 0;      // Where its content begins.
  std::vector<JsonSpan> items;
};

inline constexpr int kMaxYamlDepth = 256;

// By libyaml: all of YAML 1.1 that JSON can hold. `first_line` is the number of the text's first
// line. Errors: kInvalid, kLimit: "LINE: ...".
base::Result<JsonDocument> convert_yaml(std::string_view text, int first_line);

}  // namespace k8s
