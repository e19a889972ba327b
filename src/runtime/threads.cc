#include "runtime/threads.h"

#include <csignal>
#include <initializer_list>
#include <utility>

namespace runtime {

std::thread start_thread(std::move_only_function<void()> body) {
  sigset_t set;
  sigfillset(&set);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
    sigdelset(&set, fault);
  }
  // A thread inherits its creator's mask. Blocking inside the new thread would leave a gap in which
  // it could take a signal and end the process.
  sigset_t previous;
  pthread_sigmask(SIG_BLOCK, &set, &previous);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  return thread;
}

}  // namespace runtime
