#include "disrupt/score.h"

#include <algorithm>
#include <limits>

#include "world/pods.h"

namespace disrupt {

namespace {

// DIS-43
double cost_of_bystander(const world::Snapshot& snapshot, const world::NodeRow& row) {
  double cost = 1;
  for (const world::PodId id : row.pods) {
    const world::PodRow& row_of_pod = snapshot.pods[id];
    const k8s::Pod& pod = *row_of_pod.pod;
    if (!world::is_daemon_pod(pod) && !world::is_terminal(pod)) {
      cost += std::max(0.0, row_of_pod.traits.eviction_cost);
    }
  }
  return cost;
}

// DIS-225: what the pool's claims cost, as far as their labels tell.
void add_claim_costs(const world::Snapshot& snapshot, PoolTotalsByName& totals) {
  for (const auto& pool : snapshot.pools) {
    const auto entry = totals.find(pool->pool->meta.name);
    if (entry == totals.end() || pool->catalogue == nullptr) {
      continue;
    }
    snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
      if (row.claim != nullptr && row.pool() == entry->first) {
        entry->second.cost += price_of(row.claim.labels(), *pool->catalogue);
      }
    });
  }
}

}  // namespace

Score score_of(double savings, double disruption, const PoolTotals& totals) {
  Score score;
  if (totals.cost > 0 && totals.disruption > 0) {
    score.savings_fraction = savings / totals.cost;
    score.disruption_fraction = disruption / totals.disruption;
  }
  if (score.savings_fraction > 0) {
    score.value = score.disruption_fraction == 0
                      ? std::numeric_limits<double>::infinity()
                      : score.savings_fraction / score.disruption_fraction;
  }
  return score;
}

std::vector<Scoring> weigh(std::span<const Candidate* const> candidates,
                           double savings,
                           const PoolTotalsByName& totals) {
  struct Share {
    const k8s::NodePool* pool = nullptr;
    std::size_t candidates = 0;
    double price = 0;
    double disruption = 0;
  };

  std::map<std::string, Share> shares;
  double price = 0;
  for (const Candidate* candidate : candidates) {
    Share& share = shares[candidate->pool_name()];
    share.pool = candidate->pool->pool.get();
    ++share.candidates;
    share.price += candidate->price;
    share.disruption += candidate->disruption_cost;
    price += candidate->price;
  }
  std::vector<Scoring> out;
  for (const auto& [name, share] : shares) {
    Scoring& one = out.emplace_back();
    one.pool = name;
    one.policy = share.pool->disruption.consolidation_policy;
    one.is_scored = one.policy == kBalanced;
    one.candidates = share.candidates;
    one.savings = shares.size() > 1 && price > 0 ? savings * share.price / price : savings;
    one.disruption = share.disruption;
    if (one.is_scored) {
      const auto total = totals.find(name);
      one.totals = total == totals.end() ? PoolTotals{} : total->second;
      one.score = score_of(one.savings, one.disruption, one.totals);
      one.is_approved = one.score.is_approved();
    }
  }
  const bool all = std::ranges::all_of(out, &Scoring::is_approved);
  for (Scoring& one : out) {
    one.is_move_approved = all;
  }
  return out;
}

bool is_approved(const std::vector<Scoring>& scorings) {
  return !scorings.empty() && scorings.front().is_move_approved;
}

bool is_hopeless(const Candidate& candidate, const PoolTotalsByName& totals) {
  const auto total = totals.find(candidate.pool_name());
  return candidate.pool->pool->disruption.consolidation_policy == kBalanced &&
         total != totals.end() && total->second.cost > 0 &&
         !score_of(candidate.price, candidate.disruption_cost, total->second).is_approved();
}

PoolTotalsByName pool_totals(const world::Snapshot& snapshot,
                             std::span<const Judgement> judgements,
                             Grace grace,
                             const std::map<std::string, double, std::less<>>& costs) {
  PoolTotalsByName totals;
  std::map<std::string, double, std::less<>> prices;  // Of candidates.
  for (const Judgement& judgement : judgements) {
    if (judgement.stands(grace)) {
      totals[judgement.candidate->pool_name()];
      prices[judgement.candidate->pool_name()] += judgement.candidate->price;
    }
  }
  for (const Judgement& judgement : judgements) {
    const world::NodeRow& row = snapshot.nodes[judgement.node];
    if (const auto entry = totals.find(row.pool()); entry != totals.end()) {
      entry->second.disruption += judgement.stands(grace) ? judgement.candidate->disruption_cost
                                                          : cost_of_bystander(snapshot, row);
    }
  }
  add_claim_costs(snapshot, totals);
  for (auto& [name, total] : totals) {
    if (const auto tracked = costs.find(name); tracked != costs.end() && tracked->second > 0) {
      total.cost = tracked->second;
    }
    if (total.cost <= 0) {
      total.cost = prices[name];
    }
  }
  return totals;
}

}  // namespace disrupt
