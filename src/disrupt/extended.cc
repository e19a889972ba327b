#include "disrupt/extended.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "disrupt/fair_price.h"
#include "disrupt/joint.h"
#include "disrupt/methods.h"
#include "disrupt/payback.h"
#include "world/names.h"

namespace disrupt {

namespace {

constexpr std::size_t kMostMachines = 100;  // Per pass.
constexpr std::size_t kLongestStride = 32;
constexpr std::size_t kLeastSpotTypes = 15;  // DIS-93
constexpr std::size_t kMostMoved = 400'000;  // Pods that simulations of groups may move.
constexpr std::array<std::size_t, 9> kGroupSizes{1, 2, 3, 4, 5, 6, 8, 12, 16};

bool is_spot(const Candidate& candidate) {
  return candidate.label(world::kCapacityTypeLabel) == cloud::capacity_type::kSpot;
}

double price_of(const Candidates& candidates) {
  return std::accumulate(
      candidates.begin(), candidates.end(), 0.0, [](double sum, const Candidate* candidate) {
        return sum + candidate->price;
      });
}

// Machines that go together, with what they need.
struct Part {
  Candidates candidates;
  std::vector<Launch> launches = {};

  double savings() const {
    double sum = price_of(candidates);
    for (const Launch& launch : launches) {
      sum -= launch.price();
    }
    return sum;
  }

  Outlay outlay() const {
    Outlay out{.evictions = evictions_of(candidates)};
    for (const Launch& launch : launches) {
      out.launches.push_back(launch.price());
    }
    return out;
  }
};

// What the candidates must not become again.
std::set<std::string, std::less<>> barred_types(const Pass& pass, const Candidates& candidates) {
  std::set<std::string, std::less<>> barred;
  for (const PastMove& move : pass.settings().past) {
    if (pass.snapshot().now - move.at < kNoReturn &&
        std::ranges::any_of(
            candidates,
            [&](const Candidate* candidate) {
              return move.into.contains(candidate->claim_name());
            })) {
      barred.insert(move.types.begin(), move.types.end());
    }
  }
  return barred;
}

// DIS-93: spot for spot only by the gate, and one for one only with a choice.
bool may_launch(Pass& pass, const Part& part) {
  if (std::ranges::none_of(part.candidates, [](const Candidate* c) { return is_spot(*c); })) {
    return true;
  }
  return std::ranges::all_of(part.launches, [&](const Launch& launch) {
    return !admits_spot(pass, launch) || (pass.settings().spot_to_spot &&
                                          (part.candidates.size() > 1 || part.launches.size() > 1 ||
                                           launch.types.size() >= kLeastSpotTypes));
  });
}

// Launches narrowed to what keeps half of the saving at worst. False: that leaves nothing.
bool narrow(Pass& pass, Part& part) {
  const auto barred = barred_types(pass, part.candidates);
  double spent = 0;
  for (const Launch& launch : part.launches) {
    spent += launch.price();
  }
  const double slack = spent > 0 ? part.savings() / 2 / spent : 0;
  for (Launch& launch : part.launches) {
    auto open = barred.empty() ? std::optional(launch) : without_types(pass, launch, barred);
    if (!open) {
      return false;
    }
    auto narrowed = capped_launch(pass, std::move(*open), launch.price() * (1 + slack));
    if (!narrowed || narrowed->price() <= 0) {
      return false;
    }
    launch = std::move(*narrowed);
  }
  return true;
}

class Search {
 public:
  Search(Pass& pass, Findings& findings)
      : pass_(pass), findings_(findings), allowed_(allowances_of(pass, kUnderutilized, findings)) {}

  void run(const Candidates& eligible) {
    Candidates rest = take_those_that_fit(eligible);
    if (accepted_.size() < kMostMachines) {
      take_groups(by_waste(std::move(rest)));
    }
    finish();
  }

 private:
  void refuse(const Candidate& candidate, std::string text) {
    findings_.notes.push_back(
        {.node = candidate.node, .text = std::move(text), .is_unconsolidatable = true});
  }

  // A budget is left, and the whole price would be worth the trouble (DIS-127).
  bool is_promising(const Candidate& candidate) {
    if (!is_allowed(allowed_, candidate, findings_)) {
      return false;
    }
    if (is_hopeless(candidate, pass_.totals()) ||
        net_gain(candidate.price, {.evictions = candidate.disruption_cost - 1}) < 0) {
      refuse(candidate, "what it saves does not pay for the disruption");
      return false;
    }
    return true;
  }

