// What existing machines have left, by resource: one pass over an array tells which of thousands
// are large enough for a demand, so that full ones are never asked.
//
// Thread rule: one owner.
#pragma once

#include <map>
#include <vector>

#include "base/bitset.h"
#include "plan/existing_nodes.h"

namespace plan {

class NodeRoom {
 public:
  explicit NodeRoom(const std::vector<ExistingNode>& nodes);

  // The machine's remaining resources have changed.
  void update(std::size_t node, const ExistingNode& now);
  // Machines that have room for the demand, as of the first time that it was asked about; room only
  // shrinks within a round.
  const base::Bitset& fitting(const Amounts& demand);

 private:
  base::Bitset compute(const Amounts& demand) const;

  std::size_t count_;
  std::vector<std::vector<Amount>> left_;  // By dimension, then machine.
  base::Bitset sound_;                     // Not closed.
  std::map<Amounts, base::Bitset> asked_;
};

}  // namespace plan
