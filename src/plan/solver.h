// The placement loop (spec 02 s6): pods by size, each on the first existing node, open claim or new
// claim that takes it, with relaxation in between.
//
// A trial computes what a placement would make of a claim without changing it; commit consumes the
// trial. What a class of pods was refused for good (requirements, taints, ports, size: claims only
// ever tighten) is remembered per class and place and never asked again.
//
// Thread rule: one owner; lives for one round.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/attach_limits.h"
#include "plan/claim_order.h"
#include "plan/devices.h"
#include "plan/existing_nodes.h"
#include "plan/host_masks.h"
#include "plan/node_room.h"
#include "plan/obstacle.h"
#include "plan/pod_class.h"
#include "plan/reservations.h"
#include "plan/topology.h"

namespace plan {

// A NodeClaim that this round will create, while it is being filled.
struct OpenClaim {
  std::size_t tmpl = 0;
  model::SetId set;
  base::Bitset rows;
  Amounts demand;  // Pods only (SCH-155).
  model::Symbol host;
  std::vector<model::HostPort> ports;
  std::vector<world::PodId> pods;
  std::vector<model::Symbol> reservations;
  DriverClaims volumes;
  PlaceId place = 0;         // Among the allocator's places.
  bool has_devices = false;  // Pods here were given devices.
};

// What a placement would make of a claim.
struct Trial {
  model::SetId set;
  base::Bitset rows;
  Amounts demand;
  std::vector<model::Symbol> reservations;
};

enum class Verdict : std::uint8_t {
  kFits,
  kNotNow,    // A later placement may heal it.
  kNever,     // It cannot heal in this round.
  kDeferred,  // Reserved capacity is taken for now (SCH-194).
};

class Solver {
 public:
  Solver(PlanBase& base, Topology& topology, PodClasses& classes, ExistingNodes& nodes);

  // Places `pods` (of class class_of[i]) in queue order.
  void solve(const std::vector<world::PodId>& pods, const std::vector<std::uint32_t>& class_of_pod);

  // Where a pod went, and how much it had to give up for it.
  struct Placement {
    world::PodId pod = 0;
    std::uint32_t variant = 0;
    bool is_on_node = false;
    std::uint32_t place = 0;  // Index of the existing node, or of the claim.
  };

  // What a claim of a packing is opened with.
  struct Opening {
    std::size_t tmpl = 0;
    model::SetId set;  // Compatible with the template's.
  };

  // Places pods where `wanted` says (`place` of a claim is a position in `openings`), each checked
  // as solve() would; a pod that does not fit there goes where solve() would put it. Instead of
  // solve(), or before it for the rest. False: some pod has no place, or gives up more than
  // `variant`; the solver is then of no use.
  bool follow(std::span<const Placement> wanted,
              std::span<const Opening> openings,
              const std::vector<std::uint32_t>& class_of_pod);

  // What-ifs (plan/what_if.h): the same round again and again, without some machines. After
  // remember(), ask() places `queue`, which is in order (plan/queue_order.h), and forget() takes it
  // all back.
  void remember() { is_remembering_ = true; }

  struct Question {
    std::vector<world::PodId> queue;
    std::vector<std::size_t> absent;  // Positions in ExistingNodes::nodes().
    bool keeps_settling = false;
    bool relaxes_for_nodes = false;  // Wishes give way before a new node is tried, not after.
    std::size_t first_template = 0;  // Asked before the others.
  };

  void ask(const Question& question, const std::vector<std::uint32_t>& class_of_pod);
  // The same, but first as follow(); the queue has the others. False as there.
  bool ask(const Question& question,
           std::span<const Placement> wanted,
           std::span<const Opening> openings,
           const std::vector<std::uint32_t>& class_of_pod);
  void forget();

  // Machines with room for the demand while nothing is asked, and those that SCH-148 keeps most
  // pods from.
  const base::Bitset& fitting(const Amounts& demand) { return room_.fitting(demand); }

  bool settles(std::size_t node) const { return settling_.size() > 0 && settling_.test(node); }

  // Positions of the machines that got pods since remember() or forget().
  std::vector<std::size_t> changed_nodes() const;

  const std::vector<OpenClaim>& claims() const { return claims_; }

  // In order of placement.
  const std::vector<Placement>& placements() const { return placements_; }

  struct Failure {
    world::PodId pod = 0;
    std::size_t pod_class = 0;
    bool is_deferred = false;
  };

  const std::vector<Failure>& failures() const { return failures_; }

  // Why the class failed, as things stand. Nodes are looked at when the options ask for it.
  Obstructions obstructions(std::size_t pod_class);
  // The message of it: a class's own error, or those of all pools (SCH-149, spec 02 s7.2).
  std::string failure_text(std::size_t pod_class, const Obstructions& obstructions) const;
  // Why a pool makes no claim for the pod.
  Obstruction template_failure(const PodClass& pod_class, const Variant& variant, std::size_t tmpl);
  // Why an existing node does not take the pod; kNone: it would.
  Obstruction node_failure(const PodClass& pod_class, const Variant& variant, ExistingNode& node);

 private:
  // Per variant of a class: who has refused it for good.
  struct Memory {
    base::Bitset live_nodes;
    base::Bitset dead_claims;
    bool is_ready = false;
  };

  // The next claim of a lane that may take the pod under way.
  struct LaneHead {
    ClaimOrder::Claim claim;
    bool is_exclusive;
  };

  struct ClassState {
    std::vector<Memory> memory;             // By variant.
    std::vector<base::Bitset> never_again;  // By variant: machines that refuse in every what-if.
    std::uint64_t failed_at = ~0ull;        // progress_ when it last failed.
    bool failed_deferred = false;
    bool is_asked = false;  // Since the last forget().
  };