  Candidates with(const Candidates& more) const {
    Candidates all = accepted_;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  void accept(const Candidates& group) {
    for (const Candidate* candidate : group) {
      spend(allowed_, *candidate, findings_);
    }
    accepted_.insert(accepted_.end(), group.begin(), group.end());
    parts_.push_back(group);
  }

  // As many of those from `at` on as the stride and the budgets allow; `at` moves behind them.
  Candidates next_batch(const Candidates& from, std::size_t& at, std::size_t stride) {
    Allowances left = allowed_;
    Candidates batch;
    for (; at < from.size() && batch.size() < stride; ++at) {
      if (is_promising(*from[at])) {
        if (!spend(left, *from[at], findings_)) {
          continue;
        }
        batch.push_back(from[at]);
      }
    }
    return batch;
  }

  // Those whose pods fit on machines that stay, in strides that grow while all goes well and shrink
  // to the one that does not fit. Returns the others.
  Candidates take_those_that_fit(const Candidates& eligible) {
    Candidates rest;
    std::size_t stride = 1;
    for (std::size_t at = 0; at < eligible.size() && accepted_.size() < kMostMachines;) {
      const std::size_t from = at;
      const Candidates batch =
          next_batch(eligible, at, std::min(stride, kMostMachines - accepted_.size()));
      if (batch.empty()) {
        break;
      }
      if (fit_elsewhere(pass_, with(batch)) && is_balanced(batch, price_of(batch))) {
        accept(batch);
        stride = std::min(2 * stride, kLongestStride);
      } else if (batch.size() == 1) {
        rest.push_back(batch.front());
      } else {
        stride = std::max<std::size_t>(1, batch.size() / 2);
        at = from;
      }
    }
    return rest;
  }

  bool is_balanced(const Candidates& group, double savings) {
    return is_approved(weigh(group, savings, pass_.totals()));
  }

  // The most waste per eviction first; those whose waste cannot pay are left out.
  Candidates by_waste(Candidates rest) {
    const FairPrice fair(pass_.what_if().base());
    std::vector<std::pair<double, const Candidate*>> ranked;
    for (const Candidate* candidate : rest) {
      const double waste = candidate->price - fair.of(pass_.snapshot(), candidate->reschedulable);
      if (net_gain(waste, {.evictions = candidate->disruption_cost - 1}) > 0) {
        ranked.emplace_back(waste / candidate->disruption_cost, candidate);
      } else {
        refuse(*candidate, "no cheaper place for its pods would pay for the disruption");
      }
    }
    std::ranges::stable_sort(
        ranked, std::ranges::greater{}, [](const auto& one) { return one.first; });
    Candidates out;
    std::ranges::transform(
        ranked, std::back_inserter(out), [](const auto& one) { return one.second; });
    return out;
  }

  // The groups that begin with the first of those left, of growing size; the one that gains most.
  void take_groups(const Candidates& rest) {
    for (std::size_t at = 0; at < rest.size() && accepted_.size() < kMostMachines;) {
      Candidates best;
      Gain most;
      for (const std::size_t size : kGroupSizes) {
        if (at + size > rest.size() || moved_ > kMostMoved) {
          break;
        }
        const Candidates group(rest.begin() + static_cast<std::ptrdiff_t>(at),
                               rest.begin() + static_cast<std::ptrdiff_t>(at + size));
        if (const Gain gain = gain_of(group); gain.dollars > most.dollars) {
          most = gain;
          best = group;
        }
      }
      if (best.empty()) {
        refuse(*rest[at], "no cheaper place for its pods was found that pays for the disruption");
        ++at;
      } else {
        accept(best);
        price_ += most.price;
        at += best.size();
      }
    }
  }

  struct Gain {
    double dollars = 0;  // 0: nothing, or it must not be.
    double price = 0;    // Of what has to be launched for it, per hour.
  };

  // What the group gains on top of what is accepted.
  Gain gain_of(const Candidates& group) {
    Allowances left = allowed_;
    if (!std::ranges::all_of(group,
                             [&](const Candidate* one) { return spend(left, *one, findings_); })) {
      return {};
    }
    const Candidates all = with(group);
    for (const Candidate* candidate : all) {
      moved_ += candidate->reschedulable.size();
    }
    const auto answer = relocate_jointly(pass_, all);
    if (!answer) {
      return {};
    }
    const double price = answer->price - price_;
    Part part{.candidates = group, .launches = answer->launches};
    if (!may_launch(pass_, part) || !is_balanced(group, price_of(group) - price)) {
      return {};
    }
    Outlay outlay{.evictions = evictions_of(group)};
    if (price > 0) {
      outlay.launches = {price};
    }
    return {.dollars = net_gain(price_of(group) - price, outlay), .price = price};
  }

  // One simulation of all that was accepted, cut into commands that share no new machine.
  void finish() {
    if (accepted_.empty()) {
      return;
    }
    const auto answer = relocate_jointly(pass_, accepted_);
    if (!answer) {
      return;
    }
    std::map<world::PodId, std::size_t> part_of_pod;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      for (const Candidate* candidate : parts_[i]) {
        for (const world::PodId pod : candidate->reschedulable) {
          part_of_pod[pod] = i;
        }
      }
    }
    const std::vector<std::size_t> owner = owners(*answer, part_of_pod);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (owner[i] == i) {
        finish(i, owner, *answer, part_of_pod);
      }
    }
  }

