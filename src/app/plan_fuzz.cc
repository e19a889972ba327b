// Manifests to a plan: no crash, and what is planned keeps every property, whatever is asked.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "app/expand.h"
#include "app/offline_cluster.h"
#include "base/assert.h"
#include "plan/properties_testing.h"
#include "plan/provisionable.h"

namespace {

constexpr std::int64_t kMostPods = 200;  // An input must not take seconds.

void check(const world::Snapshot& snapshot) {
  const plan::Candidates candidates = plan::find_candidates(snapshot, {});
  const plan::Problem problem{.snapshot = snapshot, .pods = candidates.pods};
  const std::vector<std::string> broken =
      plan::testing::broken_properties(problem, plan::compute_plan(problem));
  for (const std::string& sentence : broken) {
    std::fprintf(stderr, "%s\n", sentence.c_str());
  }
  ASSERT(broken.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  const auto input = app::read_cluster_text(std::move(text), "fuzz.yaml", {.provider = "kwok"});
  if (!input || app::count_pods(*input) > kMostPods) {
    return 0;
  }
  if (const auto cluster = app::offline_cluster(*input, {.region = "us-east-1"})) {
    check(*cluster->snapshot);
  }
  return 0;
}
