// Any text as a scenario: no crash, and what is accepted stays within the documented bounds.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "sim/days/calendar.h"
#include "sim/days/scenario.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sim::days;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto manifests = k8s::read_manifests(text, "fuzz.yaml");
  if (!manifests) {
    return 0;
  }
  for (const k8s::Manifest& manifest : *manifests) {
    const auto scenario = parse_scenario(manifest, text);
    if (!scenario) {
      ASSERT(scenario.error().detail.starts_with("fuzz.yaml:"));
      continue;
    }
    ASSERT(scenario->days >= 1 && scenario->days <= 60);
    for (const DeploymentPlan& plan : scenario->deployments) {
      ASSERT(!plan.curve.empty() && value_at(plan.curve, k8s::kHour) >= 0);
    }
    const Calendar calendar{.start = scenario->start, .days = scenario->days};
    for (const Shortage& shortage : scenario->shortages) {
      for (const Calendar::Window& window : calendar.windows(shortage.when)) {
        ASSERT(window.from < window.to);
      }
    }
  }
  return 0;
}
