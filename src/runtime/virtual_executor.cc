#include "runtime/virtual_executor.h"

#include <algorithm>
#include <iterator>

namespace runtime {

VirtualExecutor::VirtualExecutor(VirtualExecutorOptions options)
    : order_(options.order), rng_(options.seed), clock_(options.start) {}

bool VirtualExecutor::step(Instant limit) {
  if (stopped_) {
    return false;
  }
  if (run_one_ready()) {
    ++steps_;
    return true;
  }
  const Instant next = next_timer();
  if (timers_.empty() || next > limit) {
    return false;
  }
  clock_.advance_to(next);
  ++steps_;
  return run_one_ready();
}

void VirtualExecutor::run_until(Instant end) {
  while (step(end)) {
  }
  if (!stopped_ && now() < end) {
    clock_.advance_to(end);
  }
}

bool VirtualExecutor::run_until_idle(std::size_t max_steps) {
  for (std::size_t i = 0; i < max_steps; ++i) {
    if (!step()) {
      return !stopped_;
    }
  }
  return false;
}

std::size_t VirtualExecutor::run_ready(std::size_t max_steps) {
  std::size_t count = 0;
  while (count < max_steps && step(now())) {
    ++count;
  }
  return count;
}

Instant VirtualExecutor::next_timer() const {
  return timers_.empty() ? Instant::max() : timers_.begin()->first.first;
}

void VirtualExecutor::post(Task task) {
  posts_.push_back(std::move(task));
}

TimerId VirtualExecutor::after(Duration delay, Task task) {
  const std::uint64_t id = next_timer_++;
  const Duration wait = std::max(delay, Duration(0));
  // A delay beyond the end of time is due then.
  const Instant deadline = wait > Instant::max() - now() ? Instant::max() : now() + wait;
  timers_.emplace(TimerKey{deadline, id}, std::move(task));
  deadlines_.emplace(id, deadline);
  return TimerId{id};
}

bool VirtualExecutor::cancel(TimerId timer) {
  const auto it = deadlines_.find(static_cast<std::uint64_t>(timer));
  if (it == deadlines_.end()) {
    return false;
  }
  timers_.erase(TimerKey{it->second, it->first});
  deadlines_.erase(it);
  return true;
}

void VirtualExecutor::compute(Task job, Task then) {
  planner_jobs_.push_back({std::move(job), std::move(then)});
}

void VirtualExecutor::blocking(Task job, Task then) {
  io_jobs_.push_back({std::move(job), std::move(then)});
}

std::size_t VirtualExecutor::due_timers() const {
  std::size_t count = 0;
  for (auto it = timers_.begin(); it != timers_.end() && it->first.first <= now(); ++it) {
    ++count;
  }
  return count;
}

// Everything that could run next, laid out in one line: the oldest post, due timers, completions,
// the planner's next job, I/O jobs. In FIFO order it is always the first.
bool VirtualExecutor::run_one_ready() {
  const std::size_t posts = posts_.empty() ? 0 : 1;
  const std::size_t timers = due_timers();
  const std::size_t planner = planner_jobs_.empty() ? 0 : 1;
  const std::size_t ready = posts + timers + completions_.size() + planner + io_jobs_.size();
  if (ready == 0) {
    return false;
  }
  std::size_t choice = order_ == Order::kShuffled && ready > 1 ? rng_.below(ready) : 0;
  if (choice < posts) {
    Task task = std::move(posts_.front());
    posts_.pop_front();
    task();
    return true;
  }
  choice -= posts;
  if (choice < timers) {
    run_timer(choice);
    return true;
  }
  choice -= timers;
  if (choice < completions_.size()) {
    const auto at = completions_.begin() + static_cast<std::ptrdiff_t>(choice);
    Task task = std::move(*at);
    completions_.erase(at);
    task();
    return true;
  }
  choice -= completions_.size();
  choice < planner ? run_planner() : run_io(choice - planner);
  return true;
}

void VirtualExecutor::run_timer(std::size_t position) {
  const auto it = std::next(timers_.begin(), static_cast<std::ptrdiff_t>(position));
  Task task = std::move(it->second);
  deadlines_.erase(it->first.second);
  timers_.erase(it);
  task();
}

void VirtualExecutor::run_planner() {
  Job job = std::move(planner_jobs_.front());
  planner_jobs_.pop_front();
  job.job();
  completions_.push_back(std::move(job.then));
}

void VirtualExecutor::run_io(std::size_t position) {
  const auto at = io_jobs_.begin() + static_cast<std::ptrdiff_t>(position);
  Job job = std::move(*at);
  io_jobs_.erase(at);
  job.job();
  completions_.push_back(std::move(job.then));
}

}  // namespace runtime
