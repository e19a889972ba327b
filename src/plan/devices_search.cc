#include "plan/devices_search.h"

#include <algorithm>
#include <set>

#include "k8s/taints.h"
#include "plan/devices_capacity.h"

namespace plan {

namespace {

bool tolerates(const std::vector<k8s::Toleration>& tolerations, const k8s::Device& device) {
  return std::ranges::all_of(device.taints, [&](const k8s::Taint& taint) {
    return (taint.effect != "NoSchedule" && taint.effect != "NoExecute") ||
           std::ranges::any_of(tolerations, [&](const k8s::Toleration& toleration) {
             return k8s::tolerates(toleration, taint);
           });
  });
}

}  // namespace

DeviceSearch::DeviceSearch(const DeviceScene& scene,
                           const DeviceGroup& group,
                           std::span<const WishedClaim* const> claims)
    : scene_(scene), group_(group), claims_(claims) {}

DeviceSearch::Outcome DeviceSearch::run(model::SetId& set, std::uint64_t& steps) {
  const Outcome size = check_sizes();
  if (size != Outcome::kFound) {
    return size;
  }
  set_ = set;
  steps_ = steps;
  const bool is_found = next({});
  steps = steps_;
  if (!is_found) {
    return steps_ >= kMaxSteps ? Outcome::kGaveUp : Outcome::kNone;
  }
  set = set_;
  return Outcome::kFound;
}

// SCH-432, SCH-433.
DeviceSearch::Outcome DeviceSearch::check_sizes() {
  for (const WishedClaim* claim : claims_) {
    std::int64_t total = 0;
    for (const WishedRequest& request : claim->requests) {
      std::int64_t least = kMaxDevicesPerClaim + 1;
      bool is_hidden = true;
      for (const DeviceWish& wish : request.alternatives) {
        if (wish.is_all() && scene_.view.has_broken_pool) {
          continue;
        }
        is_hidden = false;
        least = std::min(
            least,
            wish.is_all() ? static_cast<std::int64_t>(candidates(wish).size()) : wish.query->count);
      }
      if (is_hidden) {
        return Outcome::kBrokenPool;
      }
      total += least;
    }
    if (total > kMaxDevicesPerClaim) {
      return Outcome::kTooMany;
    }
  }
  return Outcome::kFound;
}

// SCH-440, SCH-444.
bool DeviceSearch::next(Position at) {
  while (at.claim < claims_.size() && at.request == claims_[at.claim]->requests.size()) {
    at = {.claim = at.claim + 1, .request = 0};
  }
  if (at.claim == claims_.size()) {
    return true;
  }
  const WishedRequest& request = claims_[at.claim]->requests[at.request];
  for (const DeviceWish& wish : request.alternatives) {
    if (wish.is_all()) {
      const auto size = static_cast<std::int64_t>(candidates(wish).size());
      if (scene_.view.has_broken_pool || size == 0 ||
          devices_of(at.claim) + size > kMaxDevicesPerClaim) {
        continue;  // SCH-443
      }
    } else if (devices_of(at.claim) + wish.query->count > kMaxDevicesPerClaim) {
      continue;
    }
    if (wish.is_all() ? fill_all(at, wish, 0) : fill(at, wish, wish.query->count, 0)) {
      return true;
    }
  }
  return false;
}

bool DeviceSearch::fill(Position at, const DeviceWish& wish, std::int64_t slots, std::size_t from) {
  if (slots == 0) {
    return next({.claim = at.claim, .request = at.request + 1});
  }
  const std::vector<Candidate>& all = candidates(wish);
  std::set<std::pair<bool, std::uint32_t>> hopeless;
  for (std::size_t i = from; i < all.size(); ++i) {
    const std::pair kind(all[i].is_own, entry(all[i]).kind);
    if (hopeless.contains(kind)) {
      continue;
    }
    // A device that can be shared may serve the same request again.
    const bool is_shareable = entry(all[i]).device->allows_multiple && !wish.is_admin();
    bool has_tried = false;
    const bool is_found = take(at, wish, all[i], [&] {
      has_tried = true;
      return fill(at, wish, slots - 1, is_shareable ? i : i + 1);
    });
    if (is_found) {
      return true;
    }
    if (steps_ >= kMaxSteps) {
      return false;
    }
    if (has_tried && can_skip_kind(all[i])) {
      hopeless.insert(kind);
    }
  }
  return false;
}

// SCH-443: each of them, or none.
bool DeviceSearch::fill_all(Position at, const DeviceWish& wish, std::size_t from) {
  const std::vector<Candidate>& all = candidates(wish);
  if (from == all.size()) {
    return next({.claim = at.claim, .request = at.request + 1});
  }
  return take(at, wish, all[from], [&] { return fill_all(at, wish, from + 1); });
}

// SCH-442.
template <typename Rest>
bool DeviceSearch::take(Position at,
                        const DeviceWish& wish,
                        const Candidate& candidate,
                        Rest rest) {
  ++steps_;
  DeviceCharge charge{.device = candidate.device, .is_exclusive = !wish.is_admin()};
  if (steps_ >= kMaxSteps || !is_free(candidate, wish) || !make_charge(candidate, wish, charge) ||
      !meets_constraints(at, wish, candidate)) {
    return false;
  }
  DevicePick pick{.claim = at.claim,
                  .request = &claims_[at.claim]->requests[at.request],
                  .wish = &wish,
                  .device = entry(candidate).device,
                  .is_own = candidate.is_own,
                  .charge = std::move(charge)};
  const model::SetId before = set_;
  const auto go_on = [&] {
    picks_.push_back(pick);
    if (rest()) {
      return true;
    }
    picks_.pop_back();
    set_ = before;
    return false;
  };
  const Reach& reach = pools(candidate).reach_of(candidate.device);
  if (reach.is_everywhere || !reach.node.empty()) {
    pick.is_local = !reach.node.empty();
    return go_on();
  }
  return std::ranges::any_of(reach.terms, [&](const ReachTerm& term) {
    const model::SetId narrowed = narrow(scene_.sets, scene_.place, set_, term);
    if (!narrowed.is_valid()) {
      return false;
    }
    set_ = narrowed;
    pick.topology = term.labels.set;
    pick.is_local = !term.fields.empty() || term.labels.host.is_valid();
    return go_on();
  });
}

const std::vector<DeviceSearch::Candidate>& DeviceSearch::candidates(const DeviceWish& wish) {
  const auto [it, is_new] = candidates_.try_emplace(&wish);
  if (!is_new) {
    return it->second;
  }
  for (const DeviceIndex device : scene_.view.devices) {
    if (scene_.published_memo.matches(wish.filter, device) &&
        tolerates(wish.query->tolerations, *scene_.published.devices()[device].device)) {
      it->second.push_back({.device = device, .is_own = false});
    }
  }
  if (scene_.supply != nullptr) {
    const DevicePools& own = scene_.supply->pools;
    for (DeviceIndex device = 0; device < own.devices().size(); ++device) {
      if (own.pool_of(device).is_valid && !own.pool_of(device).has_duplicates &&
          scene_.own_memo->matches(wish.filter, device) &&
          tolerates(wish.query->tolerations, *own.devices()[device].device)) {
        it->second.push_back({.device = device, .is_own = true});
      }
    }
  }
  return it->second;
}

std::int64_t DeviceSearch::devices_of(std::uint32_t claim) const {
  return std::ranges::count(picks_, claim, &DevicePick::claim);
}

const DevicePools& DeviceSearch::pools(const Candidate& candidate) const {
  return candidate.is_own ? scene_.supply->pools : scene_.published;
}

const PoolDevice& DeviceSearch::entry(const Candidate& candidate) const {
  return pools(candidate).devices()[candidate.device];
}

// Who only looks may look at what others use. SCH-446, SCH-451.
bool DeviceSearch::is_free(const Candidate& candidate, const DeviceWish& wish) const {
  if (wish.is_admin()) {
    return true;
  }
  if (entry(candidate).device->allows_multiple) {
    return candidate.is_own || !scene_.ledger.is_taken(candidate.device);
  }
  const bool is_picked = std::ranges::any_of(picks_, [&](const DevicePick& pick) {
    return !pick.wish->is_admin() && pick.is_own == candidate.is_own &&
           pick.charge.device == candidate.device;
  });
  if (is_picked) {
    return false;
  }
  return candidate.is_own ? !group_.own.devices.contains(candidate.device)
                          : scene_.ledger.is_free(scene_.place.id, group_, candidate.device);
}

bool DeviceSearch::make_charge(const Candidate& candidate,
                               const DeviceWish& wish,
                               DeviceCharge& charge) const {
  const DevicePool& pool = pools(candidate).pool_of(candidate.device);
  if (!has_capacity(*entry(candidate).device, pool.driver, wish.query->capacity)) {
    return false;
  }
  if (wish.is_admin()) {
    return true;
  }
  if (entry(candidate).device->allows_multiple) {
    charge.is_exclusive = false;
    if (!make_shares(candidate, wish, charge)) {
      return false;
    }
  }
  return make_draws(candidate, charge);
}

// SCH-450.
bool DeviceSearch::make_shares(const Candidate& candidate,
                               const DeviceWish& wish,
                               DeviceCharge& charge) const {
  const DevicePools& from = pools(candidate);
  const PoolDevice& device = entry(candidate);
  std::uint32_t id = device.dimensions;
  for (const auto& [name, capacity] : device.device->capacity) {
    const auto share = consumed(
        capacity, requested(wish.query->capacity, from.pool_of(candidate.device).driver, name));
    if (!share) {
      return false;
    }
    Int128 used = candidate.is_own ? group_.own.dimension(id)
                                   : scene_.ledger.dimension(scene_.place.id, group_, id);
    for (const DevicePick& pick : picks_) {
      for (const auto& [dimension, amount] : pick.charge.dimensions) {
        used += pick.is_own == candidate.is_own && dimension == id ? amount : 0;
      }
    }
    if (used + share->nano() > from.dimensions()[id]) {
      return false;
    }
    charge.dimensions.emplace_back(id, share->nano());
    ++id;
  }
  return true;
}

// SCH-452, SCH-453. A device that is shared draws once.
bool DeviceSearch::make_draws(const Candidate& candidate, DeviceCharge& charge) const {
  const PoolDevice& device = entry(candidate);
  if (device.draws.empty() || is_in_use(candidate)) {
    return true;
  }
  for (const auto& [counter, amount] : device.draws) {
    Int128 used = candidate.is_own ? group_.own.counter(counter)
                                   : scene_.ledger.counter(scene_.place.id, group_, counter);
    for (const DevicePick& pick : picks_) {
      for (const auto& [id, drawn] : pick.charge.counters) {
        used += pick.is_own == candidate.is_own && id == counter ? drawn : 0;
      }
    }
    if (used + amount > pools(candidate).counters()[counter]) {
      return false;
    }
  }
  charge.counters = device.draws;
  return true;
}

bool DeviceSearch::is_in_use(const Candidate& candidate) const {
  const bool is_known = candidate.is_own ? group_.own.devices.contains(candidate.device)
                                         : scene_.ledger.is_shared(candidate.device) ||
                                               group_.published.devices.contains(candidate.device);
  return is_known || std::ranges::any_of(picks_, [&](const DevicePick& pick) {
           return !pick.wish->is_admin() && pick.is_own == candidate.is_own &&
                  pick.charge.device == candidate.device;
         });
}

bool DeviceSearch::meets_constraints(Position at,
                                     const DeviceWish& wish,
                                     const Candidate& candidate) const {
  return std::ranges::all_of(
      claims_[at.claim]->constraints,
      [&](const WishedConstraint& constraint) { return meets(constraint, at, wish, candidate); });
}

// SCH-460, SCH-461.
bool DeviceSearch::meets(const WishedConstraint& constraint,
                         Position at,
                         const DeviceWish& wish,
                         const Candidate& candidate) const {
  if (!constraint.applies(claims_[at.claim]->requests[at.request], wish)) {
    return true;
  }
  const k8s::DeviceAttribute* value = attribute(candidate, constraint.attribute);
  const std::uint32_t group = value ? 0 : bound_group(candidate, constraint.attribute);
  if (value == nullptr && (constraint.is_distinct || group == 0)) {
    return false;
  }
  return std::ranges::all_of(picks_, [&](const DevicePick& pick) {
    if (pick.claim != at.claim || !constraint.applies(*pick.request, *pick.wish)) {
      return true;
    }
    const Candidate other{.device = pick.charge.device, .is_own = pick.is_own};
    const k8s::DeviceAttribute* theirs = attribute(other, constraint.attribute);
    if (value == nullptr || theirs == nullptr) {
      return value == theirs && group == bound_group(other, constraint.attribute);
    }
    return (*value == *theirs) != constraint.is_distinct;
  });
}

const k8s::DeviceAttribute* DeviceSearch::attribute(const Candidate& candidate,
                                                    std::string_view name) const {
  return find_attribute({.driver = pools(candidate).pool_of(candidate.device).driver,
                         .device = *entry(candidate).device},
                        name);
}

std::uint32_t DeviceSearch::bound_group(const Candidate& candidate,
                                        std::string_view attribute_name) const {
  if (!candidate.is_own) {
    return 0;
  }
  const auto found = scene_.supply->bound.find(attribute_name);
  return found == scene_.supply->bound.end() ? 0 : found->second[candidate.device];
}

// Shared devices differ in what is left of them, bound ones in their company.
bool DeviceSearch::can_skip_kind(const Candidate& candidate) const {
  return !entry(candidate).device->allows_multiple &&
         (!candidate.is_own || scene_.supply->bound.empty());
}

}  // namespace plan
