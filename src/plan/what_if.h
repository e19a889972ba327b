// What would become of pods if some machines went away: the simulation of disruption (spec 02 s13,
// spec 03 s5.4), asked thousands of times about one snapshot.
//
//   WhatIf what_if(snapshot, options, memory);
//   what_if.ask({.removed = nodes, .moved = pods});
//   for (const OpenClaim& claim : what_if.claims()) { ... }   // until the next question
//
// Everything that does not depend on the question is computed once: classes of all pods that could
// move, topology counts, machines. A question changes counters and takes the changes back, so that
// its cost grows with the pods that it moves, not with the cluster. Only where pods have resource
// claims everything is made anew each time.
//
// Beyond what provisioning does: a machine that is not ready takes no pods, and a pool beyond its
// limits makes no claims, because its launches would be refused (DIS-152).
//
// Thread rule: one owner; borrows snapshot and memory for its lifetime.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/convert.h"
#include "plan/plan.h"
#include "plan/solver.h"

namespace plan {

class WhatIf {
 public:
  struct Question {
    std::span<const world::NodeId> removed = {};
    std::span<const world::PodId> moved = {};  // Pods of those that need another place.
    bool keeps_settling = false;  // Nodes that settle take no pod that could stay (DIS-83).
    // Beyond what provisioning would do (--consolidation=extended):
    bool relaxes_for_nodes = false;  // Wishes give way before a new node is tried, not after.
    std::size_t first_template = 0;  // Of base().templates(): asked before the others.
  };

  // SCH-272: `options` as they are for provisioning.
  WhatIf(const world::Snapshot& snapshot, const Options& options, PlanMemory& memory);
  ~WhatIf();
  WhatIf(const WhatIf&) = delete;
  WhatIf& operator=(const WhatIf&) = delete;

  void ask(const Question& question);

  // Equal for equal answers, see plan/fingerprint.h; takes back the last answer. REQUIRES: the
  // question wishes for nothing beyond what provisioning would do.
  std::optional<std::uint64_t> fingerprint(const Question& question);

  // Puts the pods of the answer's claims together anew, so that the claims cost less
  // (plan/packing.h). False: nothing cheaper was found, and the answer is as it was.
  bool repack();

  std::uint64_t questions() const { return questions_; }

  PlanBase& base();

  // Answers, until the next question:

  // Claims that would have to be made, also those that pods want which wait anyway.
  const std::vector<OpenClaim>& claims() const;
  // Existing machines that got pods.
  std::vector<ExistingPlacement> placements() const;

  // A pod that did not get a place and that nobody expected to wait (DIS-86).
  struct Stranded {
    world::PodId pod = 0;
    std::string reason;  // As far as asked for.
  };

  // The first `explained` of them come with their reason.
  std::vector<Stranded> stranded(std::size_t explained);

  // Was the pod looking for a place anyway: pending, or of a machine that is going away?
  bool is_background(world::PodId pod) const { return is_background_[pod]; }

  // Does anybody want the claim because of the question: pods that move, or pods that would find a
  // place on an existing machine if nobody moved? Any other would be made anyway.
  bool is_wanted_by_moved(const OpenClaim& claim) const;

  // The NodeClaim that a claim comes to. Errors: kLimit (SCH-230).
  base::Result<PlannedClaim> planned(const OpenClaim& claim);

 private:
  struct Stage;

  std::unique_ptr<Stage> make_stage(std::span<const world::NodeId> removed,
                                    std::span<const world::PodId> moved,
                                    std::span<const world::PodId> movable);
  std::vector<world::PodId> movable_pods() const;
  void note_held(world::PodId pod);
  void find_settled();

  const world::Snapshot& snapshot_;
  const Options options_;
  PlanMemory& memory_;
  std::vector<world::PodId> background_;
  std::vector<bool> is_background_;  // By pod id.
  std::vector<bool> is_leaving_;     // By pod id: of a machine that is going away.
  std::vector<bool> is_held_;        // By pod id: leaving, and no provisioning looks for its place.
  std::vector<bool> is_settled_;     // By pod id: of the background, and needs no new machine.
  std::unique_ptr<Stage> stage_;
  std::uint64_t questions_ = 0;
};

}  // namespace plan
