// SIGINT and SIGTERM as tasks on the loop. Make one on the main thread: the signals are blocked
// there (the threads of runtime/ never take signals) and read by a thread of its own.
//
//   TerminationSignals signals(executor, [&](int signal) { shut_down(); });
//
// The callback runs once per signal, so a second Ctrl-C can mean "at once". Ownership: destroy it
// before the executor. Thread rule: construct and destroy on one thread.
#pragma once

#include <functional>
#include <memory>

#include "runtime/executor.h"

namespace runtime {

class TerminationSignals {
 public:
  using Callback = std::function<void(int signal)>;

  TerminationSignals(Executor& executor, Callback callback);

  TerminationSignals(const TerminationSignals&) = delete;
  TerminationSignals& operator=(const TerminationSignals&) = delete;
  ~TerminationSignals();

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace runtime
