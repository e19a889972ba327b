// What a YAML scalar is in JSON: the implicit types of YAML 1.1 as kubectl resolves them. Internal
// to the manifest readers.
#pragma once

#include <string>
#include <string_view>

namespace k8s {

// Appends the JSON of a plain (unquoted) scalar: null, true, 42, 1.5 or a quoted string. False for
// what JSON cannot hold (infinities, not-a-number).
bool append_plain_scalar(std::string& out, std::string_view text);

// The text of a plain scalar used as a key: booleans and integers in canonical form.
std::string plain_key(std::string_view text);

}  // namespace k8s
