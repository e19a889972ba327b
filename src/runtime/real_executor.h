// The executor of a real process: the caller of run() is the loop thread; a planner thread and a
// small I/O pool stand beside it. With a speed of N its clock advances N times faster than the
// system's and timers fall due N times sooner: a demo of an hour in a minute, same code.
//
//   RealExecutor executor({.speed = 10});
//   executor.post([&] { start(); });
//   executor.run();  // until some task calls executor.stop()
//
// Thread rule: see Executor. Destroy it on the thread that called run(), after run() returned; the
// destructor waits for the jobs that are running.
#pragma once

#include <cstddef>
#include <memory>

#include "runtime/executor.h"

namespace runtime {

struct RealExecutorOptions {
  double speed = 1;  // Virtual seconds per real second; > 0.
  std::size_t io_threads = 4;
};

class RealExecutor final : public Executor {
 public:
  explicit RealExecutor(RealExecutorOptions options = {});
  ~RealExecutor() override;

  // Runs tasks until stop(). May be called once.
  void run();

  const Clock& clock() const override;
  void post(Task task) override;
  TimerId after(Duration delay, Task task) override;
  bool cancel(TimerId timer) override;
  void compute(Task job, Task then) override;
  void blocking(Task job, Task then) override;
  void stop() override;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace runtime
