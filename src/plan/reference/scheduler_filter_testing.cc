// Instance types that can take a claim (spec 02 s7), limits (s6.8) and reservations (s8).
#include <algorithm>
#include <limits>

#include "base/text.h"
#include "plan/reference/messages_testing.h"
#include "plan/reference/scheduler_testing.h"

namespace plan::reference {
Reqs Scheduler::offering_reqs(const cloud::Offering& offering) const {
  Reqs out;
  add(out, one_of("karpenter.sh/capacity-type", {offering.capacity_type}));
  add(out, one_of("topology.kubernetes.io/zone", {offering.zone}));
  if (!offering.zone_id.empty()) {
    add(out, one_of("topology.k8s.aws/zone-id", {offering.zone_id}));
  }
  for (const cloud::TypeLabel& label : offering.labels) {
    add(out, one_of(label.key, {label.values.begin(), label.values.end()}));
  }
  const std::string& id_key = schema_->reservation_id_key();
  for (const std::string& key : schema_->reservation_keys()) {
    if (offering.capacity_type != "reserved") {
      add(out, one_of(key, {}));  // Absent.
    }
  }
  if (!id_key.empty() && !offering.reservation_id.empty()) {
    add(out, one_of(id_key, {offering.reservation_id}));
  }
  return out;
}

bool Scheduler::fits_group(const Type& type,
                           const Reqs& reqs,
                           const k8s::Resources& total,
                           bool* has_offering) const {
  bool is_fit = false;
  for (const AllocatableGroup& group : type.groups) {
    const bool is_offered =
        std::ranges::any_of(group.offerings, [&](const cloud::Offering* offering) {
          return !incompatible(reqs, offering_reqs(*offering), schema_->well_known());
        });
    *has_offering |= is_offered;
    is_fit |= is_offered && fits(total, group.allocatable);
  }
  return is_fit;
}

// SCH-71
std::map<std::string, std::int64_t> Scheduler::short_of_min_values(
    const Reqs& reqs, const std::vector<const Type*>& types) {
  std::map<std::string, std::int64_t> out;
  for (const auto& [key, req] : reqs) {
    std::set<std::string> found;
    for (const Type* type : types) {
      const Req offered = get(type->reqs, key);
      found.insert(offered.values.begin(), offered.values.end());
    }
    const auto number = static_cast<std::int64_t>(found.size());
    if (req.min_values && number < *req.min_values && !types.empty()) {
      out[key] = number;
    }
  }
  return out;
}

// SCH-47
bool Scheduler::can_attach(const Claim& claim, const Wish& wish, const Type& type) const {
  const auto limits = attach_limits_.find(type.type->name);
  for (const auto& [driver, own] : volumes_.at(wish.id)) {
    std::set<std::string> all = own;
    if (const auto used = claim.volumes.find(driver); used != claim.volumes.end()) {
      all.insert(used->second.begin(), used->second.end());
    }
    if (limits != attach_limits_.end() && limits->second.contains(driver) &&
        static_cast<std::int64_t>(all.size()) > limits->second.at(driver)) {
      return false;
    }
  }
  return true;
}

// SCH-180..183
Outcome Scheduler::filter(const Claim& claim, const Wish& wish, Trial& trial) const {
  k8s::Resources requests = claim.demand;
  requests.add(wish.requests);
  std::vector<const Type*> kept;
  Met met;
  for (const DaemonLoad& load : claim.tmpl->loads) {
    if (!conflicts(wish.ports, load.ports) && !conflicts(wish.ports, claim.ports)) {
      met.loads.push_back(load.overhead);
    }
  }
  for (const Type* type : trial.types) {
    const DaemonLoad& load = claim.tmpl->loads[claim.tmpl->load_of.at(type)];
    if (conflicts(wish.ports, load.ports) || conflicts(wish.ports, claim.ports) ||
        !can_attach(claim, wish, *type)) {
      continue;
    }
    k8s::Resources total = requests;
    total.add(load.overhead);
    const bool is_compatible = !conflict(type->reqs, trial.reqs);
    bool is_offered = false;
    const bool is_fit = fits_group(*type, trial.reqs, total, &is_offered);
    met.compat |= is_compatible;
    met.fits |= is_fit;
    met.offering |= is_offered;
    met.compat_and_fits |= is_compatible && is_fit && !is_offered;
    met.compat_and_offering |= is_compatible && is_offered && !is_fit;
    met.fits_and_offering |= is_fit && is_offered && !is_compatible;
    if (is_compatible && is_fit && is_offered) {
      kept.push_back(type);
    }
  }
  std::string message = filter_message(met);
  const auto missing = short_of_min_values(trial.reqs, kept);
  if (!missing.empty()) {
    if (problem_.options.min_values_policy == MinValuesPolicy::kStrict) {
      kept.clear();
      message = min_values_message(missing);
    } else {
      for (const auto& [key, number] : missing) {  // SCH-156, SCH-181
        trial.reqs.at(key).min_values = number;
      }
    }
  }
  trial.types = kept;
  return kept.empty() ? Outcome{.error = message + filter_suffix(trial.reqs, wish, met)}
                      : Outcome{};
}

// SCH-193, SCH-194
Outcome Scheduler::reserve(const Claim& claim, const Wish& wish, Trial& trial) const {
  if (!problem_.options.reserved_capacity) {
    return {};
  }
  k8s::Resources demand = claim.demand;
  demand.add(wish.requests);
  bool has_compatible = false;
  for (const Type* type : trial.types) {
    for (const cloud::Offering* offering : usable(claim, demand, *type, trial.reqs)) {
      if (offering->capacity_type != "reserved") {
        continue;
      }
      has_compatible = true;
      if (claim.reserved.contains(offering->reservation_id) ||
          reservations_.at(offering->reservation_id) > 0) {
        trial.reserved.insert(offering->reservation_id);
      }
    }
  }
  if (problem_.options.reserved_fallback || !trial.reserved.empty()) {
    return {};
  }
  if (has_compatible) {
    return {.error =
                "one or more instance types with compatible reserved offerings are available, "
                "but could not be reserved",
            .is_deferred = true};
  }
  if (!claim.reserved.empty()) {
    return {.error =
                "satisfying updated nodeclaim constraints would remove all compatible reserved "
                "offering options",
            .is_deferred = true};
  }
  return {};
}

// SCH-158, SCH-159
std::vector<const Type*> Scheduler::within_limits(const Template& tmpl, std::string& error) const {
  const k8s::Resources& left = remaining_.at(tmpl.pool().meta.name);
  const k8s::Quantity* nodes = left.find("nodes");
  if (nodes != nullptr && nodes->is_zero()) {
    error = base::concat(
        "node limits have been exhausted for nodepool (NodePool=", tmpl.pool().meta.name, ")");
    return {};
  }
  std::vector<const Type*> out;
  for (const Type* type : tmpl.types) {
    if (std::ranges::all_of(left, [&](const auto& entry) {
          return type->type->capacity.get(entry.first) <= entry.second;
        })) {
      out.push_back(type);
    }
  }
  if (out.empty()) {
    error = base::concat("all available instance types exceed limits for nodepool (NodePool=",
                         tmpl.pool().meta.name,
                         ")");
  }
  return out;
}

// SCH-157, SCH-160
void Scheduler::charge(const Claim& claim) {
  k8s::Resources most;
  for (const Type* type : claim.types) {
    most.raise_to(type->type->capacity);
  }
  most.set("nodes", k8s::Quantity::units(1));
  k8s::Resources left;
  for (const auto& [name, quantity] : remaining_.at(claim.tmpl->pool().meta.name)) {
    left.set(name, quantity - most.get(name));
  }
  remaining_.at(claim.tmpl->pool().meta.name) = left;
}

// Overrides make offerings of one type differ in room: those that are too small do not count.
std::vector<const cloud::Offering*> Scheduler::usable(const Claim& claim,
                                                      const k8s::Resources& demand,
                                                      const Type& type,
                                                      const Reqs& reqs) const {
  k8s::Resources total = demand;
  total.add(claim.tmpl->loads[claim.tmpl->load_of.at(&type)].overhead);
  std::vector<const cloud::Offering*> out;
  for (const AllocatableGroup& group : type.groups) {
    for (const cloud::Offering* offering : group.offerings) {
      if (fits(total, group.allocatable) &&
          !incompatible(reqs, offering_reqs(*offering), schema_->well_known())) {
        out.push_back(offering);
      }
    }
  }
  return out;
}

double Scheduler::cheapest(const Claim& claim, const Type& type, const Reqs& reqs) const {
  double best = std::numeric_limits<double>::max();
  for (const cloud::Offering* offering : usable(claim, claim.demand, type, reqs)) {
    best = std::min(best, offering->price);
  }
  return best;
}

}  // namespace plan::reference
