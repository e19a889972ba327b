#include "plan/columns.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "base/assert.h"

namespace plan {
namespace {

using model::Symbol;

// nullptr until computed.
std::unique_ptr<base::Bitset>& slot(std::vector<std::unique_ptr<base::Bitset>>& memo,
                                    std::size_t index) {
  if (index >= memo.size()) {
    memo.resize(std::max(index + 1, 2 * memo.size()));
  }
  return memo[index];
}

model::SetId label_set(const std::vector<cloud::TypeLabel>& labels, model::SetTable& sets) {
  std::vector<model::Requirement> requirements;
  requirements.reserve(labels.size());
  for (const cloud::TypeLabel& label : labels) {
    requirements.push_back(
        model::make_requirement(sets.words(), label.key, model::Operator::kIn, label.values));
  }
  return sets.make(requirements);
}

}  // namespace

Columns::Columns(const cloud::Catalogue& catalogue, model::SetTable& sets)
    : catalogue_(catalogue), sets_(sets) {
  for (std::uint32_t type = 0; type < catalogue.types.size(); ++type) {
    add_type(type, sets);
  }
  rank_names();
  first_offer_.push_back(static_cast<std::uint32_t>(offers_.size()));
  all_rows_ = base::Bitset(row_count(), true);
  sound_rows_ = base::Bitset(row_count());
  for (std::size_t row = 0; row < row_count(); ++row) {
    sound_rows_.assign(row, is_sound_[row]);
  }
  index_labels();
  index_offers();
}

void Columns::rank_names() {
  std::vector<std::uint32_t> order(catalogue_.types.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t type) -> const std::string& {
    return catalogue_.types[type].name;
  });
  name_rank_.resize(order.size());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) {
    name_rank_[order[rank]] = rank;
  }
}

void Columns::cover(const ResourceNames& names) {
  if (supply_.size() == names.size()) {
    return;
  }
  for (std::size_t row = 0; row < row_count(); ++row) {
    allocatable_[row] = names.supply(row_resources_[row]);
  }
  while (supply_.size() < names.size()) {
    supply_.push_back(make_supply(supply_.size()));
  }
}

void Columns::add_type(std::uint32_t type, model::SetTable& sets) {
  const cloud::InstanceType& instance_type = catalogue_.types[type];
  type_sets_.push_back(label_set(instance_type.labels, sets));
  for (const AllocatableGroup& group : allocatable_groups(instance_type)) {
    add_row(type, group.allocatable, group.offerings);
  }
}

void Columns::add_row(std::uint32_t type,
                      const k8s::Resources& allocatable,
                      std::span<const std::uint32_t> offerings) {
  first_offer_.push_back(static_cast<std::uint32_t>(offers_.size()));
  for (const std::uint32_t index : offerings) {
    add_offer(catalogue_.types[type].offerings[index], index);
  }
  row_type_.push_back(type);
  row_resources_.push_back(allocatable);
  allocatable_.emplace_back();
  is_sound_.push_back(!has_negative(allocatable));
}

void Columns::add_offer(const cloud::Offering& offering, std::uint32_t index) {
  model::Vocabulary& words = sets_.words();
  OfferColumn offer{.row = static_cast<std::uint32_t>(row_type_.size()),
                    .offering = index,
                    .price = offering.price,
                    .zone = words.intern(offering.zone),
                    .capacity_type = words.intern(offering.capacity_type),
                    .reservation = {},
                    .reservation_capacity = offering.reservation_capacity,
                    .is_available = offering.available};
  if (!offering.reservation_id.empty()) {
    offer.reservation = words.intern(offering.reservation_id);
  }
  offers_.push_back(offer);
}

Columns::KeyColumn& Columns::key_column(Symbol key) {
  const auto [it, is_new] = keys_.try_emplace(key.value());
  if (is_new) {
    it->second.defined = base::Bitset(row_count());
    it->second.absent = base::Bitset(row_count());
  }
  return it->second;
}

