#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "runtime/real_executor.h"
#include "runtime/virtual_executor.h"

namespace runtime {
namespace {

using namespace std::chrono_literals;
using Order = VirtualExecutorOptions::Order;

// A small program of posts, timers and jobs that notes the order in which it ran.
std::string trace_of(std::uint64_t seed, Order order) {
  VirtualExecutor executor({.seed = seed, .order = order});
  std::string trace;
  const auto note = [&](const std::string& what) {
    trace += base::concat(what, "@", executor.now().time_since_epoch().count(), " ");
  };
  for (int i = 0; i < 4; ++i) {
    executor.post([&, i] { note(base::concat("post", i)); });
    executor.after(5ns, [&, i] { note(base::concat("timer", i)); });
    executor.blocking([&, i] { note(base::concat("io", i)); },
                      [&, i] { note(base::concat("io-done", i)); });
    executor.compute([&, i] { note(base::concat("job", i)); },
                     [&, i] { note(base::concat("job-done", i)); });
  }
  EXPECT_TRUE(executor.run_until_idle());
  return trace;
}

TEST(VirtualExecutor, SameSeedGivesTheSameOrder) {
  EXPECT_EQ(trace_of(7, Order::kShuffled), trace_of(7, Order::kShuffled));
  EXPECT_NE(trace_of(7, Order::kShuffled), trace_of(8, Order::kShuffled));
  EXPECT_EQ(trace_of(7, Order::kFifo), trace_of(8, Order::kFifo));
}

TEST(VirtualExecutor, PostsKeepTheirOrderUnderEverySeed) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::string trace = trace_of(seed, Order::kShuffled);
    EXPECT_LT(trace.find("post0"), trace.find("post1"));
    EXPECT_LT(trace.find("post2"), trace.find("post3"));
    EXPECT_LT(trace.find("job0"), trace.find("job1"));
  }
}

TEST(VirtualExecutor, ClockJumpsToTheNextTimer) {
  VirtualExecutor executor;
  const WallTime start = executor.clock().wall();
  std::vector<int> fired;
  executor.after(2h, [&] { fired.push_back(2); });
  executor.after(1h, [&] { fired.push_back(1); });
  EXPECT_EQ(executor.next_timer(), executor.now() + 1h);
  executor.run_until_idle();
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
  EXPECT_EQ(executor.clock().wall() - start, 2h);
}

TEST(VirtualExecutor, ClockStandsWhileSomethingIsReady) {
  VirtualExecutor executor;
  int left = 100;
  std::function<void()> again = [&] {
    EXPECT_EQ(executor.now(), Instant(0ns));
    if (--left > 0) {
      executor.post(again);
    }
  };
  executor.after(1ns, [] {});
  executor.post(again);
  executor.run_ready();
  EXPECT_EQ(left, 0);
}

TEST(VirtualExecutor, CancelledTimerNeverRuns) {
  VirtualExecutor executor;
  const TimerId timer = executor.after(1s, [] { FAIL(); });
  EXPECT_TRUE(executor.cancel(timer));
  EXPECT_FALSE(executor.cancel(timer));
  EXPECT_FALSE(executor.cancel(TimerId::kNone));
  EXPECT_TRUE(executor.run_until_idle());
  EXPECT_EQ(executor.now(), Instant(0ns));
}

TEST(VirtualExecutor, DueTimerCanBeCancelledByAnother) {
  VirtualExecutor executor;
  int runs = 0;
  std::array<TimerId, 2> timers{};
  for (std::size_t i = 0; i < 2; ++i) {
    timers[i] = executor.after(1s, [&, i] {
      ++runs;
      EXPECT_TRUE(executor.cancel(timers[1 - i]));
    });
  }
  executor.run_until_idle();
  EXPECT_EQ(runs, 1);
}

TEST(VirtualExecutor, RunUntilStopsAtTheLimit) {
  VirtualExecutor executor;
  int runs = 0;
  std::function<void()> tick = [&] {
    ++runs;
    executor.after(10s, tick);
  };
  executor.after(10s, tick);
  executor.run_for(35s);
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(executor.now(), Instant(35s));
  EXPECT_FALSE(executor.run_until_idle(10));
}

