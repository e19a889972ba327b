#include "plan/reference/scheduler_testing.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/taints.h"

namespace plan::reference {
namespace {

constexpr std::size_t kMaxCombinations = 256;

const std::string kHost(cloud::label::kHostname);

// The combinations of the choices, one requirement set each; the first key varies fastest.
std::vector<Reqs> combinations(const std::vector<KeyChoice>& choices) {
  std::vector<Reqs> out = {{}};
  for (const KeyChoice& choice : choices) {
    std::vector<Reqs> next;
    if (!choice.is_single) {
      for (Reqs combination : out) {
        add(combination, one_of(choice.key, {choice.options.begin(), choice.options.end()}));
        next.push_back(std::move(combination));
      }
    }
    for (const std::string& option :
         choice.is_single ? choice.options : std::vector<std::string>{}) {
      for (Reqs combination : out) {
        add(combination, one_of(choice.key, {option}));
        next.push_back(std::move(combination));
      }
    }
    out = std::move(next);
    out.resize(std::min(out.size(), kMaxCombinations));
  }
  return out;
}

Outcome failure(const std::string& prefix, const std::string& text) {
  return {.error = prefix + text};
}

// SCH-154
std::string placeholder(std::size_t number) {
  const std::string digits = base::concat(number);
  return "hostname-placeholder-" + std::string(4 - std::min<std::size_t>(digits.size(), 4), '0') +
         digits;
}

std::string taint_error(const Wish& wish, const std::vector<k8s::Taint>& taints) {
  const k8s::Taint* taint = k8s::find_untolerated(wish.spec.tolerations, taints);
  return "did not tolerate taint (taint=" + k8s::taint_text(*taint) + ")";
}

}  // namespace

// SCH-139, spec 02 s18.1
void Scheduler::run() {
  std::deque<Wish> queue;
  for (const world::PodId id : problem_.pods) {
    const k8s::Pod& pod = *problem_.snapshot.pods[id].pod;
    add_default_spread(queue.emplace_back(make_wish(id, pod)), problem_, pod);
    alternatives_[id] =
        volume_alternatives(problem_.snapshot, *schema_, pod).value_or(std::vector<Reqs>{});
    if (const auto volumes = driver_volumes(problem_.snapshot, pod)) {
      volumes_[id] = *volumes;
    }
  }
  std::ranges::sort(queue, [&](const Wish& a, const Wish& b) {
    const auto& meta_a = problem_.snapshot.pods[a.id].pod->meta;
    const auto& meta_b = problem_.snapshot.pods[b.id].pod->meta;
    return std::tuple(
               b.requests.get("cpu"), b.requests.get("memory"), meta_a.creation_time, meta_a.uid) <
           std::tuple(
               a.requests.get("cpu"), a.requests.get("memory"), meta_b.creation_time, meta_b.uid);
  });
  std::map<world::PodId, std::size_t> mark;
  while (!queue.empty() &&
         (!mark.contains(queue.front().id) || mark.at(queue.front().id) != queue.size())) {
    const Wish original = queue.front();
    queue.pop_front();
    Wish wish = original;
    const Outcome outcome = attempt(wish);
    errors_.erase(original.id);
    if (outcome.error) {
      errors_[original.id] = outcome;
      queue.push_back(original);
      mark[original.id] = queue.size();
    }
  }
}

// SCH-140
Outcome Scheduler::attempt(Wish& wish) {
  if (is_dra(wish.spec)) {
    return {.error =
                "pod has Dynamic Resource Allocation requirements that are not yet supported "
                "by Karpenter"};
  }
  if (!volumes_.contains(wish.id) || alternatives_.at(wish.id).empty()) {
    return {.error = "failed getting volume topology requirements"};
  }
  while (true) {
    refresh(wish, *schema_, problem_.options.preference_policy);
    Outcome outcome = add_pod(wish);
    if (!outcome.error || outcome.is_deferred || !relax(wish, may_tolerate_)) {
      return outcome;
    }
  }
}

// SCH-145
Outcome Scheduler::add_pod(const Wish& wish) {
  for (Machine& machine : machines_) {
    if (add_to_machine(machine, wish)) {
      return {};
    }
  }
  std::ranges::stable_sort(in_order_, {}, [](const Claim* claim) { return claim->pods.size(); });
  for (Claim* claim : in_order_) {
    if (!add_to_claim(*claim, wish).error) {
      return {};
    }
  }
  return add_to_new_claim(wish);
}

// SCH-150, SCH-151
bool Scheduler::add_to_machine(Machine& machine, const Wish& wish) {
  DriverVolumes volumes = machine.volumes;
  for (const auto& [driver, claims] : volumes_.at(wish.id)) {
    volumes[driver].insert(claims.begin(), claims.end());
  }
  // A node that is beyond a limit still takes pods without volumes of that driver.
  for (const auto& [driver, own] : volumes_.at(wish.id)) {
    const auto& claims = volumes.at(driver);
    const auto limit = machine.volume_limits.find(driver);
    if (limit != machine.volume_limits.end() &&
        static_cast<std::int64_t>(claims.size()) > limit->second) {
      return false;
    }
  }
  if (!tolerates(wish.spec.tolerations, machine.taints) || conflicts(wish.ports, machine.ports) ||
      !fits(wish.requests, machine.remaining) || incompatible(machine.reqs, wish.reqs, {})) {
    return false;
  }
  for (const Reqs& alternative : alternatives_.at(wish.id)) {
    Reqs reqs = machine.reqs;
    add(reqs, wish.reqs);
    // What the pod says of an absent label does not make it present for its volumes.
    if (incompatible(reqs, alternative, {}) || incompatible(machine.reqs, alternative, {})) {
      continue;
    }
    add(reqs, alternative);
    const auto choices = topology_->choose(wish, reqs);
    if (std::holds_alternative<TopologyError>(choices)) {
      continue;
    }
    for (const Reqs& narrowed : combinations(std::get<std::vector<KeyChoice>>(choices))) {
      if (incompatible(reqs, narrowed, {})) {
        continue;
      }
      machine.remaining.subtract(wish.requests);
      machine.ports.insert(machine.ports.end(), wish.ports.begin(), wish.ports.end());
      machine.volumes = volumes;
      machine.pods.push_back(wish.id);
      topology_->record(wish, machine.reqs, machine.taints, false);
      return true;
    }
  }
  return false;
}

Outcome Scheduler::add_to_claim(Claim& claim, const Wish& wish) {
  Trial trial;
  Outcome outcome = try_claim(claim, wish, trial);
  if (!outcome.error) {
    commit(claim, wish, std::move(trial));
  }
  return outcome;
}

// SCH-146, SCH-149
Outcome Scheduler::add_to_new_claim(const Wish& wish) {
  if (templates_.empty()) {
    return {.error = pools_.empty()
                         ? "no dynamic nodepools found"
                         : "nodepool requirements filtered out all available instance types"};
  }
  std::vector<std::string> errors;
  for (const Template& tmpl : templates_) {
    Claim fresh{.tmpl = &tmpl, .reqs = tmpl.reqs};
    add(fresh.reqs, one_of(kHost, {placeholder(claims_.size() + 1)}));
    std::string error;
    fresh.types = within_limits(tmpl, error);
    Trial trial;
    Outcome outcome =
        error.empty() ? try_claim(fresh, wish, trial) : Outcome{.error = std::move(error)};
    if (outcome.is_deferred) {
      return outcome;
    }
    if (!outcome.error) {
      Claim& made = claims_.emplace_back(std::move(fresh));
      in_order_.push_back(&made);
      commit(made, wish, std::move(trial));
      charge(made);
      return {};
    }
    errors.push_back(*outcome.error);
  }
  return {.error = base::join(errors, "; ")};
}

// SCH-153
Outcome Scheduler::try_claim(const Claim& claim, const Wish& wish, Trial& out) {
  const KeySet& known = schema_->well_known();
  const auto& taints = claim.tmpl->pool().template_spec.taints;
  if (!tolerates(wish.spec.tolerations, taints)) {
    return {.error = taint_error(wish, taints)};
  }
  if (const auto error = incompatible(claim.reqs, wish.reqs, known)) {
    return failure("incompatible requirements, ", *error);
  }
  Reqs reqs = claim.reqs;
  add(reqs, wish.reqs);
  Outcome last;
  for (const Reqs& alternative : alternatives_.at(wish.id)) {
    if (const auto error = incompatible(reqs, alternative, known)) {
      last = failure("incompatible volume requirements, ", *error);
      continue;
    }
    Reqs with_volumes = reqs;
    add(with_volumes, alternative);
    last = try_requirements(claim, wish, with_volumes, out);
    if (!last.error || last.is_deferred) {
      return last;
    }
  }
  return last;
}

// The first choice is the one that the rules would make alone, so its error is reported.
Outcome Scheduler::try_requirements(const Claim& claim, const Wish& wish, Reqs reqs, Trial& out) {
  const auto choices = topology_->choose(wish, reqs);
  if (const auto* error = std::get_if<TopologyError>(&choices)) {
    return {.error = error->text};
  }
  Outcome first;
  for (const Reqs& narrowed : combinations(std::get<std::vector<KeyChoice>>(choices))) {
    Trial trial{.reqs = reqs, .types = claim.types, .reserved = {}};
    add(trial.reqs, narrowed);
    Outcome outcome{.error = incompatible(reqs, narrowed, schema_->well_known())};
    if (!outcome.error) {
      outcome = filter(claim, wish, trial);
    }
    if (!outcome.error) {
      outcome = reserve(claim, wish, trial);
    }
    if (!outcome.error) {
      out = std::move(trial);
    }
    if (!outcome.error || outcome.is_deferred) {
      return outcome;
    }
    if (!first.error) {
      first = outcome;
    }
  }
  return first;
}

void Scheduler::commit(Claim& claim, const Wish& wish, Trial trial) {
  for (const std::string& id : trial.reserved) {  // SCH-196
    reservations_.at(id) -= claim.reserved.contains(id) ? 0 : 1;
  }
  for (const std::string& id : claim.reserved) {
    reservations_.at(id) += trial.reserved.contains(id) ? 0 : 1;
  }
  claim.reqs = std::move(trial.reqs);
  claim.types = std::move(trial.types);
  claim.reserved = std::move(trial.reserved);
  claim.demand.add(wish.requests);
  claim.ports.insert(claim.ports.end(), wish.ports.begin(), wish.ports.end());
  for (const auto& [driver, volumes] : volumes_.at(wish.id)) {
    claim.volumes[driver].insert(volumes.begin(), volumes.end());
  }
  claim.pods.push_back(wish.id);
  topology_->record(wish, claim.reqs, claim.tmpl->pool().template_spec.taints, true);
}

}  // namespace plan::reference
