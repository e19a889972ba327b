#include "runtime/files.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace runtime {

namespace {

namespace fs = std::filesystem;

base::Error system_error(int number, std::string_view what, std::string_view path) {
  base::ErrorCode code = base::ErrorCode::kInternal;
  if (number == ENOENT || number == ENOTDIR) {
    code = base::ErrorCode::kNotFound;
  } else if (number == EACCES || number == EPERM || number == EROFS) {
    code = base::ErrorCode::kDenied;
  } else if (number == EISDIR) {
    code = base::ErrorCode::kInvalid;
  }
  const std::string reason = std::error_code(number, std::generic_category()).message();
  return {code, base::concat(what, " ", path, ": ", reason)};
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}

  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  ~FileDescriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  int get() const { return fd_; }

  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

base::Result<std::string> read_all(int fd, std::string_view path, std::size_t limit) {
  std::string text;
  struct stat facts{};
  // One more than the size, so that the end is seen without growing once more.
  if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
    text.resize(std::min(limit, static_cast<std::size_t>(facts.st_size)) + 1);
  }
  std::size_t used = 0;
  for (;;) {
    if (used == text.size()) {
      text.resize(std::max<std::size_t>(64 * 1024, text.size() * 2));
    }
    const ssize_t got = ::read(fd, text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::fail(system_error(errno, "read", path));
    }
    used += static_cast<std::size_t>(got);
    if (used > limit) {
      return base::fail(base::ErrorCode::kLimit,
                        base::concat("read ", path, ": larger than ", limit, " bytes"));
    }
    if (got == 0) {
      text.resize(used);
      return text;
    }
  }
}

base::Result<void> write_all(int fd, std::string_view path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return base::fail(system_error(errno, "write", path));
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  if (::fsync(fd) != 0 && errno != EINVAL) {
    return base::fail(system_error(errno, "write", path));
  }
  return {};
}

}  // namespace

base::Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return base::fail(system_error(errno, "read", path));
  }
  return read_all(file.get(), path, limit);
}

base::Result<std::string> read_stdin(std::size_t limit) {
  return read_all(STDIN_FILENO, "standard input", limit);
}

base::Result<void> write_file(const std::string& path, std::string_view text, std::uint32_t mode) {
  // Beside the target, because a rename does not cross file systems.
  std::string temporary = path + ".XXXXXX";
  const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) {
    return base::fail(system_error(errno, "write", path));
  }
  auto outcome = write_all(file.get(), path, text);
  if (outcome &&
      (::fchmod(file.get(), mode) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0)) {
    outcome = base::fail(system_error(errno, "write", path));
  }
  if (!outcome) {
    ::unlink(temporary.c_str());
  }
  return outcome;
}

base::Result<std::vector<DirectoryEntry>> list_directory(const std::string& path) {
  std::error_code error;
  std::vector<DirectoryEntry> entries;
  fs::directory_iterator it(path, error);
  while (!error && it != fs::directory_iterator()) {
    std::error_code ignored;  // An entry that vanishes is listed as a file.
    entries.push_back(
        {it->path().filename().string(), it->path().string(), it->is_directory(ignored)});
    it.increment(error);
  }
  if (error) {
    return base::fail(system_error(error.value(), "list", path));
  }
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  return entries;
}

bool is_directory(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool file_exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::string current_directory() {
  std::error_code error;
  const fs::path path = fs::current_path(error);
  return error ? "." : path.string();
}

base::Result<void> make_directory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return base::fail(system_error(error.value(), "create", path));
  }
  return {};
}

base::Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    return base::fail(system_error(errno, "remove", path));
  }
  return {};
}

base::Result<std::string> make_temporary_directory(const std::string& parent) {
  std::string path = parent + "/karpenter-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return base::fail(system_error(errno, "create", path));
  }
  return path;
}

}  // namespace runtime