TEST(VirtualExecutor, StopEndsTheRun) {
  VirtualExecutor executor;
  executor.post([&] { executor.stop(); });
  executor.post([] { FAIL(); });
  executor.run_for(1h);
  EXPECT_TRUE(executor.is_stopped());
}

TEST(VirtualExecutor, FarTimersDoNotOverflow) {
  VirtualExecutor executor;
  executor.run_for(1s);
  executor.after(Duration::max(), [] {});
  EXPECT_EQ(executor.next_timer(), Instant::max());
}

TEST(Executor, ComputeHandsTheValueOver) {
  VirtualExecutor executor;
  std::string got;
  run_compute<std::string>(
      executor,
      [] { return std::string("plan"); },
      [&](const std::string& value) { got += value; });
  run_blocking<std::unique_ptr<int>>(
      executor,
      [] { return std::make_unique<int>(3); },
      [&](std::unique_ptr<int> n) { got += base::to_text(std::int64_t{*n}); });
  executor.run_until_idle();
  EXPECT_TRUE(got == "plan3" || got == "3plan");
}

TEST(RealExecutor, RunsPostsInOrderOnTheLoopThread) {
  RealExecutor executor;
  std::vector<int> order;
  const auto loop = std::this_thread::get_id();
  for (int i = 0; i < 100; ++i) {
    executor.post([&, i] {
      order.push_back(i);
      EXPECT_EQ(std::this_thread::get_id(), loop);
    });
  }
  executor.post([&] { executor.stop(); });
  executor.run();
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(RealExecutor, FiresTimersByDeadline) {
  RealExecutor executor({.speed = 100});
  std::vector<int> order;
  executor.after(300ms, [&] {
    order.push_back(3);
    executor.stop();
  });
  executor.after(100ms, [&] { order.push_back(1); });
  const TimerId cancelled = executor.after(200ms, [&] { order.push_back(2); });
  EXPECT_TRUE(executor.cancel(cancelled));
  executor.run();
  EXPECT_EQ(order, (std::vector<int>{1, 3}));
}

TEST(RealExecutor, SpeedStretchesBothClocks) {
  RealExecutor executor({.speed = 1000});
  const Instant begin = executor.clock().now();
  const WallTime wall = executor.clock().wall();
  executor.after(10s, [&] { executor.stop(); });
  executor.run();
  EXPECT_GE(executor.clock().now() - begin, 10s);
  EXPECT_GE(executor.clock().wall() - wall, 10s);
}

TEST(RealExecutor, JobsRunElsewhereAndReportToTheLoop) {
  RealExecutor executor;
  const auto loop = std::this_thread::get_id();
  int left = 40;
  const auto done = [&](std::thread::id worker) {
    EXPECT_NE(worker, loop);
    EXPECT_EQ(std::this_thread::get_id(), loop);
    if (--left == 0) {
      executor.stop();
    }
  };
  for (int i = 0; i < 20; ++i) {
    run_compute<std::thread::id>(executor, [] { return std::this_thread::get_id(); }, done);
    run_blocking<std::thread::id>(executor, [] { return std::this_thread::get_id(); }, done);
  }
  executor.run();
  EXPECT_EQ(left, 0);
}

TEST(RealExecutor, TakesPostsFromManyThreads) {
  RealExecutor executor;
  std::atomic<int> sent = 0;
  int received = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        ++sent;
        executor.post([&] {
          if (++received == 2000) {
            executor.stop();
          }
        });
      }
    });
  }
  executor.run();
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(received, sent);
}

TEST(RealExecutor, DropsWhatIsQueuedOnDestruction) {
  const auto token = std::make_shared<int>(1);
  {
    RealExecutor executor;
    executor.post([token] { FAIL(); });
    executor.after(1h, [token] { FAIL(); });
  }
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace runtime
