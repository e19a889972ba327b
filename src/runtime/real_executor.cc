#include "runtime/real_executor.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "runtime/worker_pool.h"

namespace runtime {

namespace {

using Steady = std::chrono::steady_clock;

// The system's clocks, both stretched by the same factor from the moment of construction.
class ScaledClock final : public Clock {
 public:
  explicit ScaledClock(double speed)
      : speed_(speed), origin_(Steady::now()), wall_origin_(system_wall()) {}

  Instant now() const override { return Instant(elapsed()); }

  WallTime wall() const override {
    // At speed 1 the system's clock is followed, corrections included.
    return speed_ == 1 ? system_wall() : wall_origin_ + elapsed();
  }

  // The system's moment at which now() reaches `instant`.
  Steady::time_point when(Instant instant) const {
    const double ns = static_cast<double>(instant.time_since_epoch().count()) / speed_;
    // A year ahead is as good as never, and far from overflow.
    constexpr double kFar = 365.0 * 24 * 3600 * 1e9;
    return origin_ + std::chrono::duration_cast<Steady::duration>(
                         std::chrono::duration<double, std::nano>(std::min(ns, kFar)));
  }

 private:
  static WallTime system_wall() {
    return WallTime(
        std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()));
  }

  Duration elapsed() const {
    const auto real = std::chrono::duration_cast<Duration>(Steady::now() - origin_);
    return speed_ == 1
               ? real
               : Duration(static_cast<std::int64_t>(static_cast<double>(real.count()) * speed_));
  }

  double speed_;
  Steady::time_point origin_;
  WallTime wall_origin_;
};

}  // namespace

struct RealExecutor::State {
  explicit State(RealExecutorOptions options)
      : clock(options.speed), planner(1), io(options.io_threads) {}

  using TimerKey = std::pair<Instant, std::uint64_t>;

  ScaledClock clock;

  std::mutex mutex;  // Guards all that follows up to the pools. Leaf: nothing is called under it.
  std::condition_variable wake;
  std::deque<Task> posts;
  std::map<TimerKey, Task> timers;  // By deadline, then age.
  std::unordered_map<std::uint64_t, Instant> deadlines;
  std::uint64_t next_timer = 1;
  bool stopped = false;

  // Last, so that they are joined while everything they post to is still alive.
  WorkerPool planner;
  WorkerPool io;

  // The next due timer's task; empty when none is due.
  Task take_due_timer() {
    const std::scoped_lock lock(mutex);
    if (stopped || timers.empty() || timers.begin()->first.first > clock.now()) {
      return {};
    }
    auto node = timers.extract(timers.begin());
    deadlines.erase(node.key().second);
    return std::move(node.mapped());
  }

  Task take_post() {
    const std::scoped_lock lock(mutex);
    if (stopped || posts.empty()) {
      return {};
    }
    Task task = std::move(posts.front());
    posts.pop_front();
    return task;
  }

  // False when stopped.
  bool wait_for_work() {
    std::unique_lock lock(mutex);
    const auto has_work = [this] { return stopped || !posts.empty(); };
    while (!has_work()) {
      if (timers.empty()) {
        wake.wait(lock);
      } else if (timers.begin()->first.first <= clock.now()) {
        break;
      } else {
        wake.wait_until(lock, clock.when(timers.begin()->first.first));
      }
    }
    return !stopped;
  }

  void submit(WorkerPool& pool, RealExecutor& executor, Task job, Task then) {
    pool.submit([&executor, job = std::move(job), then = std::move(then)]() mutable {
      job();
      executor.post(std::move(then));
    });
  }
};

RealExecutor::RealExecutor(RealExecutorOptions options) {
  ASSERT(options.speed > 0);
  state_ = std::make_unique<State>(options);
}

RealExecutor::~RealExecutor() {
  stop();
  state_->planner.shut_down();
  state_->io.shut_down();
}

void RealExecutor::run() {
  while (state_->wait_for_work()) {
    // One post after each round of timers: neither can starve the other for long.
    if (Task task = state_->take_due_timer()) {
      task();
    }
    if (Task task = state_->take_post()) {
      task();
    }
  }
}

const Clock& RealExecutor::clock() const {
  return state_->clock;
}

void RealExecutor::post(Task task) {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->posts.push_back(std::move(task));
  }
  state_->wake.notify_one();
}

TimerId RealExecutor::after(Duration delay, Task task) {
  const Instant now = state_->clock.now();
  const Duration wait = std::max(delay, Duration(0));
  const Instant deadline = wait > Instant::max() - now ? Instant::max() : now + wait;
  std::uint64_t id = 0;
  {
    const std::scoped_lock lock(state_->mutex);
    id = state_->next_timer++;
    state_->timers.emplace(State::TimerKey{deadline, id}, std::move(task));
    state_->deadlines.emplace(id, deadline);
  }
  state_->wake.notify_one();
  return TimerId{id};
}

bool RealExecutor::cancel(TimerId timer) {
  Task dropped;  // Destroyed after the lock is released: its captures may call back into us.
  const std::scoped_lock lock(state_->mutex);
  const auto it = state_->deadlines.find(static_cast<std::uint64_t>(timer));
  if (it == state_->deadlines.end()) {
    return false;
  }
  auto node = state_->timers.extract(State::TimerKey{it->second, it->first});
  dropped = std::move(node.mapped());
  state_->deadlines.erase(it);
  return true;
}

void RealExecutor::compute(Task job, Task then) {
  state_->submit(state_->planner, *this, std::move(job), std::move(then));
}

void RealExecutor::blocking(Task job, Task then) {
  state_->submit(state_->io, *this, std::move(job), std::move(then));
}

void RealExecutor::stop() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopped = true;
  }
  state_->wake.notify_all();
}

}  // namespace runtime
