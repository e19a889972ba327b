// The second look at commands of extended consolidation that waited together.

#include <algorithm>
#include <optional>
#include <set>

#include "disrupt/extended.h"
#include "disrupt/joint.h"
#include "disrupt/methods.h"

namespace disrupt {

namespace {

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

std::vector<Validated> validate_extended(Pass& fresh, const std::vector<Command>& commands) {
  return Review(fresh, commands).run();
}

}  // namespace disrupt