  // By part: the first of those that share new machines with it.
  std::vector<std::size_t> owners(const JointAnswer& answer,
                                  const std::map<world::PodId, std::size_t>& part_of_pod) const {
    std::vector<std::size_t> owner(parts_.size());
    std::iota(owner.begin(), owner.end(), std::size_t{0});
    for (const Launch& launch : answer.launches) {
      std::set<std::size_t> sharing;
      for (const world::PodId pod : launch.claim.pods) {
        if (const auto part = part_of_pod.find(pod); part != part_of_pod.end()) {
          sharing.insert(owner[part->second]);
        }
      }
      for (std::size_t& one : owner) {
        one = sharing.contains(one) ? *sharing.begin() : one;
      }
    }
    return owner;
  }

  void finish(std::size_t first,
              const std::vector<std::size_t>& owner,
              const JointAnswer& answer,
              const std::map<world::PodId, std::size_t>& part_of_pod) {
    const auto is_here = [&](world::PodId pod) {
      const auto part = part_of_pod.find(pod);
      return part != part_of_pod.end() && owner[part->second] == first;
    };
    Part part;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (owner[i] == first) {
        part.candidates.insert(part.candidates.end(), parts_[i].begin(), parts_[i].end());
      }
    }
    std::ranges::copy_if(answer.launches, std::back_inserter(part.launches), [&](const Launch& l) {
      return std::ranges::any_of(l.claim.pods, is_here);
    });
    auto scorings = weigh(part.candidates, part.savings(), pass_.totals());
    if (net_gain(part.savings(), part.outlay()) < 0 || !is_approved(scorings) ||
        !may_launch(pass_, part) || !narrow(pass_, part)) {
      return;
    }
    std::ranges::move(scorings, std::back_inserter(findings_.scorings));
    Command& command = findings_.commands.emplace_back();
    command.method = Method::kExtended;
    command.savings = part.savings();
    for (const Candidate* candidate : part.candidates) {
      command.candidates.push_back(*candidate);
    }
    for (const Launch& launch : part.launches) {
      if (auto planned = pass_.what_if().planned(launch.claim)) {
        command.replacements.push_back(std::move(*planned));
      }
    }
    for (const plan::ExistingPlacement& placement : answer.placements) {
      const auto& claim = pass_.snapshot().nodes[placement.node].claim;
      if (claim != nullptr && std::ranges::any_of(placement.pods, is_here)) {
        command.destinations.push_back(claim->meta.name);
      }
    }
  }

  Pass& pass_;
  Findings& findings_;
  Allowances allowed_;
  Candidates accepted_;
  std::vector<Candidates> parts_;
  double price_ = 0;  // Of the launches that the accepted need.
  std::size_t moved_ = 0;
};

