#include "plan/lower_bound_model.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "plan/packing_fill.h"
#include "plan/packing_linear.h"

namespace plan {
namespace {

using model::Undefined::kWellKnown;
// Rules that ask for many machines; leaving the others out only lowers the bound.
constexpr std::size_t kMostRules = 16;

class Builder {
 public:
  Builder(Round& round, const Plan& plan) : round_(round), plan_(plan), sets_(round.base.sets()) {}

  BoundModel build() {
    count_pods();
    find_rules();
    find_caps();
    make_kinds();
    make_machines();
    return std::move(model_);
  }

 private:
  const PodClass& pod_class(std::uint32_t number) const { return round_.classes.classes()[number]; }

  // What a pod never gives up.
  const Variant& least(std::uint32_t number) const { return pod_class(number).variants.back(); }

  void count_pods() {
    for (const PlannedClaim& claim : plan_.claims) {
      for (const world::PodId pod : claim.pods) {
        ++count_[round_.class_of_pod[pod]];
      }
    }
  }

  // Hard constraints of pods that count for them themselves.
  template <typename Fn>
  void for_each_own_group(std::uint32_t number, Fn&& fn) const {
    const PodClass& asked = pod_class(number);
    for (const OwnedGroup& owned : least(number).groups) {
      if (owned.is_self && !owned.is_soft &&
          std::ranges::find(asked.counted_by, owned.group) != asked.counted_by.end()) {
        fn(owned.group, round_.topology.group(owned.group));
      }
    }
  }

  void find_rules() {
    std::map<GroupId, BoundRule> rules;
    for (const auto& [number, count] : count_) {
      for_each_own_group(number, [&](GroupId id, const TopologyGroup& group) {
        const bool is_spread = group.spec.kind == GroupKind::kSpread;
        if (group.is_hostname && (is_spread || group.spec.kind == GroupKind::kAntiAffinity)) {
          BoundRule& rule = rules[id];
          rule.most = is_spread ? group.spec.max_skew : 1;
          rule.machines += static_cast<double>(count) / rule.most;
        }
      });
    }
    std::vector<std::pair<GroupId, BoundRule>> order(rules.begin(), rules.end());
    std::ranges::stable_sort(
        order, std::greater{}, [](const auto& entry) { return entry.second.machines; });
    order.resize(std::min(order.size(), kMostRules));
    for (const auto& [id, rule] : order) {
      rule_of_[id] = static_cast<std::uint32_t>(model_.rules.size());
      model_.rules.push_back(rule);
    }
  }

  // Zone spread is kept where the end of the round is known to hold it: nothing runs yet, and every
  // pod that counts is bound by the constraint and goes to a new machine. Then no zone has more
  // than max_skew above any other.
  void find_caps() {
    if (!round_.nodes.nodes().empty() || !plan_.existing.empty()) {
      return;
    }
    bool has_bound_pods = false;
    round_.base.snapshot().nodes.for_each(
        [&](world::NodeId, const world::NodeRow&) { has_bound_pods = true; });
    if (has_bound_pods) {
      return;
    }
    std::map<GroupId, std::int64_t> bound;  // Pods that own the group.
    std::map<GroupId, std::int64_t> counted;
    for (const auto& [number, count] : count_) {
      for_each_own_group(number, [&](GroupId id, const TopologyGroup& group) {
        if (is_plain_zone_spread(number, group)) {
          bound[id] += count;
        }
      });
      for (const GroupId id : pod_class(number).counted_by) {
        counted[id] += count;
      }
    }
    for (const auto& [id, count] : bound) {
      const TopologyGroup& group = round_.topology.group(id);
      if (counted[id] != count || group.domains.empty()) {
        continue;
      }
      const auto zones = static_cast<std::int64_t>(group.domains.size());
      const std::int64_t most = (count + (zones - 1) * group.spec.max_skew) / zones;
      for (const DomainCount& domain : group.domains) {
        caps_of_[id].push_back(static_cast<std::uint32_t>(model_.caps.size()));
        model_.caps.push_back({.zone = domain.domain, .most = static_cast<double>(most)});
      }
    }
  }

  bool is_plain_zone_spread(std::uint32_t number, const TopologyGroup& group) const {
    const GroupSpec& spec = group.spec;
    return spec.kind == GroupKind::kSpread &&
           round_.base.words().text(spec.key) == cloud::label::kZone && !spec.min_domains &&
           spec.filter.terms.empty() &&
           std::ranges::all_of(pod_class(number).variants, [&](const Variant& variant) {
             return sets_.get(variant.strict.set, spec.key) == nullptr;
           });
  }

