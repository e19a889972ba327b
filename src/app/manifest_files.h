// The files behind the paths that users give: what `-f` means to every command.
// Thread rule: free functions; reads files and standard input through runtime/.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace app {

struct ManifestFile {
  std::string name;  // "<stdin>" for "-".
  std::string text;  // Unpacked when it was gzipped.
};

// Paths are files, folders (their *.yaml, *.yml, *.json, also gzipped, by name) or "-" for stdin.
// Errors: kNotFound and others of runtime/files.h for a path; kInvalid for broken gzip.
base::Result<std::vector<ManifestFile>> read_manifest_files(const std::vector<std::string>& paths);

}  // namespace app
