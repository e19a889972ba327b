// A few threads that run jobs from one queue in order of submission. The parts of RealExecutor; not
// for use elsewhere.
//
// Thread rule: submit and shut_down from any thread; shut_down waits for the running jobs and drops
// the queued ones.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/executor.h"

namespace runtime {

class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads);

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  void submit(Task job);
  // May be called more than once. REQUIRES: not from a job.
  void shut_down();

 private:
  void work();

  std::mutex mutex_;  // Guards jobs_ and stopped_. Leaf.
  std::condition_variable wake_;
  std::deque<Task> jobs_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace runtime
