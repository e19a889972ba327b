// Counts what the planner asks of the heap. Sanitizers bring their own operator new: left alone.
#include <gtest/gtest.h>

#include "plan/plan.h"
#include "plan/provisionable.h"
#include "plan/workload_testing.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KP_SANITIZED
#endif
#endif

#ifndef KP_SANITIZED

#include <cstdlib>
#include <new>

namespace {
thread_local long g_allocations = 0;
}  // namespace

// Not inlined: g++ would see malloc() meet operator delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++g_allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) {
    return memory;
  }
  throw std::bad_alloc();
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace plan {
namespace {

long allocations_of(int pods) {
  testing::Scene scene = testing::diverse_workload(pods);
  scene.build();
  const Candidates candidates = find_candidates(scene.snapshot(), {});
  const Problem problem{.snapshot = scene.snapshot(), .pods = candidates.pods};
  const long before = g_allocations;
  const Plan plan = compute_plan(problem);
  EXPECT_EQ(plan.claims.size(), static_cast<std::size_t>(pods / 5));
  return g_allocations - before;
}

// A trial of a pod on a claim allocates nothing: what a pod costs the heap (its claim, its place in
// the answer) does not grow with the claims that it is tried on.
TEST(Allocation, TrialsAskNothingOfTheHeap) {
  const long small = allocations_of(2000);
  const long medium = allocations_of(4000);
  const long large = allocations_of(8000);
  EXPECT_LE(large - medium, 2 * (medium - small));
  EXPECT_LE(large - medium, 4000 * 20);
}

}  // namespace
}  // namespace plan

#endif
