// A small cluster under the loop of disruption and its queue, for tests: machines of type t8 (8
// cores, 0.8 dollars), and t2 beside it in the catalogue.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "control/disruption.h"
#include "runtime/log_sinks.h"
#include "runtime/virtual_executor.h"
#include "world/world_testing.h"

namespace control::testing {

using namespace world::testing;

using Texts = std::vector<std::string>;

k8s::Resources cpus(std::int64_t count);
std::shared_ptr<cloud::Catalogue> small_catalogue();

class DisruptionScene : public ::testing::Test {
 protected:
  explicit DisruptionScene(bool is_extended = false);

  // What the pool's budget lets go.
  void allow(const std::string& nodes);
  // Of type t8, at 0.8 dollars.
  void add_machine(const std::string& name);
  // It drifts, and nothing else is wanted of it.
  void add_drifted(const std::string& name);
  static k8s::NodeClaim claim(const std::string& name);
  static k8s::Node node(const std::string& name);

  Step run(const Controller& controller, const std::string& key);

  Step look() { return run(loop_, ""); }

  // With the planner's answers.
  Step pass();
  // Until the command is in the queue; its key.
  std::string start();
  // The command has tainted and marked the machine.
  void show_marks(const std::string& name);

  static Texts counted(const Step& step, const runtime::MetricFacts& facts);
  static std::vector<k8s::WriteRequest> writes(const Step& step);
  // "Reason: message"
  static Texts events(const Step& step);
  // "Kind name reason"
  static Texts event_objects(const Step& step);

  runtime::VirtualExecutor executor_{{.order = runtime::VirtualExecutor::Order::kFifo}};
  runtime::RecordingLogSink logs_;
  world::World world_;
  Memory memory_;
  act::EventFilter said_;
  Disruption disruption_;
  Controller loop_;
  Controller queue_;
  Config config_;
  k8s::TimeNs now_ = world::testing::kNow;
};

}  // namespace control::testing
