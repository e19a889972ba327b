// Whole files in and out. Errors name the path and the system's reason. All of these block: on the
// loop use them at start-up only, else through Executor::blocking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace runtime {

// 4 GiB: above that a file is a mistake.
inline constexpr std::size_t kMaxFileBytes = std::size_t{4} << 30;

// Errors: kNotFound, kDenied, kLimit, kInvalid (a directory), kInternal.
base::Result<std::string> read_file(const std::string& path, std::size_t limit = kMaxFileBytes);
base::Result<std::string> read_stdin(std::size_t limit = kMaxFileBytes);

// Replaces the file in one step: readers see the old or the new text, never a part. `mode` are the
// permission bits of the new file, 0600 for secrets.
base::Result<void> write_file(const std::string& path,
                              std::string_view text,
                              std::uint32_t mode = 0644);

struct DirectoryEntry {
  std::string name;
  std::string path;
  bool is_directory = false;
};

// Sorted by name; without "." and "..".
base::Result<std::vector<DirectoryEntry>> list_directory(const std::string& path);

bool is_directory(const std::string& path);
bool file_exists(const std::string& path);
// Absolute; "." when the system does not tell.
std::string current_directory();
// With all parents; an existing one is fine.
base::Result<void> make_directory(const std::string& path);
base::Result<void> remove_file(const std::string& path);
// A new, empty directory below parent. The caller removes it.
base::Result<std::string> make_temporary_directory(const std::string& parent = "/tmp");

}  // namespace runtime