void Columns::index_labels() {
  boost::unordered_flat_map<std::uint64_t, std::size_t> position;
  for (std::size_t row = 0; row < row_count(); ++row) {
    for (const model::ReqId id : sets_.members(type_sets_[row_type_[row]])) {
      const model::Requirement& requirement = sets_.requirement(id);
      KeyColumn& column = key_column(requirement.key);
      column.defined.set(row);
      column.absent.assign(row, requirement.values.empty());
      for (const Symbol value : requirement.values) {
        const std::uint64_t key = std::uint64_t{requirement.key.value()} << 32 | value.value();
        const auto [it, is_new] = position.try_emplace(key, column.values.size());
        if (is_new) {
          column.values.push_back({.value = value, .rows = base::Bitset(row_count())});
        }
        column.values[it->second].rows.set(row);
      }
    }
  }
}

void Columns::index_offer_label(std::size_t offer, std::string_view key, std::string_view value) {
  const Symbol key_symbol = sets_.words().intern(key);
  const Symbol value_symbol = sets_.words().intern(value);
  auto column = std::ranges::find(offer_keys_, key_symbol, &OfferKey::key);
  if (column == offer_keys_.end()) {
    offer_keys_.push_back(
        {.key = key_symbol, .values = {}, .defined = base::Bitset(offers_.size())});
    column = offer_keys_.end() - 1;
  }
  column->defined.set(offer);
  for (auto& [known, offers] : column->values) {
    if (known == value_symbol) {
      offers.set(offer);
      return;
    }
  }
  column->values.emplace_back(value_symbol, base::Bitset(offers_.size()));
  column->values.back().second.set(offer);
}

void Columns::index_offers() {
  available_ = base::Bitset(offers_.size());
  for (std::size_t i = 0; i < offers_.size(); ++i) {
    const cloud::Offering& offering =
        catalogue_.types[row_type_[offers_[i].row]].offerings[offers_[i].offering];
    available_.assign(i, offering.available);
    index_offer_label(i, cloud::label::kZone, offering.zone);
    index_offer_label(i, cloud::label::kCapacityType, offering.capacity_type);
    if (!offering.zone_id.empty()) {
      index_offer_label(i, cloud::label::kZoneId, offering.zone_id);
    }
    const std::string& reservation_key = sets_.schema().reservation_id_key();
    if (!offering.reservation_id.empty() && !reservation_key.empty()) {
      index_offer_label(i, reservation_key, offering.reservation_id);
    }
    for (const cloud::TypeLabel& label : offering.labels) {
      for (const std::string& value : label.values) {
        index_offer_label(i, label.key, value);
      }
    }
    if (offers_[i].reservation.is_valid() && offering.available) {
      reserved_.push_back(static_cast<std::uint32_t>(i));
    }
  }
}

Columns::Supply Columns::make_supply(std::size_t dimension) const {
  std::vector<std::uint32_t> order(row_count());
  std::iota(order.begin(), order.end(), 0U);
  const auto amount = [&](std::uint32_t row) { return allocatable_[row][dimension]; };
  std::ranges::sort(order, std::greater{}, amount);
  Supply supply;
  base::Bitset rows(row_count());
  for (std::size_t i = 0; i < order.size(); ++i) {
    rows.set(order[i]);
    if (i + 1 == order.size() || amount(order[i + 1]) != amount(order[i])) {
      supply.levels.push_back(amount(order[i]));
      supply.at_least.push_back(rows);
    }
  }
  std::ranges::reverse(supply.levels);
  std::ranges::reverse(supply.at_least);
  return supply;
}

void Columns::keep_fitting(const Amounts& demand, base::Bitset& rows) const {
  ASSERT(demand.size() == supply_.size());
  rows &= sound_rows_;
  for (std::size_t d = 0; d < demand.size(); ++d) {
    if (demand[d] <= 0) {
      continue;  // SCH-61: asking for nothing fits where the resource is absent.
    }
    const Supply& supply = supply_[d];
    const auto level = std::ranges::lower_bound(supply.levels, demand[d]);
    if (level == supply.levels.end()) {
      rows.reset_all();
      return;
    }
    rows &= supply.at_least[static_cast<std::size_t>(level - supply.levels.begin())];
  }
}

std::span<const Columns::Posting> Columns::postings(Symbol key) const {
  const auto it = keys_.find(key.value());
  return it == keys_.end() ? std::span<const Posting>() : it->second.values;
}