  void make_kinds() {
    using Key = std::tuple<std::vector<std::pair<model::SetId, TolerationsId>>,
                           Amounts,
                           std::vector<std::uint32_t>,
                           std::vector<std::uint32_t>>;
    std::map<Key, std::size_t> known;
    for (const auto& [number, count] : count_) {
      std::vector<std::uint32_t> rules;
      std::vector<std::uint32_t> caps;
      for_each_own_group(number, [&](GroupId id, const TopologyGroup&) {
        if (const auto rule = rule_of_.find(id); rule != rule_of_.end()) {
          rules.push_back(rule->second);
        }
        if (const auto found = caps_of_.find(id); found != caps_of_.end()) {
          caps.insert(caps.end(), found->second.begin(), found->second.end());
        }
      });
      const PodClass& asked = pod_class(number);
      std::vector<std::pair<model::SetId, TolerationsId>> asks;
      for (const Variant& variant : asked.variants) {
        asks.emplace_back(variant.all.set, variant.tolerations);
      }
      const auto [it, is_new] =
          known.try_emplace({asks, asked.demand, rules, caps}, model_.kinds.size());
      if (is_new) {
        model_.kinds.push_back({.demand = {asked.demand.begin(), asked.demand.end()},
                                .count = 0,
                                .rules = rules,
                                .caps = caps});
        example_.push_back(number);
      }
      model_.kinds[it->second].count += static_cast<double>(count);
    }
  }

  // Rows that the same kinds may use compete within a zone and capacity type.
  struct Cell {
    model::Symbol zone;
    model::Symbol capacity_type;
    std::vector<std::uint32_t> kinds;
    friend auto operator<=>(const Cell&, const Cell&) = default;
  };

  void make_machines() {
    for (Template& tmpl : round_.base.templates()) {
      admissions_.clear();
      for (std::uint32_t kind = 0; kind < model_.kinds.size(); ++kind) {
        admissions_.push_back(admissions(tmpl, kind));
      }
      std::map<Cell, std::vector<PackMachine>> cells;
      for (const DaemonGroup& group : tmpl.groups) {
        base::Bitset rows = tmpl.rows;
        rows &= group.rows;
        rows.for_each_set([&](std::size_t row) { add_row(tmpl, group, row, cells); });
      }
      std::map<std::vector<std::uint32_t>, std::uint32_t> access;
      for (auto& [cell, machines] : cells) {
        const auto [it, is_new] =
            access.try_emplace(cell.kinds, static_cast<std::uint32_t>(model_.access.size()));
        if (is_new) {
          model_.access.push_back(cell.kinds);
        }
        for (PackMachine& machine : without_dominated(std::move(machines))) {
          model_.machines.push_back({.supply = std::move(machine.supply),
                                     .price = machine.price,
                                     .zone = cell.zone,
                                     .access = it->second});
        }
      }
    }
  }

  static bool has_own_labels(const Columns& columns, std::size_t row, const OfferColumn& offer) {
    const cloud::Offering& offering = columns.type_of_row(row).offerings[offer.offering];
    return !offering.reservation_id.empty() ||
           std::ranges::any_of(offering.labels, [](const cloud::TypeLabel& label) {
             return !label.values.empty();  // Without values: it does not exist.
           });
  }

  void add_row(const Template& tmpl,
               const DaemonGroup& group,
               std::size_t row,
               std::map<Cell, std::vector<PackMachine>>& cells) {
    Columns& columns = *tmpl.columns;
    Amounts supply = columns.allocatable(row);
    subtract(supply, group.demand);
    const base::Bitset& live = columns.live_offers(tmpl.set);
    std::map<std::pair<model::Symbol, model::Symbol>, double> prices;
    std::map<std::pair<model::Symbol, model::Symbol>, std::vector<std::uint32_t>> kinds;
    std::size_t position = columns.first_offer_of_row(row);
    for (const OfferColumn& offer : columns.offers_of_row(row)) {
      const std::size_t at = position++;
      // What labels of its own ask may come with another pod of the claim (SCH-23).
      const bool is_special = has_own_labels(columns, row, offer);
      if (!offer.is_available || (!is_special && !live.test(at))) {
        continue;
      }
      const std::pair place(offer.zone, offer.capacity_type);
      const auto [it, is_new] = prices.try_emplace(place, offer.price);
      it->second = std::min(it->second, offer.price);
      for (std::uint32_t kind = 0; kind < admissions_.size(); ++kind) {
        if (std::ranges::any_of(admissions_[kind], [&](const Admission& admitted) {
              return admitted.rows->test(row) && (is_special || admitted.offers->test(at));
            })) {
          kinds[place].push_back(kind);
        }
      }
    }
    for (auto& [place, price] : prices) {
      std::vector<std::uint32_t>& allowed = kinds[place];
      std::ranges::sort(allowed);
      allowed.erase(std::ranges::unique(allowed).begin(), allowed.end());
      if (!allowed.empty()) {
        cells[{.zone = place.first, .capacity_type = place.second, .kinds = allowed}].push_back(
            {.supply = {supply.begin(), supply.end()}, .price = price});
      }
    }
  }

