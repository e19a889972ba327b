#include "disrupt/extended.h"

#include <algorithm>
#include <array>

#include "disrupt/extended_commands.h"
#include "disrupt/extended_move.h"
#include "disrupt/fair_price.h"
#include "disrupt/joint.h"
#include "disrupt/methods.h"
#include "world/names.h"

namespace disrupt {

namespace {

constexpr std::size_t kMostMachines = 100;  // Per pass.
constexpr std::size_t kLongestStride = 32;
constexpr std::size_t kMostMoved = 400'000;  // Pods that simulations of groups may move.
constexpr std::array<std::size_t, 9> kGroupSizes{1, 2, 3, 4, 5, 6, 8, 12, 16};

class Search {
 public:
  Search(Pass& pass, Findings& findings)
      : pass_(pass),
        findings_(findings),
        allowed_(allowances_of(pass, kUnderutilized, findings)),
        payback_(pass.snapshot()) {}

  void run(const Candidates& eligible) {
    Candidates rest = take_those_that_fit(eligible);
    if (accepted_.size() < kMostMachines) {
      take_groups(by_waste(std::move(rest)));
    }
    finish();
    findings_.look_again = payback_.look_again();
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
        payback_.gain({&candidate}, candidate.price, {.evictions = evictions_of({&candidate})}) <
            0) {
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

  // The most waste per eviction first; those whose waste cannot pay are left out, and those that a
  // move has brought.
  Candidates by_waste(Candidates rest) {
    const FairPrice fair(pass_.what_if().base());
    std::vector<std::pair<double, const Candidate*>> ranked;
    for (const Candidate* candidate : rest) {
      if (came_with_a_move(pass_, *candidate)) {
        refuse(*candidate, "it came up with a move less than an hour ago");
        continue;
      }
      const double waste = candidate->price - fair.of(pass_.snapshot(), candidate->reschedulable);
      if (payback_.gain({candidate}, waste, {.evictions = evictions_of({candidate})}) > 0) {
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
    const Move move{.candidates = group, .launches = answer->launches};
    if (!may_launch(pass_, move) || !is_balanced(group, price_of(group) - price)) {
      return {};
    }
    Outlay outlay{.evictions = evictions_of(group)};
    if (price > 0) {
      outlay.launches = {price};
    }
    return {.dollars = payback_.gain(group, price_of(group) - price, outlay), .price = price};
  }

  // One simulation of all that was accepted.
  void finish() {
    if (accepted_.empty()) {
      return;
    }
    if (const auto answer = relocate_jointly(pass_, accepted_)) {
      cut_into_commands(pass_, parts_, *answer, payback_, findings_);
    }
  }

  Pass& pass_;
  Findings& findings_;
  Allowances allowed_;
  Payback payback_;
  Candidates accepted_;
  std::vector<Candidates> parts_;
  double price_ = 0;  // Of the launches that the accepted need.
  std::size_t moved_ = 0;
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