const base::Bitset& Columns::rows_agreeing(model::ReqId id) {
  auto& memo = slot(agreeing_, id.index());
  if (memo == nullptr) {
    const model::Requirement requirement = sets_.requirement(id);
    base::Bitset rows(row_count(), !requirement.is_impossible());
    if (const auto it = keys_.find(requirement.key.value()); it != keys_.end()) {
      rows.and_not(it->second.defined);
      if (requirement.allows_absence()) {
        rows |= it->second.absent;
      }
      for (const Posting& posting : it->second.values) {
        if (model::has(sets_.words(), requirement, posting.value)) {
          rows |= posting.rows;
        }
      }
    }
    memo = std::make_unique<base::Bitset>(std::move(rows));
  }
  return *memo;
}

const base::Bitset& Columns::compatible_rows(model::SetId set) {
  auto& memo = slot(compatible_, set.index());
  if (memo == nullptr) {
    base::Bitset rows = all_rows_;
    for (const model::ReqId id : sets_.members(set)) {
      rows &= rows_agreeing(id);
    }
    memo = std::make_unique<base::Bitset>(std::move(rows));
  }
  return *memo;
}

const base::Bitset& Columns::offers_agreeing(model::ReqId id, const OfferKey& key) {
  auto& memo = slot(offers_agreeing_, id.index());
  if (memo == nullptr) {
    const model::Requirement requirement = sets_.requirement(id);
    base::Bitset offers(offers_.size(), !requirement.is_impossible());
    offers.and_not(key.defined);
    for (const auto& [value, bits] : key.values) {
      if (model::has(sets_.words(), requirement, value)) {
        offers |= bits;
      }
    }
    memo = std::make_unique<base::Bitset>(std::move(offers));
  }
  return *memo;
}

base::Bitset Columns::compute_live(model::SetId set) {
  base::Bitset live = available_;
  for (const OfferKey& key : offer_keys_) {
    const model::ReqId id = sets_.find(set, key.key);
    if (id.is_valid()) {
      live &= offers_agreeing(id, key);
    } else if (!sets_.is_well_known(key.key)) {
      live.and_not(key.defined);
    }
  }
  return live;
}

const base::Bitset& Columns::live_offers(model::SetId set) {
  auto& memo = slot(live_, set.index());
  if (memo == nullptr) {
    memo = std::make_unique<base::Bitset>(compute_live(set));
  }
  return *memo;
}

const base::Bitset& Columns::offered_rows(model::SetId set) {
  auto& memo = slot(offered_, set.index());
  if (memo == nullptr) {
    memo = std::make_unique<base::Bitset>(row_count());
    live_offers(set).for_each_set([&](std::size_t offer) { memo->set(offers_[offer].row); });
  }
  return *memo;
}

const base::Bitset& Columns::usable_rows(model::SetId set) {
  auto& memo = slot(usable_, set.index());
  if (memo == nullptr) {
    base::Bitset rows = compatible_rows(set);
    rows &= offered_rows(set);
    memo = std::make_unique<base::Bitset>(std::move(rows));
  }
  return *memo;
}

std::vector<AllocatableGroup> allocatable_groups(const cloud::InstanceType& type) {
  std::vector<AllocatableGroup> groups{{.allocatable = type.allocatable(), .offerings = {}}};
  std::vector<const cloud::Offering*> representative{nullptr};
  for (std::uint32_t i = 0; i < type.offerings.size(); ++i) {
    const cloud::Offering& offering = type.offerings[i];
    std::size_t group = 0;
    if (offering.capacity_override || offering.overhead_override) {
      for (group = 1; group < groups.size(); ++group) {
        if (representative[group]->capacity_override == offering.capacity_override &&
            representative[group]->overhead_override == offering.overhead_override) {
          break;
        }
      }
    }
    if (group == groups.size()) {
      cloud::InstanceType changed = type;
      for (const auto& [name, quantity] : offering.capacity_override.value_or(k8s::Resources())) {
        changed.capacity.set(name, quantity);
      }
      for (const auto& [name, quantity] : offering.overhead_override.value_or(k8s::Resources())) {
        changed.kube_reserved.set(name, quantity);
        changed.system_reserved.erase(name);
        changed.eviction_threshold.erase(name);
      }
      groups.push_back({.allocatable = changed.allocatable(), .offerings = {}});
      representative.push_back(&offering);
    }
    groups[group].offerings.push_back(i);
  }
  return groups;
}

}  // namespace plan
