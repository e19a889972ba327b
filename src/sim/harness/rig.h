// A sandbox with a controller in it that may crash after any effect: what simulations of whole
// features build on.
//
//   Rig rig({.seed = 7, .gates = {.static_capacity = true}});
//   rig.apply(manifest);
//   rig.run(minutes(5));
//   rig.stop_faults();
//
// Thread rule: one thread; rigs are independent.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "control/controllers.h"
#include "runtime/log_sinks.h"
#include "runtime/virtual_executor.h"
#include "sim/harness/sandbox.h"

namespace sim {

struct RigOptions {
  std::uint64_t seed = 1;
  FaultPlan faults = {};
  // Probability that the controller dies after an effect, until stop_faults().
  double restarts = 0;
  control::Config config = {};
};

class Rig {
 public:
  explicit Rig(RigOptions options);

  // As `kubectl apply --server-side`; a refusal is a problem.
  void apply(std::string_view json);
  // A merge patch, of the object or of a subresource, as somebody else would write it.
  void patch(const k8s::ObjectKey& key, std::string body, std::string subresource = {});
  void remove(const k8s::ObjectKey& key);

  void run(std::chrono::nanoseconds time) { executor_.run_for(time); }

  // No more faults and crashes from now on.
  void stop_faults();
  void crash();

  // All objects of a kind as they stand, by name.
  template <typename T>
  std::vector<std::shared_ptr<const T>> all(k8s::Kind kind) const {
    std::vector<std::shared_ptr<const T>> found;
    for (const auto& [name, document] : sandbox_->store().collection(api::type_of(kind))) {
      found.push_back(std::static_pointer_cast<const T>(document->typed()));
    }
    return found;
  }

  Sandbox& sandbox() { return *sandbox_; }

  const Sandbox& sandbox() const { return *sandbox_; }

  runtime::Rng& rng() { return rng_; }

  k8s::TimeNs now() const { return base::to_unix_ns(executor_.clock().wall()); }

  // Events, which are news and no deeds, are not counted.
  std::uint64_t effects() const { return effects_; }

  std::uint64_t digest() const { return digest_; }

  const std::string& last_effect() const { return last_effect_; }

  std::uint64_t restarts() const { return restarts_; }

  // What the run found wrong, with the virtual time before it.
  const std::vector<std::string>& problems() const { return problems_; }

  void problem(std::string text);

 private:
  void record(k8s::TimeNs time, std::string_view line);

  RigOptions options_;
  runtime::VirtualExecutor executor_;
  runtime::Rng rng_;
  runtime::Rng crashes_;
  runtime::NullLogSink log_;
  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<api::SimKube> kube_;
  std::unique_ptr<control::Controllers> controllers_;
  std::vector<std::string> problems_;
  std::uint64_t effects_ = 0;
  std::uint64_t digest_ = 0;
  std::string last_effect_;
  std::uint64_t restarts_ = 0;
  bool crash_is_due_ = false;
};

}  // namespace sim
