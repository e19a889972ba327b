// What existing machines have left, by resource: one pass over an array tells which of thousands
// are large enough for a demand, so that full ones are never asked.
//
// Thread rule: one owner.
#pragma once

#include <vector>

#include "base/bitset.h"
#include "plan/existing_nodes.h"

namespace plan {

class NodeRoom {
 public:
  explicit NodeRoom(const std::vector<ExistingNode>& nodes);

  // The machine's remaining resources have changed.
  void update(std::size_t node, const ExistingNode& now);
  // Machines that have room for the demand now. Room only shrinks within a round.
  base::Bitset fitting(const Amounts& demand) const;

 private:
  std::size_t count_;
  std::vector<std::vector<Amount>> left_;  // By dimension, then machine.
  base::Bitset sound_;                     // Not overcommitted (SCH-601).
};

}  // namespace plan
