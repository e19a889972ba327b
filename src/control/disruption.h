// disruption: every ten seconds, ask each method what could go, let the answer stand for fifteen
// seconds, look again, and hand it to the queue (spec 03 s2, s6.4).
//
// The questions are answered on the planner thread, method by method, about one snapshot: the loop
// goes on meanwhile, and provisioning gets its turn between two methods. What an answer wants done
// is checked against the picture of that moment before it is done. Nothing blocks: the wait for the
// validation is a wake-up, and the pass goes on after it with the methods that are left (DIS-104,
// DIS-107). While empty machines wait, the other methods are asked as if those were gone already:
// machines that keep running empty hold up neither drift nor consolidation.
//
// Stateful: a search under way, and commands that wait for their validation. A restart loses them.
// Thread rule: the loop; driven by the engine as a controller without object.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "control/cluster_cost.h"
#include "control/disruption_queue.h"
#include "control/engine.h"
#include "disrupt/methods.h"
#include "disrupt/refusals.h"
#include "disrupt/validation.h"

namespace control {

// Claims whose machines hold room for capacity buffers: they are not empty (SCH-283, LIF-190).
disrupt::ClaimNames buffered_claims(const world::Snapshot& snapshot, const Memory& memory);

class Disruption {
 public:
  Disruption(runtime::Executor& executor,
             world::World& world,
             Memory& memory,
             runtime::Rng rng,
             runtime::Logger log,
             bool is_extended = false)
      : executor_(executor),
        world_(world),
        log_(log),
        queue_(world, memory, rng, std::move(log)),
        memory_(std::make_shared<PlannerMemory>()),
        is_extended_(is_extended) {}

  ~Disruption() { *alive_ = false; }

  Disruption(const Disruption&) = delete;
  Disruption& operator=(const Disruption&) = delete;

  Controller controller();

  DisruptionQueue& queue() { return queue_; }

  // Called on the loop when a question is answered: the controller has to be run again.
  std::function<void()> on_answer;

  // Simulations so far.
  std::uint64_t probes() const { return probes_; }

  // A question is with the planner.
  bool is_asking() const { return search_ != nullptr && search_->is_asking; }

  // What the pools cost, as of the last pass (DIS-225).
  const ClusterCost& costs() const { return costs_; }

 private:
  struct Waiting {
    std::vector<disrupt::Command> commands;  // Of one method.
    k8s::TimeNs valid_at = 0;
    base::Instant since = {};  // When its method was asked.
  };

  struct Answer {
    disrupt::Findings findings = {};
    std::vector<disrupt::Validated> validated = {};
    std::uint64_t probes = 0;  // Of the search so far.
  };

  // Kept from pass to pass; belongs to the planner's job while there is one.
  struct PlannerMemory {
    plan::PlanMemory plan;
    disrupt::Refusals refusals;
  };

  // A pass under way. Jobs of the planner touch the Pass and nothing else touches it meanwhile.
  struct Search {
    world::SnapshotPtr snapshot;
    disrupt::Settings settings;
    std::shared_ptr<PlannerMemory> memory;
    std::unique_ptr<disrupt::Pass> pass = nullptr;
    std::optional<Waiting> validating = {};  // Asked about first.
    bool has_doubts = false;  // Some command waited, or did not hold: all is not quiet.
    std::size_t method = 0;   // Asked next, or now.
    // Of static pools: one gauge tells of all that drift (DIS-8, improved).
    std::size_t drifted = 0;
    bool is_asking = false;
    std::optional<Answer> answer = {};
    std::optional<k8s::TimeNs> look_again = {};
    base::Instant since = {};  // When the question was asked.
    std::uint64_t probes = 0;
  };

  // A pass that found nothing to do: until something changes there is nothing to ask (DIS-75).
  struct Quiet {
    world::SnapshotPtr seen;
    disrupt::ClaimNames held;
    disrupt::ClaimNames buffered;
    k8s::TimeNs until = 0;
  };

  Step pass(const View& view);
  void watch_gap(const View& view);
  bool begin(const View& view, Step& step);
  void look_past_waiting();
  void ask();
  void end(const View& view, Step& step);
  // True: the pass is over.
  bool take_answer(const View& view, Step& step);
  bool resume(const View& view, Answer answer, Step& step);
  bool decide(const View& view, disrupt::Method method, disrupt::Findings findings, Step& step);
  bool start(const View& view, std::vector<disrupt::Command> commands, Step& step);
  bool is_still_quiet(const View& view, const disrupt::Settings& now);
  disrupt::Settings settings(const View& view) const;
  bool clean_orphans(const View& view, Step& step) const;
  void track_costs(const View& view, Step& step);
  void watch_pools(const View& view);
  void log_scores(const disrupt::Findings& findings) const;
  void measure(disrupt::Method method, base::Instant since, Step& step) const;

  runtime::Executor& executor_;
  world::World& world_;
  runtime::Logger log_;
  DisruptionQueue queue_;
  std::shared_ptr<PlannerMemory> memory_;
  const bool is_extended_;  // --consolidation=extended
  ClusterCost costs_;
  std::shared_ptr<Search> search_;
  std::vector<Waiting> waiting_;  // Of emptiness, then of one that consolidates; at most one each.
  std::optional<Quiet> quiet_;
  std::vector<disrupt::PastMove> past_;  // Of the last hour, oldest first.
  // Pools without instance types, as of the last pass.
  std::set<std::string, std::less<>> untyped_;
  k8s::TimeNs last_pass_ = 0;
  std::uint64_t probes_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace control
