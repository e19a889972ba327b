#include "kube/folder_testing.h"

#include "base/assert.h"
#include "base/text.h"
#include "runtime/files.h"

namespace kube {

TestFolder::TestFolder() : path_(runtime::make_temporary_directory().value()) {}

TestFolder::~TestFolder() {
  if (const auto entries = runtime::list_directory(path_)) {
    for (const runtime::DirectoryEntry& entry : *entries) {
      ASSERT(runtime::remove_file(entry.path));
    }
  }
  ASSERT(runtime::remove_file(path_));
}

std::string TestFolder::write(std::string_view name, std::string_view text) const {
  std::string path = base::concat(path_, "/", name);
  ASSERT(runtime::write_file(path, text));
  return path;
}

}  // namespace kube