// What the simulated launches could become, by launch.
std::vector<std::set<std::string_view>> types_of(Pass& pass, const std::vector<Launch>& launches) {
  std::vector<std::set<std::string_view>> out;
  for (const Launch& launch : launches) {
    const plan::Columns& columns = *pass.what_if().base().templates()[launch.claim.tmpl].columns;
    auto& names = out.emplace_back();
    for (const plan::PricedType& type : launch.types) {
      names.insert(columns.type_of_row(type.row).name);
    }
  }
  return out;
}

// Looks again at commands that waited together.
class Review {
 public:
  Review(Pass& fresh, const std::vector<Command>& commands)
      : fresh_(fresh),
        commands_(commands),
        allowed_(allowances_of(fresh, kUnderutilized, findings_)),
        refusals_(commands.size()) {
    const Candidates eligible = consolidatable(fresh, findings_);
    for (const Command& command : commands) {
      now_.push_back(refreshed(eligible, command));
    }
  }

  std::vector<Validated> run() {
    for (std::size_t i = 0; i < commands_.size(); ++i) {
      refusals_[i] = refusal(i);
    }
    if (!hold(commands_.size())) {  // Then each on top of those before it that do.
      for (std::size_t i = 0; i < commands_.size(); ++i) {
        if (!refusals_[i] && !hold(i + 1)) {
          refusals_[i] = Refusal::kScheduling;
        }
      }
    }
    std::vector<Validated> out;
    for (std::size_t i = 0; i < commands_.size(); ++i) {
      if (refusals_[i]) {
        out.emplace_back(std::unexpected(*refusals_[i]));
      } else {
        out.emplace_back(commands_[i]);
      }
    }
    return out;
  }

 private:
  std::optional<Refusal> refusal(std::size_t at) {
    if (now_[at].size() != commands_[at].candidates.size()) {
      return Refusal::kChurn;
    }
    Allowances left = allowed_;
    for (const Candidate* candidate : now_[at]) {
      if (!spend(left, *candidate, findings_)) {
        return Refusal::kBudget;
      }
    }
    allowed_ = std::move(left);
    return std::nullopt;
  }

  // Do the first so many, without the refused, still come to the launches that they name?
  bool hold(std::size_t count) {
    Candidates all;
    std::size_t launches = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!refusals_[i]) {
        all.insert(all.end(), now_[i].begin(), now_[i].end());
        launches += commands_[i].replacements.size();
      }
    }
    if (all.empty()) {
      return true;
    }
    const auto answer = relocate_jointly(fresh_, all);
    if (!answer || answer->launches.size() != launches) {
      return false;
    }
    auto offered = types_of(fresh_, answer->launches);
    for (std::size_t i = 0; i < count; ++i) {
      if (!refusals_[i] && !take(commands_[i], offered)) {
        return false;
      }
    }
    return true;
  }

  // DIS-113: each launch of the command leaves no more types than one of the simulation's.
  static bool take(const Command& command, std::vector<std::set<std::string_view>>& offered) {
    return std::ranges::all_of(command.replacements, [&](const plan::PlannedClaim& planned) {
      const auto same = std::ranges::find_if(offered, [&](const auto& names) {
        return std::ranges::all_of(planned.instance_types(),
                                   [&](const std::string& type) { return names.contains(type); });
      });
      if (same == offered.end()) {
        return false;
      }
      offered.erase(same);
      return true;
    });
  }

  Pass& fresh_;
  const std::vector<Command>& commands_;
  Findings findings_;
  Allowances allowed_;
  std::vector<std::optional<Refusal>> refusals_;
  std::vector<Candidates> now_;  // By command.
};

}  // namespace

Findings find_extended(Pass& pass) {
  Findings findings;
  note_blocked(pass, Grace::kGraceful, findings);
  const Candidates eligible = consolidatable(pass, findings);
  if (!eligible.empty()) {
    Search(pass, findings).run(eligible);
  }
  return findings;
}

std::vector<Validated> validate_extended(Pass& fresh, const std::vector<Command>& commands) {
  return Review(fresh, commands).run();
}

PastMove past_move(const Command& command,
                   const std::vector<std::string>& replacements,
                   k8s::TimeNs now) {
  PastMove move{.at = now};
  move.into.insert(command.destinations.begin(), command.destinations.end());
  move.into.insert(replacements.begin(), replacements.end());
  for (const Candidate& candidate : command.candidates) {
    move.types.emplace(candidate.label(world::kInstanceTypeLabel));
  }
  return move;
}

}  // namespace disrupt