  // A machine as it was before this what-if put pods there.
  struct Before {
    std::size_t node = 0;
    Amounts remaining;
    std::size_t ports = 0;
    DriverClaims volumes;
  };

  // A placement under way.
  struct Asking {
    const PodClass& pod_class;
    const Variant& variant;
    world::PodId pod;
    bool may_use_settling = true;
    base::Bitset* never_again = nullptr;  // Where to remember what holds in every what-if.
  };

  void place_all(std::vector<world::PodId> queue, const std::vector<std::uint32_t>& class_of_pod);
  void find_settling();
  void set_terms(const Question& question);
  void prepare(const Asking& asking, Memory& memory);
  Verdict attempt(world::PodId pod, std::size_t pod_class);
  Verdict attempt_variant(const Asking& asking, Memory& memory);

  bool follow(const Placement& wanted,
              const Opening* opening,
              std::uint32_t& claim,
              std::uint32_t pod_class);
  bool open_as_told(const Asking& asking, const Opening& opening);

  bool place_on_node(const Asking& asking, Memory& memory);
  Verdict try_node(const Asking& asking, ExistingNode& node);
  void commit_node(const Asking& asking, std::size_t index);
  bool exceeds_volume_limits(const PodClass& pod_class, const ExistingNode& node) const;

  // Devices of pods that have claims (SCH-150, SCH-153).
  Verdict try_node_devices(const Asking& asking, const ExistingNode& node, model::SetId set);
  Verdict try_claim_devices(const Asking& asking, const OpenClaim& claim, model::SetId set);
  std::optional<DeviceTrial> ask_node(const PodClass& pod_class,
                                      const ExistingNode& node,
                                      model::SetId set,
                                      std::string* why);
  std::optional<DeviceTrial> ask_claim(const PodClass& pod_class,
                                       const OpenClaim& claim,
                                       model::SetId set,
                                       const base::Bitset& rows,
                                       std::string* why);
  void commit_devices(const PodClass& pod_class, OpenClaim& claim);
  Obstruction device_failure(const PodClass& pod_class,
                             const Variant& variant,
                             const OpenClaim& claim,
                             model::SetId set);

  bool place_on_claim(const Asking& asking, Memory& memory);
  bool place_on_claim(const Asking& asking, Memory& memory, std::uint32_t index);
  void find_few_open(std::size_t count);
  bool walk_lanes(const Asking& asking, Memory& memory);
  Verdict try_claim(const Asking& asking, const OpenClaim& claim);
  // One volume alternative: topology, then the rest.
  Verdict try_topology(const Asking& asking, const OpenClaim& claim, model::SetId set);
  Verdict finish_trial(const OpenClaim& claim, model::SetId set);
  Verdict reserve(const OpenClaim& claim);
  // Calls try_set for each combination of the choices until one fits.
  template <typename TrySet>
  Verdict for_each_choice(const TopologyAnswer& answer,
                          model::SetId set,
                          model::Undefined undefined,
                          TrySet&& try_set);
  void keep_fitting(const Template& tmpl,
                    std::span<const model::HostPort> ports,
                    const Amounts& demand,
                    base::Bitset& rows);
  void commit_claim(const Asking& asking, std::size_t index);
  void make_room_for_claims();

  Verdict open_claim(const Asking& asking);
  OpenClaim fresh_claim(std::size_t tmpl);
  std::vector<NodeObstruction> node_obstructions(const PodClass& pod_class);
  Obstruction filter_failure(const PodClass& pod_class, const OpenClaim& claim, model::SetId set);
  Obstruction claim_failure(const PodClass& pod_class,
                            const Variant& variant,
                            const OpenClaim& claim);
  Obstruction narrowed_failure(const PodClass& pod_class,
                               const Variant& variant,
                               const OpenClaim& claim,
                               model::SetId set);
  std::string resources_text(const PodClass& pod_class, const Template& tmpl) const;

  PlanBase& base_;
  Topology& topology_;
  PodClasses& classes_;
  std::vector<ExistingNode>& nodes_;
  NodeRoom room_;
  Reservations reservations_;
  std::vector<OpenClaim> claims_;
  ClaimOrder order_;
  std::vector<ClassState> states_;  // By class, twice: the second of pods kept from settling nodes.
  base::Bitset settling_;           // Nodes that SCH-148 keeps most pods from; empty: none.
  std::vector<bool> may_use_settling_;  // By pod id, when there are such nodes.
  bool keeps_settling_ = true;
  bool relaxes_for_nodes_ = false;
  std::size_t first_template_ = 0;
  std::vector<model::SetId> node_sets_;  // Of nodes_, side by side.
  bool is_remembering_ = false;
  std::vector<Before> before_;
  std::vector<std::size_t> asked_;  // Positions in states_, since the last forget().
  base::Bitset absent_;
  Reservations all_reservations_;  // At remember().
  AttachLimits attach_limits_;
  HostMasks host_masks_;
  std::size_t claim_room_ = 0;           // Size of bitsets over claims.
  base::Bitset passed_over_;             // Claims that cannot take the pod under way.
  std::vector<std::uint32_t> few_open_;  // The others, when they are few.
  std::vector<LaneHead> lane_heads_;     // Their first ones by lane, when they are many.
  std::vector<model::SetId> hopeless_;   // Requirement sets that cannot take it on any claim.
  bool is_set_refused_ = false;          // The last try_claim failed for its set alone.
  std::vector<Failure> failures_;
  std::vector<Placement> placements_;
  std::uint64_t progress_ = 0;
  Trial trial_;                              // The last try_claim's; its buffers are reused.
  std::optional<DeviceTrial> device_trial_;  // The last one that fitted.
  base::Bitset scratch_;
  Amounts group_demand_;
};

}  // namespace plan
