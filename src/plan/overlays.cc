#include "plan/overlays.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>
#include <utility>

#include "k8s/schema/runtime_validation.h"
#include "model/requirement_set.h"
#include "plan/node_constraint.h"

namespace plan {
namespace {

using OverlayPtr = std::shared_ptr<const k8s::NodeOverlay>;

std::int32_t weight_of(const k8s::NodeOverlay& overlay) {
  return overlay.weight.value_or(0);
}

// LIF-199: what is known of one offering's price.
struct PriceUpdate {
  std::string text;              // Of the first overlay: a price or an adjustment.
  std::int32_t last_weight = 0;  // Of the last one that wanted it (LIF-202).
};

// What overlays make of one instance type of one pool.
struct TypeUpdate {
  std::map<std::size_t, PriceUpdate> prices;  // By offering.
  k8s::Resources capacity;
  std::map<std::int32_t, std::set<std::string>> claimed;  // Resources by weight (LIF-200).

  bool is_empty() const { return prices.empty() && capacity.begin() == capacity.end(); }
};

struct Match {
  std::size_t pool = 0;
  std::size_t type = 0;
  std::vector<std::size_t> offerings;
};

class Overlays {
 public:
  explicit Overlays(const OverlayInput& input)
      : input_(input), sets_(words_, input.schema), updates_(input.pools.size()) {
    for (std::size_t i = 0; i < input.pools.size(); ++i) {
      if (input.pools[i].catalogue != nullptr) {
        updates_[i].resize(input.pools[i].catalogue->types.size());
      }
    }
  }

  OverlayResult run() {
    // LIF-195
    std::vector<OverlayPtr> ordered = input_.overlays;
    std::ranges::sort(ordered, [](const OverlayPtr& a, const OverlayPtr& b) {
      return std::tuple(weight_of(*a), std::cref(a->meta.name).get()) >
             std::tuple(weight_of(*b), std::cref(b->meta.name).get());
    });
    OverlayResult result;
    for (const OverlayPtr& overlay : ordered) {
      result.verdicts.push_back(judge(overlay));
    }
    for (std::size_t i = 0; i < input_.pools.size(); ++i) {
      if (input_.pools[i].catalogue != nullptr) {
        result.catalogues[input_.pools[i].pool->meta.name] = decorate(i);
      }
    }
    return result;
  }

 private:
  // LIF-196, LIF-198: all of the overlay, or nothing.
  OverlayVerdict judge(const OverlayPtr& overlay) {
    std::vector<std::string> names;
    for (const auto& [name, quantity] : overlay->capacity) {
      names.push_back(name);
    }
    const auto problems =
        k8s::schema::validate_node_overlay(overlay->requirements, names, input_.flavour);
    if (!problems.empty()) {
      return {overlay, "RuntimeValidation", k8s::schema::joined(problems)};
    }
    const std::vector<Match> matches = find_matches(*overlay);
    if (std::ranges::any_of(matches, [&](const Match& m) { return conflicts(*overlay, m); })) {
      return {overlay, "Conflict", "conflict with another overlay"};
    }
    for (const Match& match : matches) {
      store(*overlay, match);
    }
    return {.overlay = overlay};
  }

  model::SetId set_of(const std::vector<cloud::TypeLabel>& labels, model::SetId set) {
    for (const cloud::TypeLabel& label : labels) {
      set = sets_.add(
          set, model::make_requirement(words_, label.key, model::Operator::kIn, label.values));
    }
    return set;
  }

  // LIF-197: by what the pool gives its nodes, and what the type says of itself.
  std::vector<Match> find_matches(const k8s::NodeOverlay& overlay) {
    const model::SetId wanted =
        ConstraintBuilder(sets_).add(std::span(overlay.requirements)).build().set;
    std::vector<Match> matches;
    for (std::size_t i = 0; i < input_.pools.size(); ++i) {
      const OverlaidPool& pool = input_.pools[i];
      if (pool.catalogue == nullptr) {
        continue;
      }
      const model::SetId view =
          ConstraintBuilder(sets_)
              .add(pool.pool->template_labels)
              .add(k8s::StringMap{{std::string(cloud::label::kNodePool), pool.pool->meta.name}})
              .build()
              .set;
      for (std::size_t t = 0; t < pool.catalogue->types.size(); ++t) {
        const cloud::InstanceType& type = pool.catalogue->types[t];
        const model::SetId whole = sets_.merge(view, set_of(type.labels, sets_.empty()));
        if (!sets_.combine(whole, wanted, model::Undefined::kNone).is_valid()) {
          continue;
        }
        Match match{.pool = i, .type = t, .offerings = matching_offerings(type, wanted)};
        if (!match.offerings.empty()) {
          matches.push_back(std::move(match));
        }
      }
    }
    return matches;
  }

