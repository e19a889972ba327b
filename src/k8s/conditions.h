// The condition engine of karpenter's own kinds: root "Ready", computed from the dependent types of
// the kind, kept in the order that the API shows (LIF-9 to LIF-15, API-133 to API-139). Pods and
// nodes carry the same Condition shape but not these rules: for them use upsert_condition.
//
//   ConditionSet set(claim.status.conditions, Kind::kNodeClaim, claim.meta);
//   if (set.set({.type = "Launched", .status = "True"}, now)) { write status }
//
// Borrows the vector for its lifetime. `now` is passed; no clock is read.
#pragma once

#include <span>

#include "k8s/meta.h"

namespace k8s {

inline constexpr std::string_view kTrue = "True";
inline constexpr std::string_view kFalse = "False";
inline constexpr std::string_view kUnknown = "Unknown";
inline constexpr std::string_view kReady = "Ready";

// The types that Ready is computed from; empty for kinds without any.
std::span<const std::string_view> dependent_conditions(Kind kind);

// Plain upsert: last_transition moves to `now` only when the status changes. Returns whether
// anything but the heartbeat changed.
bool upsert_condition(std::vector<Condition>& conditions, Condition condition, TimeNs now);

// In the order that a ConditionSet leaves behind (LIF-12).
bool is_in_order(const std::vector<Condition>& conditions);

class ConditionSet {
 public:
  // Adds the missing root and dependents as Unknown (LIF-9).
  ConditionSet(std::vector<Condition>& conditions, Kind kind, const ObjectMeta& meta);

  // Fills observed_generation and last_transition; recomputes Ready unless it is what was set.
  // Returns whether something changed.
  bool set(Condition condition, TimeNs now);
  // LIF-13: reason is the type, message empty.
  bool set_true(std::string_view type, TimeNs now);
  bool set_false(std::string_view type, std::string reason, std::string message, TimeNs now);
  bool set_unknown(std::string_view type, std::string reason, std::string message, TimeNs now);
  // Removes a condition; false when absent. REQUIRES: neither root nor dependent.
  bool clear(std::string_view type);

 private:
  bool is_dependent(std::string_view type) const;
  bool store(Condition condition, TimeNs now);
  bool recompute_root(TimeNs now);
  void sort();

  std::vector<Condition>& conditions_;
  std::span<const std::string_view> dependents_;
  const ObjectMeta& meta_;
};

}  // namespace k8s
