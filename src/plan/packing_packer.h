// The method of plan/packing_fill.h: machines of a lane, one choice after the other, then
// improvement. Its own header because filling and improving are two files. Thread rule: one owner.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "plan/packing_fill.h"
#include "plan/packing_filler.h"
#include "plan/packing_worth.h"

namespace plan {

class Packer {
 public:
  Packer(const PackProblem& problem, std::int64_t& steps);

  // Empty when some pod fits no machine of its lane.
  std::vector<PackBin> run();

 private:
  // Price per worth of a fill. Fewer pods never make it better by much: what was found earlier
  // serves as the estimate until the machine is looked at again.
  struct Prospect {
    double ratio = 0;
    std::size_t machine = 0;
  };

  // A machine, the pods that it gets, and its price per worth of them.
  struct Choice {
    PodsOfGroups pods;
    std::size_t machine = 0;
    double ratio = std::numeric_limits<double>::max();
  };

  std::vector<PackBin> pack_all(std::uint32_t scale);
  // `scale`: how many times a fill shall be used at least. Fills of groups with many pods are found
  // once for many machines; as soon as they waste too much, fewer uses must do, so that more groups
  // mix. `bias`: how much of its price a machine is worth without pods; larger ones win.
  bool pack_lane(std::uint32_t lane, std::uint32_t scale, double bias, std::vector<PackBin>& bins);
  Choice choose(std::uint32_t lane,
                std::uint32_t scale,
                double bias,
                std::vector<Prospect>& prospects);
  // What the pods that are left in the lane are worth.
  void appraise(std::uint32_t lane);
  double left_worth(std::uint32_t lane) const;
  bool has_pods(std::uint32_t lane) const;
  // The machine as full as the pods that are left make it.
  void fill(std::uint32_t lane, std::uint32_t scale, const PackMachine& machine);
  // No fill pays better than one without any waste.
  double best_ratio(std::uint32_t lane, const PackMachine& machine) const;
  std::vector<Prospect> first_prospects(std::uint32_t lane) const;
  // As often as there are pods for it.
  void use(std::uint32_t lane, double price, const PodsOfGroups& pods, std::vector<PackBin>& bins);

  // Ruin and recreate: the bins of a lane that lose most, with some others, are packed anew.
  void improve(std::vector<PackBin>& bins);
  bool try_again(std::vector<PackBin>& bins, std::size_t turn);
  // Bins to pack anew, `bins` being sorted by loss: mostly the worst, with its neighbours or with
  // others from anywhere. In ascending order.
  std::vector<std::size_t> choose_bins(const std::vector<PackBin>& bins, std::size_t turn) const;
  // Pods of the other lane may be packed anew together with the lane's.
  bool takes(std::uint32_t lane, std::uint32_t other) const;
  double loss_of(const PackBin& bin) const;
  void give_back(const PackBin& bin);
  void take_back(const PackBin& bin);

  const PackProblem& problem_;
  std::int64_t& steps_;
  std::int64_t few_steps_;  // With fewer than that left, only the likeliest machines are looked at.
  bool is_improving_ = false;
  std::vector<std::uint32_t> left_;                  // Pods without a machine, by group.
  std::vector<std::vector<std::uint32_t>> of_lane_;  // Groups, those of most worth first.
  std::vector<std::vector<std::uint32_t>> guests_of_lane_;
  std::vector<Worth> worth_;
  std::vector<double> group_worth_;
  std::vector<double> first_worth_;  // Of the whole problem.
  std::vector<double> weight_;
  Filler filler_;
};

// Dollars per hour of all of them.
double price_of(const std::vector<PackBin>& bins);

}  // namespace plan
