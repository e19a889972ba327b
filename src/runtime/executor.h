// The port to running code: one loop that owns all mutable state, one planner thread for heavy pure
// work, a few threads for small blocking I/O. Implementations: RealExecutor (real or accelerated
// time) and VirtualExecutor (one thread, seeded, virtual time). Product code cannot tell them
// apart.
//
//   executor.after(10s, [this] { retry(); });
//   run_compute<Plan>(executor, [problem] { return solve(problem); },
//                     [this](Plan plan) { apply(std::move(plan)); });
//
// Order: tasks posted by post() run in the order of posting. Nothing else is ordered: not posts
// against timers, not timers with equal deadlines, not completions of jobs.
// Thread rule: every method may be called from any thread; tasks and `then` run on the loop, never
// inside the call. Cancelling from the loop is final: the task does not run afterwards.
// Ownership: pending tasks are destroyed, not run, when the executor stops.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/clock.h"

namespace runtime {

using Task = std::move_only_function<void()>;

// 0 is never handed out.
enum class TimerId : std::uint64_t { kNone = 0 };

class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  virtual const Clock& clock() const = 0;
  virtual void post(Task task) = 0;
  // A delay of zero or less is due at once.
  virtual TimerId after(Duration delay, Task task) = 0;
  // False when there is no such timer: it ran, was cancelled, or is TimerId::kNone.
  virtual bool cancel(TimerId timer) = 0;
  // One job at a time, in order of submission, on the planner thread. The job must be pure: it
  // touches nothing but what it captured.
  virtual void compute(Task job, Task then) = 0;
  // For small file and name-service work. Jobs run concurrently.
  virtual void blocking(Task job, Task then) = 0;
  // Ends run(). The tasks that are still queued do not run.
  virtual void stop() = 0;
};

namespace detail {

// The value is written by the job and read by `then`; the executor orders the two.
template <typename T, typename Job, typename Then>
std::pair<Task, Task> split_job(Job job, Then then) {
  auto value = std::make_shared<std::optional<T>>();
  return {[value, job = std::move(job)]() mutable { value->emplace(job()); },
          [value, then = std::move(then)]() mutable { then(std::move(**value)); }};
}

}  // namespace detail

// compute() for a job that returns a T, which `then` receives.
template <typename T, typename Job, typename Then>
void run_compute(Executor& executor, Job job, Then then) {
  auto [first, second] = detail::split_job<T>(std::move(job), std::move(then));
  executor.compute(std::move(first), std::move(second));
}

// blocking() for a job that returns a T, which `then` receives.
template <typename T, typename Job, typename Then>
void run_blocking(Executor& executor, Job job, Then then) {
  auto [first, second] = detail::split_job<T>(std::move(job), std::move(then));
  executor.blocking(std::move(first), std::move(second));
}

}  // namespace runtime
