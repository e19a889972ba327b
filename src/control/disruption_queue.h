// disruption.queue: carries out what disruption has decided, step by step (spec 03 s9): taint and
// mark the candidates, create their replacements, wait until these are initialised, delete the
// candidates. What goes wrong is taken back by forgetting the command: the orphan clean-up of the
// next pass removes its marks (DIS-4, DIS-157).
//
// Stateful; a restart loses the commands, and the clean-up takes their marks away (DIS-160).
// Commands have keys of their own, so that one whose first candidate vanishes goes on (DIS-161,
// improved). Thread rule: the loop.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "control/drift_pauses.h"
#include "control/engine.h"
#include "disrupt/command.h"
#include "runtime/rng.h"

namespace control {

class DisruptionQueue {
 public:
  DisruptionQueue(world::World& world, Memory& memory, runtime::Rng rng, runtime::Logger log)
      : world_(world), memory_(memory), rng_(rng), log_(std::move(log)) {}

  Controller controller();

  // Takes the command over; the names that its replacements will have, in their order. REQUIRES:
  // none of its candidates is in held().
  std::vector<std::string> start(disrupt::Command command, k8s::TimeNs now, Step& step);

  // Told of every command that is taken over (reports, checkers).
  std::function<void(const disrupt::Command&)> on_start;

  // Claims of all commands under way (DIS-20).
  disrupt::ClaimNames held() const;

  // Pools whose drift rests (DIS-141).
  const DriftPauses& pauses() const { return pauses_; }

  std::size_t size() const { return commands_.size(); }

  // The candidates of every command count as going. Until then budgets do not see them, and their
  // machines still look like a place for pods (DIS-151..153).
  bool is_settled() const;

 private:
  enum class Stage : std::uint8_t { kMark, kCreate, kAwait, kDelete };

  struct Replacement {
    std::string name;
    bool is_seen = false;
    bool is_initialized = false;
  };

  struct Execution {
    disrupt::Command command;
    k8s::TimeNs created = 0;
    Stage stage = Stage::kMark;
    std::vector<Replacement> replacements;
    int attempts = 0;  // To create the replacements.
  };

  Step reconcile(const View& view, const std::string& id);
  // True: this stage is through.
  bool advance(const View& view, Execution& execution, Step& step);
  bool mark(const View& view, Execution& execution, Step& step) const;
  bool create(const View& view, Execution& execution, Step& step);
  bool await(const View& view, Execution& execution, Step& step) const;
  bool remove(const View& view, Execution& execution, Step& step) const;
  // Why the command cannot succeed any more; empty: it can.
  std::string failure(const View& view, const Execution& execution) const;
  void give_up(const View& view, const std::string& id, const std::string& why, Step& step);
  void settle(const View& view, const Execution& execution, Step& step) const;
  k8s::DurationNs timeout() const;
  // DIS-143, DIS-146: machines of static pools that wait for their replacements, and those.
  void note_pending();

  world::World& world_;
  Memory& memory_;
  runtime::Rng rng_;
  runtime::Logger log_;
  std::map<std::string, Execution> commands_;  // By UUID.
  DriftPauses pauses_;
};

}  // namespace control
