#include "kube/folder_testing.h"

#include <filesystem>
#include <system_error>

#include "base/assert.h"
#include "base/text.h"
#include "runtime/files.h"

namespace kube {

TestFolder::TestFolder() : path_(runtime::make_temporary_directory().value()) {}

TestFolder::~TestFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string TestFolder::write(std::string_view name, std::string_view text) const {
  std::string path = base::concat(path_, "/", name);
  ASSERT(runtime::write_file(path, text));
  return path;
}

}  // namespace kube
