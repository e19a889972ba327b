#include "plan/devices.h"

#include <algorithm>

#include "base/text.h"

namespace plan {

namespace {

// SCH-402.
std::vector<const k8s::ResourceSlice*> slices_that_count(const world::Snapshot& snapshot,
                                                         const DeviceScope& scope) {
  std::vector<const k8s::ResourceSlice*> slices;
  for (const auto& slice : snapshot.resource_slices) {
    const bool is_foreign =
        std::ranges::any_of(slice->meta.owners, [&](const k8s::OwnerReference& owner) {
          return owner.kind == "Node" && !scope.nodes.contains(owner.name);
        });
    if (!is_foreign) {
      slices.push_back(slice.get());
    }
  }
  return slices;
}

auto is_going(const DeviceScope& scope) {
  return [&scope](const std::string& uid) { return scope.going_pods.contains(uid); };
}

void clear_if_gone(DeviceGroup& group, const base::Bitset& rows) {
  group.rows &= rows;
  if (group.rows.none()) {
    group.published = {};
    group.own = {};
  }
}

}  // namespace

DeviceAllocator::DeviceAllocator(const world::Snapshot& snapshot,
                                 model::SetTable& sets,
                                 const DeviceScope& scope)
    : sets_(sets),
      snapshot_(snapshot),
      wishes_(snapshot),
      published_(sets, slices_that_count(snapshot, scope)),
      memo_(wishes_, published_),
      ledger_(snapshot, published_, is_going(scope)),
      scope_(scope) {
  for (const auto& claim : snapshot.resource_claims) {
    claim_ids_.try_emplace({claim->meta.namespace_, claim->meta.name}, claims_.size());
    auto known = std::make_unique<Claim>();
    known->wished = wishes_.compile(claim);
    known->is_allocated = claim->allocation && !is_released(*claim, is_going(scope));
    if (known->is_allocated) {
      known->reach = compile_terms(sets, claim->allocation->node_selector);
    }
    claims_.push_back(std::move(known));
  }
}

base::Result<std::vector<ResourceClaimId>> DeviceAllocator::find_claims(
    std::string_view namespace_, std::span<const std::string> names) {
  std::vector<ResourceClaimId> found;
  for (const std::string& name : names) {
    const auto it = claim_ids_.find({namespace_, name});
    if (it == claim_ids_.end()) {
      return base::fail(base::ErrorCode::kNotFound,
                        base::concat("resourceclaim \"", namespace_, "/", name, "\" not found"));
    }
    if (std::ranges::find(found, it->second) == found.end()) {
      found.push_back(it->second);
    }
  }
  return found;
}

std::uint32_t DeviceAllocator::supply_of(const cloud::InstanceType& type) {
  if (type.device_slices.empty()) {
    return 0;
  }
  const auto [it, is_new] = supply_ids_.try_emplace(&type, 0);
  if (is_new) {
    supplies_.push_back(std::make_unique<Supply>(type, wishes_));
    it->second = static_cast<std::uint32_t>(supplies_.size());
  }
  return it->second;
}

std::span<const DeviceGroup> DeviceAllocator::groups_of(const Columns& columns) {
  const auto [it, is_new] = fresh_.try_emplace(&columns);
  if (is_new) {
    std::vector<const cloud::InstanceType*> types;
    for (std::size_t row = 0; row < columns.row_count(); ++row) {
      types.push_back(&columns.type_of_row(row));
    }
    it->second = make_groups(types);
  }
  return it->second;
}

std::span<const DeviceGroup> DeviceAllocator::group_of_node(const cloud::InstanceType* type) {
  const auto [it, is_new] = nodes_.try_emplace(type);
  if (is_new) {
    it->second = make_groups(std::span(&type, 1));
  }
  return it->second;
}

std::vector<DeviceGroup> DeviceAllocator::make_groups(
    std::span<const cloud::InstanceType* const> type_of_row) {
  std::vector<DeviceGroup> groups;
  for (std::size_t row = 0; row < type_of_row.size(); ++row) {
    const std::uint32_t supply = type_of_row[row] ? supply_of(*type_of_row[row]) : 0;
    auto group = std::ranges::find(groups, supply, &DeviceGroup::supply);
    if (group == groups.end()) {
      groups.push_back({.rows = base::Bitset(type_of_row.size()), .supply = supply});
      group = groups.end() - 1;
    }
    group->rows.set(row);
  }
  return groups;
}

void DeviceAllocator::refuse(const Ask& ask, std::string_view why) const {
  if (ask.why != nullptr) {
    *ask.why = why;
  }
}

// SCH-421, SCH-422.
bool DeviceAllocator::settle_one(const Ask& ask, const Claim& claim, model::SetId& set) {
  if (claim.given) {
    const Given& given = *claim.given;
    if (given.is_bound && given.place != ask.place.id) {
      refuse(ask, "claim is bound to a different in-flight NodeClaim");
      return false;
    }
    const model::SetId both = sets_.combine(set, given.total, ask.place.undefined);
    if (!both.is_valid()) {
      refuse(ask, "in-memory allocation topology is incompatible with NodeClaim requirements");
      return false;
    }
    set = both;
    return true;
  }
  if (claim.reach.empty()) {
    return true;
  }
  for (const ReachTerm& term : claim.reach) {
    const model::SetId narrowed = narrow(sets_, ask.place, set, term);
    if (narrowed.is_valid()) {
      set = narrowed;
      return true;
    }
  }
  refuse(ask, "in-cluster allocation topology is incompatible with NodeClaim requirements");
  return false;
}

bool DeviceAllocator::settle_known(const Ask& ask,
                                   model::SetId& set,
                                   std::vector<ResourceClaimId>& rest) {
  for (const ResourceClaimId id : ask.claims) {
    const Claim& claim = *claims_[id.index()];
    if (!claim.given && !claim.is_allocated) {
      if (!claim.wished.error.empty()) {
        refuse(ask, claim.wished.error);
        return false;
      }
      rest.push_back(id);
    } else if (!settle_one(ask, claim, set)) {
      return false;
    }
  }
  return true;
}

std::optional<DeviceTrial> DeviceAllocator::allocate(const Ask& ask) {
  DeviceTrial trial{.place = ask.place.id, .set = ask.place.set, .rows = ask.rows};
  if (!settle_known(ask, trial.set, trial.claims)) {
    return std::nullopt;
  }
  if (trial.claims.empty()) {  // SCH-423
    return trial;
  }
  const std::vector<DeviceGroup>* known = ledger_.find(ask.place.id);
  trial.groups = known != nullptr ? std::span<const DeviceGroup>(*known) : ask.fresh;
  return search(ask, trial) ? std::optional(std::move(trial)) : std::nullopt;
}

// SCH-440, SCH-441.
bool DeviceAllocator::search(const Ask& ask, DeviceTrial& trial) {
  std::vector<const WishedClaim*> wished;
  for (const ResourceClaimId id : trial.claims) {
    wished.push_back(&claims_[id.index()]->wished);
  }
  DevicePlace place = ask.place;
  place.set = trial.set;
  const DeviceView view = make_view(sets_, published_, place);
  base::Bitset rows(trial.rows.size());
  std::uint64_t steps = 0;
  auto worst = DeviceSearch::Outcome::kNone;
  for (std::size_t i = 0; i < trial.groups.size(); ++i) {
    const DeviceGroup& group = trial.groups[i];
    if (!group.rows.intersects(trial.rows)) {
      continue;
    }
    Supply* supply = group.supply == 0 ? nullptr : supplies_[group.supply - 1].get();
    const DeviceScene scene{.sets = sets_,
                            .published = published_,
                            .ledger = ledger_,
                            .view = view,
                            .published_memo = memo_,
                            .supply = supply ? &supply->devices : nullptr,
                            .own_memo = supply ? &supply->memo : nullptr,
                            .place = place};
    DeviceSearch one(scene, group, wished);
    const auto outcome = one.run(trial.set, steps);
    if (outcome != DeviceSearch::Outcome::kFound) {
      worst = std::max(worst, outcome);
      continue;
    }
    rows |= group.rows;
    trial.picks.push_back({.group = i, .set = trial.set, .picks = one.take_picks()});
  }
  trial.rows &= rows;
  if (trial.rows.any()) {
    return true;
  }
  switch (worst) {
    case DeviceSearch::Outcome::kTooMany:
      refuse(ask, "a claim asks for more than 32 devices");
      break;
    case DeviceSearch::Outcome::kBrokenPool:
      refuse(ask, "allocation mode All needs every resource pool to be valid and complete");
      break;
    case DeviceSearch::Outcome::kGaveUp:
      refuse(ask, "the search for devices was given up after 100000 steps");
      break;
    case DeviceSearch::Outcome::kFound:
    case DeviceSearch::Outcome::kNone:
      refuse(ask, "no instance type can satisfy the allocation");
      break;
  }
  return false;
}

DeviceAllocator::Given& DeviceAllocator::given(DeviceTrial& trial, std::size_t claim) {
  std::optional<Given>& slot = claims_[trial.claims[claim].index()]->given;
  if (!slot) {
    slot = Given{.place = trial.place, .parts = {}, .total = sets_.empty()};
    given_at_[trial.place].push_back(trial.claims[claim]);
  }
  return *slot;
}

void DeviceAllocator::commit(DeviceTrial trial, const base::Bitset& rows) {
  if (trial.claims.empty()) {
    keep_rows(trial.place, rows);
    return;
  }
  std::vector<DeviceGroup> groups(trial.groups.begin(), trial.groups.end());
  for (DeviceGroup& group : groups) {
    clear_if_gone(group, rows);
  }
  for (std::size_t i = 0; i < trial.claims.size(); ++i) {
    given(trial, i);
  }
  for (DeviceTrial::Picks& part : trial.picks) {
    DeviceGroup& group = groups[part.group];
    if (group.rows.none()) {
      continue;
    }
    std::vector<Given::Part> parts(trial.claims.size(),
                                   {.group = part.group, .set = sets_.empty(), .drivers = {}});
    for (const DevicePick& pick : part.picks) {
      if (!pick.wish->is_admin()) {
        (pick.is_own ? group.own : group.published).add(pick.charge);
      }
      given(trial, pick.claim).is_bound |= pick.is_own || pick.is_local;
      const DevicePools& pools =
          pick.is_own ? supplies_[group.supply - 1]->devices.pools : published_;
      parts[pick.claim].drivers.insert(pools.pool_of(pick.charge.device).driver);
      if (pick.topology.is_valid()) {
        parts[pick.claim].set = sets_.merge(parts[pick.claim].set, pick.topology);
      }
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      given(trial, i).parts.push_back(std::move(parts[i]));
    }
  }
  update_totals(trial.place, groups);
  ledger_.set(trial.place, std::move(groups));
}

void DeviceAllocator::keep_rows(PlaceId place, const base::Bitset& rows) {
  const std::vector<DeviceGroup>* known = ledger_.find(place);
  const bool loses_any =
      known != nullptr && std::ranges::any_of(*known, [&](const DeviceGroup& group) {
        return group.rows.any() && !group.rows.intersects(rows);
      });
  if (!loses_any) {
    return;
  }
  std::vector<DeviceGroup> groups = *known;
  for (DeviceGroup& group : groups) {
    clear_if_gone(group, rows);
  }
  update_totals(place, groups);
  ledger_.set(place, std::move(groups));
}

void DeviceAllocator::update_totals(PlaceId place, std::span<const DeviceGroup> groups) {
  for (const ResourceClaimId id : given_at_[place]) {
    Given& given = *claims_[id.index()]->given;
    std::erase_if(given.parts,
                  [&](const Given::Part& part) { return groups[part.group].rows.none(); });
    given.total = sets_.empty();
    for (const Given::Part& part : given.parts) {
      given.total = sets_.merge(given.total, part.set);
    }
  }
}

std::vector<std::string> DeviceAllocator::drivers(PlaceId place) const {
  std::set<std::string> names;
  const auto found = given_at_.find(place);
  if (found == given_at_.end()) {
    return {};
  }
  for (const ResourceClaimId id : found->second) {
    for (const Given::Part& part : claims_[id.index()]->given->parts) {
      names.insert(part.drivers.begin(), part.drivers.end());
    }
  }
  return {names.begin(), names.end()};
}

std::vector<model::SetId> DeviceAllocator::label_sets() const {
  std::vector<model::SetId> label_sets;
  const auto add = [&](const std::vector<ReachTerm>& terms) {
    for (const ReachTerm& term : terms) {
      label_sets.push_back(term.labels.set);
    }
  };
  for (const Reach& reach : published_.reaches()) {
    add(reach.terms);
  }
  for (const auto& claim : claims_) {
    add(claim->reach);
  }
  return label_sets;
}

}  // namespace plan