  std::vector<std::size_t> matching_offerings(const cloud::InstanceType& type,
                                              model::SetId wanted) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < type.offerings.size(); ++i) {
      const cloud::Offering& offering = type.offerings[i];
      std::vector<cloud::TypeLabel> labels = offering.labels;
      labels.push_back({std::string(cloud::label::kZone), {offering.zone}});
      labels.push_back({std::string(cloud::label::kCapacityType), {offering.capacity_type}});
      if (!offering.zone_id.empty()) {
        labels.push_back({std::string(cloud::label::kZoneId), {offering.zone_id}});
      }
      if (sets_.intersects(wanted, set_of(labels, sets_.empty()))) {
        found.push_back(i);
      }
    }
    return found;
  }

  static std::string price_text(const k8s::NodeOverlay& overlay) {
    return overlay.price.empty() ? overlay.price_adjustment : overlay.price;
  }

  // LIF-199, LIF-200
  bool conflicts(const k8s::NodeOverlay& overlay, const Match& match) const {
    const TypeUpdate& update = updates_[match.pool][match.type];
    const std::int32_t weight = weight_of(overlay);
    if (!price_text(overlay).empty()) {
      for (const std::size_t offering : match.offerings) {
        const auto found = update.prices.find(offering);
        if (found != update.prices.end() && found->second.last_weight == weight) {
          return true;
        }
      }
    }
    const auto claimed = update.claimed.find(weight);
    return claimed != update.claimed.end() &&
           std::ranges::any_of(overlay.capacity, [&](const auto& entry) {
             return claimed->second.contains(entry.first);
           });
  }

  // LIF-202
  void store(const k8s::NodeOverlay& overlay, const Match& match) {
    TypeUpdate& update = updates_[match.pool][match.type];
    if (const std::string text = price_text(overlay); !text.empty()) {
      for (const std::size_t offering : match.offerings) {
        update.prices.try_emplace(offering, PriceUpdate{.text = text}).first->second.last_weight =
            weight_of(overlay);
      }
    }
    for (const auto& [name, quantity] : overlay.capacity) {
      update.claimed[weight_of(overlay)].insert(name);
      if (update.capacity.find(name) == nullptr) {
        update.capacity.set(name, quantity);
      }
    }
  }

  // Pools with equal updates of one catalogue share the copy: the planner compiles it once.
  cloud::CataloguePtr decorate(std::size_t pool) {
    const std::vector<TypeUpdate>& updates = updates_[pool];
    const cloud::CataloguePtr& source = input_.pools[pool].catalogue;
    if (std::ranges::all_of(updates, &TypeUpdate::is_empty)) {
      return source;
    }
    std::string key;
    for (std::size_t t = 0; t < updates.size(); ++t) {
      for (const auto& [offering, price] : updates[t].prices) {
        key.append(std::to_string(t) + "/" + std::to_string(offering) + "=" + price.text + ";");
      }
      for (const auto& [name, quantity] : updates[t].capacity) {
        key.append(std::to_string(t) + "/" + name + "=" + quantity.text() + ";");
      }
    }
    cloud::CataloguePtr& made = made_[{source.get(), std::move(key)}];
    if (made == nullptr) {
      auto copy = std::make_shared<cloud::Catalogue>(*source);
      for (std::size_t t = 0; t < updates.size(); ++t) {
        apply(updates[t], copy->types[t]);
      }
      made = std::move(copy);
    }
    return made;
  }

  // LIF-208, LIF-209
  static void apply(const TypeUpdate& update, cloud::InstanceType& type) {
    for (const auto& [offering, price] : update.prices) {
      type.offerings[offering].price = adjusted_price(type.offerings[offering].price, price.text);
      type.has_price_overlay = true;
    }
    for (const auto& [name, quantity] : update.capacity) {
      type.capacity.set(name, quantity);
      type.has_capacity_overlay = true;
    }
  }

  const OverlayInput& input_;
  model::Vocabulary words_;
  model::SetTable sets_;
  std::vector<std::vector<TypeUpdate>> updates_;  // By pool and type.
  std::map<std::pair<const cloud::Catalogue*, std::string>, cloud::CataloguePtr> made_;
};

}  // namespace

double adjusted_price(double price, std::string_view adjustment) {
  if (adjustment.empty()) {
    return price;
  }
  const bool is_signed = adjustment.front() == '+' || adjustment.front() == '-';
  const double sign = adjustment.front() == '-' ? -1 : 1;
  const bool is_percent = adjustment.back() == '%';
  const std::string_view digits =
      adjustment.substr(is_signed ? 1 : 0, adjustment.size() - (is_signed ? 1 : 0) - is_percent);
  double number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec != std::errc{}) {
    return price;
  }
  if (!is_signed) {
    return number;
  }
  const double changed = is_percent ? price * (1 + sign * number / 100) : price + sign * number;
  return std::max(changed, 0.0);
}

OverlayResult apply_overlays(const OverlayInput& input) {
  return Overlays(input).run();
}

}  // namespace plan