  // What a variant of a kind may use of a template. Labels that only another pod of the claim
  // brings along (SCH-23) are let pass.
  struct Admission {
    const base::Bitset* rows = nullptr;
    const base::Bitset* offers = nullptr;
  };

  std::vector<Admission> admissions(const Template& tmpl, std::uint32_t kind) {
    std::vector<Admission> made;
    for (const Variant& variant : pod_class(example_[kind]).variants) {
      if (!sets_.intersects(tmpl.set, variant.all.set) ||
          !round_.base.taints().tolerates(variant.tolerations, tmpl.taints)) {
        continue;
      }
      const model::SetId set = sets_.combine(tmpl.set, variant.all.set, kWellKnown);
      const model::SetId asked = set.is_valid() ? set : tmpl.set;
      made.push_back({.rows = &tmpl.columns->compatible_rows(asked),
                      .offers = &tmpl.columns->live_offers(asked)});
    }
    return made;
  }

  Round& round_;
  const Plan& plan_;
  model::SetTable& sets_;
  BoundModel model_;
  std::map<std::uint32_t, std::int64_t> count_;  // Pods on new machines, by class.
  std::map<GroupId, std::uint32_t> rule_of_;
  std::map<GroupId, std::vector<std::uint32_t>> caps_of_;
  std::vector<std::uint32_t> example_;  // A class of each kind.
  // By kind, for the template under way; one for each variant, since ORed terms are not nested.
  std::vector<std::vector<Admission>> admissions_;
};

}  // namespace

BoundModel bound_model(Round& round, const Plan& plan) {
  return Builder(round, plan).build();
}

bool carries(const BoundMachine& machine, const BoundKind& kind) {
  return std::ranges::equal(kind.demand, machine.supply, [](double demand, double supply) {
    return demand <= supply || demand <= 0;
  });
}

double most_worth(const BoundModel& model,
                  const BoundMachine& machine,
                  std::span<const double> worth) {
  std::vector<std::uint32_t> kinds;
  std::vector<double> gain;
  for (const std::uint32_t kind : model.access[machine.access]) {
    if (worth[kind] > 0 && carries(machine, model.kinds[kind])) {
      kinds.push_back(kind);
      gain.push_back(worth[kind]);
    }
  }
  const std::size_t dimensions = machine.supply.size();
  std::vector<double> rows;
  std::vector<double> limits;
  for (std::size_t d = 0; d < dimensions; ++d) {
    const double unit = std::max(machine.supply[d], 1.0);  // Shares of the machine.
    for (const std::uint32_t kind : kinds) {
      rows.push_back(model.kinds[kind].demand[d] / unit);
    }
    limits.push_back(std::max(machine.supply[d], 0.0) / unit);
  }
  for (std::uint32_t rule = 0; rule < model.rules.size(); ++rule) {
    for (const std::uint32_t kind : kinds) {
      const auto& own = model.kinds[kind].rules;
      rows.push_back(std::ranges::find(own, rule) == own.end() ? 0 : 1 / model.rules[rule].most);
    }
    limits.push_back(1);
  }
  std::vector<double> prices = maximize(gain, rows, limits).prices;
  // Weak duality holds for any prices that cover each kind: make them cover.
  double stretch = 1;
  double total = 0;
  for (std::size_t r = 0; r < prices.size(); ++r) {
    prices[r] = std::max(prices[r], 0.0);
    total += prices[r] * limits[r];
  }
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    double covered = 0;
    for (std::size_t r = 0; r < prices.size(); ++r) {
      covered += prices[r] * rows[r * kinds.size() + k];
    }
    stretch = std::max(stretch, covered > 0 ? gain[k] / covered : 1e12);
  }
  return total * stretch;
}

}  // namespace plan
