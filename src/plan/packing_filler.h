// Fills one machine with pods: the pod that brings what is left over closest to nothing in all
// resources at once, again and again (the norm-based greedy rule of vector bin packing, Panigrahy
// et al., "Heuristics for Vector Bin Packing", 2011).
//
// Of many groups only some are looked at for a machine: the largest, and smaller ones by turns.
// Their demands lie side by side by dimension, since every pod that is taken looks at all of them.
// Deterministic. Thread rule: one owner.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "plan/packing_fill.h"

namespace plan {

using PodsOfGroups = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // Group, count.

class Filler {
 public:
  // Counts looks at a group in `steps`, downwards.
  Filler(const PackProblem& problem, std::int64_t& steps);

  // A machine with this room; a unit of a resource counts as much as its weight says. The pods that
  // are left must do for `scale` such machines.
  void start(const PackMachine& machine, std::span<const double> weight, std::uint32_t scale);
  // Takes pods of `groups`, largest first, as long as one fits and is left.
  void add(std::span<const std::uint32_t> groups, std::span<const std::uint32_t> left);

  const PodsOfGroups& pods() const { return pods_; }

 private:
  void load(std::span<const std::uint32_t> groups, std::span<const std::uint32_t> left);
  void append(std::uint32_t group, std::uint32_t left);
  void drop(std::size_t place);
  // The best place, after all that do not fit are dropped; kNowhere: none is left.
  std::size_t best_place();
  void score_all();
  void take(std::size_t place);
  bool fits(const PackGroup& group) const;
  bool rules_allow(const PackGroup& group) const;
  void follow_rules(const PackGroup& group);
  std::uint32_t portion(const PackGroup& group, std::uint32_t left) const;

  const PackProblem& problem_;
  std::int64_t& steps_;
  std::uint32_t turn_ = 0;
  std::uint32_t scale_ = 1;
  PodsOfGroups pods_;
  std::vector<double> room_;
  std::vector<double> weight_;
  std::vector<std::int64_t> counted_;  // By host rule.
  std::vector<std::int64_t> most_;
  // Candidates, side by side.
  std::size_t size_ = 0;
  std::vector<std::uint32_t> group_;
  std::vector<std::uint32_t> left_;
  std::vector<std::vector<double>> demand_;  // By dimension, then by candidate.
  std::vector<double> score_;
};

}  // namespace plan
