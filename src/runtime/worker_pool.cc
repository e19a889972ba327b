#include "runtime/worker_pool.h"

#include <utility>

#include "runtime/threads.h"

namespace runtime {

WorkerPool::WorkerPool(std::size_t threads) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.push_back(start_thread([this] { work(); }));
  }
}

WorkerPool::~WorkerPool() {
  shut_down();
}

void WorkerPool::submit(Task job) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) {
      return;
    }
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void WorkerPool::shut_down() {
  std::deque<Task> dropped;  // Destroyed without the lock.
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    dropped.swap(jobs_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

void WorkerPool::work() {
  for (;;) {
    Task job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopped_ || !jobs_.empty(); });
      if (stopped_) {
        return;
      }
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace runtime
