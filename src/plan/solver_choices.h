// Walking the combinations of topology choices (SCH-345, improved: a domain that the rest of the
// constraints cannot use is followed by the next one).
#pragma once

#include <array>

#include "plan/solver.h"

namespace plan {

// Combinations tried per placement: a guard against products of many keys with many domains.
inline constexpr int kMaxChoices = 256;

template <typename TrySet>
Verdict Solver::for_each_choice(const TopologyAnswer& answer,
                                model::SetId set,
                                model::Undefined undefined,
                                TrySet&& try_set) {
  model::SetTable& sets = base_.sets();
  std::vector<std::size_t> position(answer.choices.size(), 0);
  Verdict last = Verdict::kNotNow;
  for (int tries = 0; tries < kMaxChoices; ++tries) {
    model::SetId narrowed = set;
    for (std::size_t i = 0; i < answer.choices.size() && narrowed.is_valid(); ++i) {
      const KeyChoice& choice = answer.choices[i];
      model::Requirement requirement{.key = choice.key};
      if (choice.is_single) {
        requirement.values = {choice.options[position[i]]};
      } else {
        requirement.values = choice.options;
        std::ranges::sort(requirement.values);
      }
      const model::SetId incoming = sets.add(sets.empty(), requirement);
      narrowed = sets.combine(narrowed, incoming, undefined);
    }
    last = narrowed.is_valid() ? try_set(narrowed) : Verdict::kNotNow;
    if (last == Verdict::kFits || last == Verdict::kDeferred) {
      return last;
    }
    std::size_t key = 0;  // The next combination; the last key varies slowest.
    for (; key < position.size(); ++key) {
      if (answer.choices[key].is_single && ++position[key] < answer.choices[key].options.size()) {
        break;
      }
      position[key] = 0;
    }
    if (key == position.size()) {
      break;
    }
  }
  return Verdict::kNotNow;
}

}  // namespace plan
