// disruption: every ten seconds, ask each method what could go, let the answer stand for fifteen
// seconds, look again, and hand it to the queue (spec 03 s2, s6.4).
//
// Stateful: a command that waits for its validation. A restart loses it. Nothing blocks: the wait
// is a wake-up, and the pass goes on after it with the methods that are left (DIS-104, DIS-107).
// Thread rule: the loop; driven by the engine as a controller without object.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "control/disruption_queue.h"
#include "control/engine.h"
#include "disrupt/methods.h"
#include "disrupt/validation.h"

namespace control {

// Claims whose machines hold room for capacity buffers: they are not empty (SCH-283, LIF-190).
disrupt::ClaimNames buffered_claims(const world::Snapshot& snapshot, const Memory& memory);

class Disruption {
 public:
  // The clock measures how long searches take; it decides nothing.
  Disruption(world::World& world,
             Memory& memory,
             const runtime::Clock& clock,
             runtime::Rng rng,
             runtime::Logger log)
      : world_(world), clock_(clock), log_(log), queue_(world, memory, rng, std::move(log)) {}

  Controller controller();

  DisruptionQueue& queue() { return queue_; }

  // Simulations so far.
  std::uint64_t probes() const { return probes_; }

 private:
  struct Waiting {
    disrupt::Command command;
    k8s::TimeNs valid_at = 0;
  };

  // A pass that found nothing to do: until something changes there is nothing to ask (DIS-75).
  struct Quiet {
    world::SnapshotPtr seen;
    disrupt::ClaimNames held;
    disrupt::ClaimNames buffered;
    k8s::TimeNs until = 0;
  };

  Step pass(const View& view);
  // Asks the methods, one after the other, from where the last pass stopped.
  void ask_all(const View& view, disrupt::Pass& pass, Step& step);
  bool is_still_quiet(const View& view, const disrupt::Settings& now);
  disrupt::Settings settings(const View& view) const;
  void clean_orphans(const View& view, Step& step) const;
  // True: the pass is over.
  bool resume(const View& view, disrupt::Pass& pass, std::size_t& method, Step& step);
  bool ask(const View& view, disrupt::Method method, disrupt::Pass& pass, Step& step);
  void publish(const View& view,
               disrupt::Method method,
               const disrupt::Findings& findings,
               Step&) const;
  void publish_command(const disrupt::Command& command,
                       std::string_view reason,
                       std::string_view category,
                       Step& step) const;

  world::World& world_;
  const runtime::Clock& clock_;
  runtime::Logger log_;
  DisruptionQueue queue_;
  plan::PlanMemory memory_;
  std::optional<Waiting> waiting_;
  std::optional<Quiet> quiet_;
  std::uint64_t probes_ = 0;
};

}  // namespace control
