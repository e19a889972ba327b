// What the answer to a what-if depends on, as one number: a question that has the fingerprint that
// it had in an earlier snapshot has the answer that it had there, so that nobody needs to ask it
// again. Only what can have a say counts: the pods that move and those that wait, the machines with
// room for one of them, pool templates and limits. Two different questions share a number once in
// 2^64.
//
// Questions with pods on which more has a say have none: topology, host ports, volumes, devices.
//
//   Fingerprints fingerprints({...});                  // of one round
//   if (const auto print = fingerprints.of(removed, moved, true)) { ... }
//
// Thread rule: one owner; borrows the round, which must stand as if nothing had been asked.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/hash.h"
#include "plan/solver.h"

namespace plan {

class Fingerprints {
 public:
  struct Round {
    PlanBase& base;
    const PodClasses& classes;
    const std::vector<std::uint32_t>& class_of_pod;
    const std::vector<ExistingNode>& nodes;
    Solver& solver;
  };

  // `waiting`: pods that every question places; `role_of` says what they are for it.
  Fingerprints(const Round& round,
               std::span<const world::PodId> waiting,
               const std::function<std::uint64_t(world::PodId)>& role_of);

  // `removed` are positions among the nodes.
  std::optional<std::uint64_t> of(std::span<const std::size_t> removed,
                                  std::span<const world::PodId> moved,
                                  bool keeps_settling);

 private:
  // A class, and the machines that have room for one of its pods.
  struct Known {
    bool is_ready = false;
    bool is_simple = false;
    std::uint64_t print = 0;
    std::uint64_t room = 0;  // Sum over machines.
    const base::Bitset* fitting = nullptr;
    std::uint64_t last_seen = 0;  // Question.
  };

  std::uint64_t print_of_templates() const;
  std::uint64_t print_of_node(std::size_t position) const;
  void add_pod(world::PodId pod, base::Hasher& hasher);
  const Known& known(std::uint32_t pod_class);
  // False: it is not a simple one.
  bool add_class(std::uint32_t pod_class, std::span<const std::size_t> removed);

  const Round round_;
  std::vector<std::uint64_t> nodes_;  // By position.
  std::vector<Known> classes_;
  std::vector<std::uint32_t> waiting_classes_;
  std::uint64_t start_ = 0;  // What is the same for all questions.
  std::uint64_t question_ = 0;
  std::uint64_t room_ = 0;  // Of the question under way.
};

}  // namespace plan
