#include "disrupt/extended_commands.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "disrupt/extended_move.h"

namespace disrupt {

namespace {

class Cutter {
 public:
  Cutter(Pass& pass,
         const std::vector<Candidates>& parts,
         const JointAnswer& answer,
         Payback& payback,
         Findings& findings)
      : pass_(pass), parts_(parts), answer_(answer), payback_(payback), findings_(findings) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      for (const Candidate* candidate : parts[i]) {
        for (const world::PodId pod : candidate->reschedulable) {
          part_of_pod_[pod] = i;
        }
      }
    }
    find_owners();
  }

  void run() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (owner_[i] == i) {
        finish(i);
      }
    }
  }

 private:
  // Parts that share new machines belong to the first of them.
  void find_owners() {
    owner_.resize(parts_.size());
    std::iota(owner_.begin(), owner_.end(), std::size_t{0});
    for (const Launch& launch : answer_.launches) {
      std::set<std::size_t> sharing;
      for (const world::PodId pod : launch.claim.pods) {
        if (const auto part = part_of_pod_.find(pod); part != part_of_pod_.end()) {
          sharing.insert(owner_[part->second]);
        }
      }
      for (std::size_t& one : owner_) {
        one = sharing.contains(one) ? *sharing.begin() : one;
      }
    }
  }

  template <typename Pods>
  bool has_pod_of(const Pods& pods, std::size_t owner) const {
    return std::ranges::any_of(pods, [&](world::PodId pod) {
      const auto part = part_of_pod_.find(pod);
      return part != part_of_pod_.end() && owner_[part->second] == owner;
    });
  }

  Move move_of(std::size_t owner) const {
    Move move;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (owner_[i] == owner) {
        move.candidates.insert(move.candidates.end(), parts_[i].begin(), parts_[i].end());
      }
    }
    for (const Launch& launch : answer_.launches) {
      if (has_pod_of(launch.claim.pods, owner)) {
        move.launches.push_back(launch);
      }
    }
    return move;
  }

  void finish(std::size_t owner) {
    Move move = move_of(owner);
    auto scorings = weigh(move.candidates, move.savings(), pass_.totals());
    if (payback_.gain(move.candidates, move.savings(), outlay_of(move)) < 0 ||
        !is_approved(scorings) || !may_launch(pass_, move) || !narrow(pass_, move)) {
      return;
    }
    std::ranges::move(scorings, std::back_inserter(findings_.scorings));
    Command& command = findings_.commands.emplace_back();
    command.method = Method::kExtended;
    command.savings = move.savings();
    for (const Candidate* candidate : move.candidates) {
      command.candidates.push_back(*candidate);
    }
    for (const Launch& launch : move.launches) {
      if (auto planned = pass_.what_if().planned(launch.claim)) {
        command.replacements.push_back(std::move(*planned));
      }
    }
    for (const plan::ExistingPlacement& placement : answer_.placements) {
      const auto& claim = pass_.snapshot().nodes[placement.node].claim;
      if (claim != nullptr && has_pod_of(placement.pods, owner)) {
        command.destinations.push_back(claim->meta.name);
      }
    }
  }

  Pass& pass_;
  const std::vector<Candidates>& parts_;
  const JointAnswer& answer_;
  Payback& payback_;
  Findings& findings_;
  std::map<world::PodId, std::size_t> part_of_pod_;
  std::vector<std::size_t> owner_;  // By part: the part whose command it belongs to.
};

}  // namespace

void cut_into_commands(Pass& pass,
                       const std::vector<Candidates>& parts,
                       const JointAnswer& answer,
                       Payback& payback,
                       Findings& findings) {
  Cutter(pass, parts, answer, payback, findings).run();
}

}  // namespace disrupt
