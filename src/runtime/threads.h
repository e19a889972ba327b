// How runtime/ starts its threads: with signals blocked from their first instruction. Signals
// belong to the main thread (runtime/signals.h); and a write to a closed socket is an error then,
// not SIGPIPE. Internal.
#pragma once

#include <functional>
#include <thread>

namespace runtime {

// Faults of the thread's own (SIGSEGV and the like) are not blocked.
std::thread start_thread(std::move_only_function<void()> body);

}  // namespace runtime
