#include "app/manifest_files.h"

#include <string_view>
#include <utility>

#include "base/text.h"
#include "k8s/manifest.h"
#include "runtime/files.h"

namespace app {
namespace {

using base::Result;

bool is_manifest_name(std::string_view name) {
  if (name.ends_with(".gz")) {
    name.remove_suffix(3);
  }
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

Result<void> append_files(const std::string& path, std::vector<std::string>& files) {
  if (path == "-" || !runtime::is_directory(path)) {
    files.push_back(path);
    return {};
  }
  for (const runtime::DirectoryEntry& entry : TRY(runtime::list_directory(path))) {
    if (entry.is_directory) {
      TRY_VOID(append_files(entry.path, files));
    } else if (is_manifest_name(entry.name)) {
      files.push_back(entry.path);
    }
  }
  return {};
}

Result<ManifestFile> read_one(const std::string& path) {
  const bool is_stdin = path == "-";
  const std::string name = is_stdin ? "<stdin>" : path;
  Result<std::string> unpacked =
      k8s::unpack(TRY(is_stdin ? runtime::read_stdin() : runtime::read_file(path)));
  if (!unpacked) {
    return base::fail(base::with_context(std::move(unpacked).error(), name));
  }
  return ManifestFile{name, std::move(*unpacked)};
}

}  // namespace

Result<std::vector<ManifestFile>> read_manifest_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    TRY_VOID(append_files(path, files));
  }
  if (files.empty()) {
    return base::fail(
        base::ErrorCode::kNotFound,
        "no manifest (*.yaml, *.yml, *.json, also .gz) in " + base::join(paths, ", "));
  }
  std::vector<ManifestFile> out;
  for (const std::string& file : files) {
    out.push_back(TRY(read_one(file)));
  }
  return out;
}

}  // namespace app
