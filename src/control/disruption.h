// disruption and disruption.queue: every ten seconds, find what can go, wait out the validation,
// mark, delete (spec 03 s2, s6.1, s6.4, s9).
//
// Stateful: a command that waits for its validation, and commands under way. A restart loses both:
// the orphan clean-up of the next pass takes the marks away again (DIS-4, DIS-160).
// Thread rule: the loop; driven by the engine as a controller without object.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/engine.h"
#include "disrupt/emptiness.h"

namespace control {

// Claims whose machines hold room for capacity buffers: they are not empty (SCH-283, LIF-190).
std::set<std::string, std::less<>> buffered_claims(const world::Snapshot& snapshot,
                                                   const Memory& memory);

class Disruption {
 public:
  Disruption(world::World& world, runtime::Logger log) : world_(world), log_(std::move(log)) {}

  Controller controller();

  std::size_t commands_under_way() const { return queue_.size(); }

 private:
  // DIS-150..158: one machine that a command will delete.
  struct Marked {
    std::string claim;
    std::string reason;
    k8s::TimeNs since = 0;
    std::size_t reschedulable = 0;
  };

  Step pass(const View& view);
  void clean_orphans(const View& view, Step& step) const;
  void publish_notes(const View& view, const disrupt::EmptinessReport& report, Step& step) const;
  void start(const View& view, const disrupt::Command& command);
  bool advance(const View& view, const Marked& marked, Step& step);
  std::set<std::string, std::less<>> busy() const;
  std::set<std::string, std::less<>> spoken_for(const View& view) const;

  struct Waiting {
    disrupt::Command command;
    k8s::TimeNs valid_at = 0;
  };

  world::World& world_;
  runtime::Logger log_;
  std::optional<Waiting> waiting_;
  std::vector<Marked> queue_;
};

}  // namespace control
