#include "runtime/subprocess.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

namespace runtime {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using Steady = std::chrono::steady_clock;

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() { reset(); }

  void reset(int fd = -1) {
    if (fd_ >= 0) {
      close(fd_);
    }
    fd_ = fd;
  }

  int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;

  bool open() {
    std::array<int, 2> fds{};
    if (pipe2(fds.data(), O_CLOEXEC) != 0) {
      return false;
    }
    read.reset(fds[0]);
    write.reset(fds[1]);
    return true;
  }
};

std::string find_program(const ProgramCall& call) {
  if (call.program.find('/') != std::string::npos) {
    return call.program;
  }
  constexpr std::string_view kPath = "PATH=";
  for (const std::string& entry : call.environment) {
    if (!entry.starts_with(kPath)) {
      continue;
    }
    const std::string_view folders = std::string_view(entry).substr(kPath.size());
    for (const std::string_view folder : base::split(folders, ':')) {
      std::string path = base::concat(folder.empty() ? "." : folder, "/", call.program);
      if (access(path.c_str(), X_OK) == 0) {
        return path;
      }
    }
  }
  return {};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

// In a process group of its own, with the signals as they are by default.
int spawn(const ProgramCall& call, const std::string& path, Pipe& out, Pipe& err, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out.write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err.write.get(), STDERR_FILENO);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> arguments{call.program};
  for (const std::string& argument : call.arguments) {
    arguments.push_back(argument);
  }
  std::vector<std::string> environment = call.environment;
  const int error = posix_spawn(&pid,
                                path.c_str(),
                                &files,
                                &attributes,
                                pointers(arguments).data(),
                                pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

// False at the end of the stream.
bool drain(Descriptor& from, std::string& into) {
  std::array<char, 16384> buffer{};
  const ssize_t count = read(from.get(), buffer.data(), buffer.size());
  if (count <= 0) {
    if (count < 0 && errno == EINTR) {
      return true;
    }
    from.reset();
    return false;
  }
  into.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

// Until both streams have ended.
Result<void> collect(const ProgramCall& call, Pipe& out, Pipe& err, ProgramEnd& end) {
  const Steady::time_point deadline =
      Steady::now() + std::chrono::duration_cast<Steady::duration>(call.timeout);
  while (out.read.get() >= 0 || err.read.get() >= 0) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
    if (left <= 0) {
      return fail(ErrorCode::kTimeout,
                  base::concat(call.program,
                               " did not end within ",
                               base::to_fixed(base::to_seconds(call.timeout), 0),
                               " s"));
    }
    // poll() passes over negative descriptors.
    std::array<pollfd, 2> polled{{{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
    if (poll(polled.data(), polled.size(), static_cast<int>(std::min<std::int64_t>(left, 60'000))) <
        0) {
      continue;
    }
    if (polled[0].revents != 0) {
      drain(out.read, end.out);
    }
    if (polled[1].revents != 0) {
      drain(err.read, end.err);
    }
    if (std::max(end.out.size(), end.err.size()) > call.max_output_bytes) {
      return fail(
          ErrorCode::kLimit,
          base::concat(call.program, " writes more than ", call.max_output_bytes, " bytes"));
    }
  }
  return {};
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<ProgramEnd> run_program(const ProgramCall& call) {
  const std::string path = find_program(call);
  if (path.empty()) {
    return fail(ErrorCode::kNotFound, call.program + ": not found in PATH");
  }
  Pipe out;
  Pipe err;
  if (!out.open() || !err.open()) {
    return fail(ErrorCode::kInternal, base::concat(call.program, ": ", std::strerror(errno)));
  }
  pid_t pid = 0;
  if (const int error = spawn(call, path, out, err, pid); error != 0) {
    const ErrorCode code = error == ENOENT   ? ErrorCode::kNotFound
                           : error == EACCES ? ErrorCode::kDenied
                                             : ErrorCode::kInternal;
    return fail(code, base::concat(path, ": ", std::strerror(error)));
  }
  out.write.reset();
  err.write.reset();
  ProgramEnd end;
  const Result<void> collected = collect(call, out, err, end);
  if (!collected) {
    kill(-pid, SIGKILL);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!collected) {
    return fail(collected.error());
  }
  end.exit_code = exit_code_of(status);
  return end;
}

}  // namespace runtime
