#include "plan/node_room.h"

#include <algorithm>

namespace plan {

NodeRoom::NodeRoom(const std::vector<ExistingNode>& nodes)
    : count_(nodes.size()),
      left_(nodes.empty() ? 0 : nodes.front().remaining.size(), std::vector<Amount>(nodes.size())),
      sound_(nodes.size()) {
  for (std::size_t i = 0; i < count_; ++i) {
    update(i, nodes[i]);
    sound_.assign(i, !nodes[i].is_closed);
  }
}

void NodeRoom::update(std::size_t node, const ExistingNode& now) {
  for (std::size_t d = 0; d < left_.size(); ++d) {
    left_[d][node] = now.remaining[d];
  }
}

const base::Bitset& NodeRoom::fitting(const Amounts& demand) {
  const auto known = asked_.find(demand);
  return known != asked_.end() ? known->second
                               : asked_.emplace(demand, compute(demand)).first->second;
}

base::Bitset NodeRoom::compute(const Amounts& demand) const {
  std::vector<base::BitWord> words(base::words_for_bits(count_));
  for (std::size_t w = 0; w < words.size(); ++w) {
    const std::size_t first = w * base::kBitsPerWord;
    const std::size_t bits = std::min(base::kBitsPerWord, count_ - first);
    words[w] = sound_.words()[w];
    for (std::size_t d = 0; d < left_.size() && words[w] != 0; ++d) {
      if (demand[d] <= 0) {
        continue;  // SCH-61
      }
      base::BitWord enough = 0;
      for (std::size_t bit = 0; bit < bits; ++bit) {
        enough |= base::BitWord{left_[d][first + bit] >= demand[d]} << bit;
      }
      words[w] &= enough;
    }
  }
  return {std::move(words), count_};
}

}  // namespace plan
