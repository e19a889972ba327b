// The reference scheduler: spec 02 s5 to s11 word by word, for small problems. No ids, no memory of
// earlier refusals, no bitsets: every trial starts from the rules.
//
// Thread rule: one owner; lives for one round.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/reference/topology_testing.h"

namespace plan::reference {

// A group of offerings with the same allocatable resources (SCH-65).
struct AllocatableGroup {
  k8s::Resources allocatable;
  std::vector<const cloud::Offering*> offerings;  // Available ones.
};

struct Type {
  const cloud::InstanceType* type = nullptr;
  Reqs reqs;
  std::vector<AllocatableGroup> groups;
};

// The daemons that would run on some of a template's types (SCH-210).
struct DaemonLoad {
  k8s::Resources overhead;
  std::vector<Port> ports;
};

struct Template {
  const world::PoolRow* row = nullptr;
  Reqs reqs;
  std::vector<const Type*> types;
  std::map<const Type*, std::size_t> load_of;  // Into loads.
  std::vector<DaemonLoad> loads;

  const k8s::NodePool& pool() const { return *row->pool; }
};

struct Claim {
  const Template* tmpl = nullptr;
  Reqs reqs;
  std::vector<const Type*> types;
  k8s::Resources demand;
  std::vector<Port> ports;
  DriverVolumes volumes;
  std::vector<world::PodId> pods;
  std::set<std::string> reserved;
};

struct Machine {
  world::NodeId id = 0;
  const world::NodeRow* row = nullptr;
  Reqs reqs;
  std::vector<k8s::Taint> taints;
  k8s::Resources remaining;
  std::vector<Port> ports;
  DriverVolumes volumes;
  std::map<std::string, std::int64_t> volume_limits;
  std::vector<world::PodId> pods;
};

// Why a pod was not added; no text: it was.
struct Outcome {
  std::optional<std::string> error;
  bool is_deferred = false;
};

class Scheduler {
 public:
  explicit Scheduler(const Problem& problem);

  void run();

  const std::deque<Claim>& claims() const { return claims_; }

  const std::vector<Machine>& machines() const { return machines_; }

  const std::map<world::PodId, Outcome>& errors() const { return errors_; }

  const cloud::LabelSchema& schema() const { return *schema_; }

  // SCH-67, SCH-68.
  Reqs offering_reqs(const cloud::Offering& offering) const;
  std::vector<const cloud::Offering*> usable(const Claim& claim,
                                             const k8s::Resources& demand,
                                             const Type& type,
                                             const Reqs& reqs) const;
  double cheapest(const Claim& claim, const Type& type, const Reqs& reqs) const;
  // SCH-71: the keys that are short, with what there is.
  static std::map<std::string, std::int64_t> short_of_min_values(
      const Reqs& reqs, const std::vector<const Type*>& types);

 private:
  struct Trial {
    Reqs reqs;
    std::vector<const Type*> types;
    std::set<std::string> reserved;
  };

  // Construction: scheduler_setup_testing.cc.
  void make_types(const world::PoolRow& row);
  void make_template(const world::PoolRow& row);
  void make_loads(Template& tmpl) const;
  bool runs_on(const k8s::Pod& daemon, const Template& tmpl, const Type& type) const;
  void make_machines();
  Machine make_machine(world::NodeId id, const world::NodeRow& row) const;
  void charge_limits();
  void learn_attach_limits();
  std::vector<PoolView> pool_views() const;

  bool is_removed(world::NodeId id) const;
  bool is_dra(const k8s::PodSpec& spec) const;

  // The loop.
  Outcome attempt(Wish& wish);
  Outcome add_pod(const Wish& wish);
  bool add_to_machine(Machine& machine, const Wish& wish);
  Outcome add_to_claim(Claim& claim, const Wish& wish);
  Outcome add_to_new_claim(const Wish& wish);
  Outcome try_claim(const Claim& claim, const Wish& wish, Trial& out);
  Outcome try_requirements(const Claim& claim, const Wish& wish, Reqs reqs, Trial& out);
  void commit(Claim& claim, const Wish& wish, Trial trial);

  // Filtering: scheduler_filter_testing.cc.
  Outcome filter(const Claim& claim, const Wish& wish, Trial& trial) const;
  bool fits_group(const Type& type,
                  const Reqs& reqs,
                  const k8s::Resources& total,
                  bool* has_offering) const;
  bool can_attach(const Claim& claim, const Wish& wish, const Type& type) const;
  Outcome reserve(const Claim& claim, const Wish& wish, Trial& trial) const;
  std::vector<const Type*> within_limits(const Template& tmpl, std::string& error) const;
  void charge(const Claim& claim);

  const Problem& problem_;
  std::shared_ptr<const cloud::LabelSchema> schema_;
  std::deque<Type> types_;
  std::map<const cloud::InstanceType*, const Type*> type_of_;
  std::deque<Template> templates_;
  std::vector<const world::PoolRow*> pools_;         // Usable ones by weight (SCH-114, SCH-115).
  std::map<std::string, k8s::Resources> remaining_;  // By limited pool.
  std::map<std::string, std::int64_t> reservations_;
  bool may_tolerate_ = false;  // SCH-132
  std::vector<Machine> machines_;
  std::optional<Topology> topology_;
  std::map<world::PodId, std::vector<Reqs>> alternatives_;
  std::map<world::PodId, DriverVolumes> volumes_;
  // Instance type -> driver -> the most that a node of the type reports (SCH-47).
  std::map<std::string, std::map<std::string, std::int64_t>> attach_limits_;

  std::deque<Claim> claims_;      // As created.
  std::vector<Claim*> in_order_;  // SCH-145
  std::map<world::PodId, Outcome> errors_;
};

}  // namespace plan::reference
