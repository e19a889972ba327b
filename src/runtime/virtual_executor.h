// The executor of simulations and tests: one thread, virtual time, everything decided by a seed.
// While something is ready, time stands still; when nothing is, the clock jumps to the next timer.
// Equal seeds and equal tasks give equal runs.
//
// With Order::kShuffled each step picks, by chance, among what a real executor could run next: the
// oldest post, any due timer, any finished job. Order::kFifo takes the oldest. Jobs (compute,
// blocking) run inside a step of their own, so other tasks may come between a job and its `then`.
//
//   VirtualExecutor executor({.seed = 42});
//   executor.post([&] { controller.start(); });
//   executor.run_for(1h);
//
// Thread rule: one thread for everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/executor.h"
#include "runtime/rng.h"

namespace runtime {

struct VirtualExecutorOptions {
  enum class Order : std::uint8_t { kShuffled, kFifo };

  std::uint64_t seed = 1;
  Order order = Order::kShuffled;
  // 2026-01-01T00:00:00Z; a constant, so that timestamps in logs are equal between runs.
  WallTime start = base::from_unix_ns(1'767'225'600'000'000'000);
};

class VirtualExecutor final : public Executor {
 public:
  using Order = VirtualExecutorOptions::Order;

  explicit VirtualExecutor(VirtualExecutorOptions options = {});

  // Runs one ready task, moving the clock to the next timer first if need be. False when there is
  // nothing left to run, or nothing due by `limit`: then the clock stands at most at `limit`.
  bool step(Instant limit = Instant::max());
  // Everything due up to and including `end`; leaves the clock at `end` unless stopped.
  void run_until(Instant end);

  void run_for(Duration duration) { run_until(now() + duration); }

  // Until nothing is left, at most max_steps. True when idle. Never idle with periodic timers:
  // use run_ready() or run_for() then.
  bool run_until_idle(std::size_t max_steps = 1'000'000);
  // Only what is ready now; the clock does not move.
  std::size_t run_ready(std::size_t max_steps = 1'000'000);

  Instant now() const { return clock_.now(); }

  // Time of the next timer; Instant::max() when there is none.
  Instant next_timer() const;

  std::uint64_t steps() const { return steps_; }

  bool is_stopped() const { return stopped_; }

  // Lets step() run again after stop().
  void resume() { stopped_ = false; }

  const Clock& clock() const override { return clock_; }

  void post(Task task) override;
  TimerId after(Duration delay, Task task) override;
  bool cancel(TimerId timer) override;
  void compute(Task job, Task then) override;
  void blocking(Task job, Task then) override;

  void stop() override { stopped_ = true; }

 private:
  class VirtualClock final : public Clock {
   public:
    explicit VirtualClock(WallTime start) : start_(start) {}

    Instant now() const override { return now_; }

    WallTime wall() const override { return start_ + now_.time_since_epoch(); }

    void advance_to(Instant instant) { now_ = instant; }

   private:
    WallTime start_;
    Instant now_{Duration(0)};
  };

  // Due order: by deadline, then by age.
  using TimerKey = std::pair<Instant, std::uint64_t>;

  struct Job {
    Task job;
    Task then;
  };

  std::size_t due_timers() const;
  bool run_one_ready();
  void run_timer(std::size_t position);
  void run_io(std::size_t position);
  void run_planner();

  Order order_;
  Rng rng_;
  VirtualClock clock_;
  std::deque<Task> posts_;
  std::map<TimerKey, Task> timers_;
  std::unordered_map<std::uint64_t, Instant> deadlines_;
  std::deque<Job> planner_jobs_;
  std::vector<Job> io_jobs_;
  std::vector<Task> completions_;
  std::uint64_t next_timer_ = 1;
  std::uint64_t steps_ = 0;
  bool stopped_ = false;
};

}  // namespace runtime
