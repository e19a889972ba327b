// Signals belong to the main thread (runtime/signals.h): every thread of ours starts by blocking
// them. This also turns a write to a closed socket into an error instead of SIGPIPE. Internal.
#pragma once

namespace runtime {

// For the calling thread; faults of its own (SIGSEGV and the like) excepted.
void block_signals();

}  // namespace runtime
