// `karpenter convert`: manifests of API versions that are gone, rewritten for those that are served
// (spec 01 s19). The mapping itself is k8s/convert. Thread rule: free functions.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace app {

struct ConvertArguments {
  std::vector<std::string> paths;
  std::string output = "yaml";  // "yaml" or "json".
  std::string role;             // For AWSNodeTemplates without instance profile.
};

struct ConvertText {
  std::string text;
  std::vector<std::string> notes;     // With JSON, which has no comments.
  std::vector<std::string> problems;  // Objects that could not be converted, and why.
};

// YAML has a comment on each change above the object; objects that need none stay as they were
// written. Errors: as read_manifest_files and k8s::read_manifests.
base::Result<ConvertText> convert_files(const ConvertArguments& arguments);

// Returns the exit code: kExitFailed when an object could not be converted (the others are
// printed), kExitUsage when the input cannot be read.
int convert_command(const ConvertArguments& arguments);

}  // namespace app
