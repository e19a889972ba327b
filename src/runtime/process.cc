#include "runtime/process.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/text.h"
#include "runtime/files.h"

namespace runtime {

namespace {

int descriptor(Stream stream) {
  switch (stream) {
    case Stream::kIn:
      return STDIN_FILENO;
    case Stream::kOut:
      return STDOUT_FILENO;
    case Stream::kErr:
      return STDERR_FILENO;
  }
  return STDERR_FILENO;
}

base::Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// "VmRSS:     1234 kB" in /proc/self/status; 0 when there is no such line.
std::uint64_t status_number(std::string_view status, std::string_view key) {
  for (const std::string_view line : base::split(status, '\n')) {
    if (line.starts_with(key)) {
      const std::string_view rest = base::trim(line.substr(key.size()));
      return static_cast<std::uint64_t>(
          base::parse_int(base::split_once(rest, ' ').before).value_or(0));
    }
  }
  return 0;
}

}  // namespace

bool is_terminal(Stream stream) {
  return isatty(descriptor(stream)) == 1;
}

TerminalSize terminal_size(Stream stream) {
  winsize size{};
  if (ioctl(descriptor(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {size.ws_col, size.ws_row};
}

bool write_text(Stream stream, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor(stream), text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return true;
}

void complain(std::string_view text) {
  write_text(Stream::kErr, base::concat(text, "\n"));
}

ProcessUsage process_usage() {
  ProcessUsage usage;
  const std::string status = read_file("/proc/self/status").value_or("");
  usage.resident_bytes = status_number(status, "VmRSS:") * 1024;
  usage.peak_resident_bytes = status_number(status, "VmHWM:") * 1024;
  usage.virtual_bytes = status_number(status, "VmSize:") * 1024;
  usage.threads = status_number(status, "Threads:");
  rusage times{};
  if (getrusage(RUSAGE_SELF, &times) == 0) {
    usage.cpu_time = duration_of(times.ru_utime) + duration_of(times.ru_stime);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    usage.max_open_files = limit.rlim_cur;
  }
  if (const auto files = list_directory("/proc/self/fd")) {
    // One of them is the listing itself.
    usage.open_files = files->empty() ? 0 : files->size() - 1;
  }
  return usage;
}

int process_id() {
  return getpid();
}

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? std::string(name) : std::string();
}

std::string executable_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

}  // namespace runtime
