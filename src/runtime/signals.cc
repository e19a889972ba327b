#include "runtime/signals.h"

#include <csignal>
#include <cstdint>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/assert.h"
#include "runtime/threads.h"

namespace runtime {

namespace {

sigset_t termination_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

struct TerminationSignals::State {
  Executor& executor;
  // Shared with posted tasks, which may run after the signals are gone.
  std::shared_ptr<Callback> callback;
  sigset_t previous{};
  int signal_fd = -1;
  int stop_fd = -1;
  std::thread thread;

  void watch() {
    for (;;) {
      pollfd fds[2] = {{signal_fd, POLLIN, 0}, {stop_fd, POLLIN, 0}};
      if (poll(fds, 2, -1) < 0) {
        continue;
      }
      if (fds[1].revents != 0) {
        return;
      }
      signalfd_siginfo info{};
      if (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
        executor.post(
            [shared = callback, signal = static_cast<int>(info.ssi_signo)] { (*shared)(signal); });
      }
    }
  }
};

TerminationSignals::TerminationSignals(Executor& executor, Callback callback)
    : state_(std::make_unique<State>(
          State{executor, std::make_shared<Callback>(std::move(callback)), {}, -1, -1, {}})) {
  const sigset_t set = termination_set();
  ASSERT(pthread_sigmask(SIG_BLOCK, &set, &state_->previous) == 0);
  state_->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
  state_->stop_fd = eventfd(0, EFD_CLOEXEC);
  ASSERT(state_->signal_fd >= 0 && state_->stop_fd >= 0);
  state_->thread = start_thread([state = state_.get()] { state->watch(); });
}

TerminationSignals::~TerminationSignals() {
  const std::uint64_t one = 1;
  ASSERT(write(state_->stop_fd, &one, sizeof(one)) == sizeof(one));
  state_->thread.join();
  close(state_->signal_fd);
  close(state_->stop_fd);
  pthread_sigmask(SIG_SETMASK, &state_->previous, nullptr);
}

}  // namespace runtime
