#include "control/cluster_cost.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "world/names.h"

namespace control {

namespace {

// As ClusterCost::Offer, borrowed from a claim.
using OfferView =
    std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;

// DIS-225: whoever lacks one of the labels is not counted yet.
std::optional<OfferView> offer_of(const world::NodeRow& row) {
  if (row.claim == nullptr) {
    return std::nullopt;
  }
  const world::MachineLabels& labels = row.claim.labels();
  if (labels.pool == nullptr || labels.instance_type == nullptr || labels.zone == nullptr ||
      labels.capacity_type == nullptr) {
    return std::nullopt;
  }
  return OfferView(*labels.pool, *labels.instance_type, *labels.zone, *labels.capacity_type);
}

// LIF-217: the first offering with this zone and capacity type.
std::optional<double> price_of(const world::PoolRow* pool, const OfferView& offer) {
  const auto& [name, type_name, zone, capacity] = offer;
  const cloud::InstanceType* type =
      pool == nullptr || pool->catalogue == nullptr ? nullptr : pool->catalogue->find(type_name);
  if (type == nullptr) {
    return std::nullopt;
  }
  for (const cloud::Offering& offering : type->offerings) {
    if (offering.zone == zone && offering.capacity_type == capacity) {
      return offering.price;
    }
  }
  return std::nullopt;
}

}  // namespace

void ClusterCost::count(const world::Snapshot& snapshot) {
  for (auto& [offer, machines] : counts_) {
    machines = 0;
  }
  counted_.resize(std::max<std::size_t>(counted_.size(), snapshot.nodes.end_id()));
  snapshot.nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    Counted& counted = counted_[id];
    if (counted.claim != row.claim.share()) {
      const auto offer = offer_of(row);
      const auto known = offer ? counts_.find(*offer) : counts_.end();
      counted = {.claim = row.claim.share(),
                 .offer = offer && known == counts_.end() ? counts_.emplace(Offer(*offer), 0).first
                                                          : known};
    }
    if (counted.claim != nullptr && counted.offer != counts_.end()) {
      ++counted.offer->second;
    }
  });
}

void ClusterCost::update(const world::Snapshot& snapshot) {
  count(snapshot);
  std::map<std::string, const world::PoolRow*, std::less<>> pools;
  for (const auto& pool : snapshot.pools) {
    pools[pool->pool->meta.name] = pool.get();
  }
  std::map<Offer, double, std::less<>> prices;
  by_pool_.clear();
  unpriced_.clear();
  for (const auto& [offer, machines] : counts_) {
    const auto& [name, type, zone, capacity] = offer;
    const auto pool = pools.find(name);
    if (machines == 0 || pool == pools.end()) {
      continue;  // LIF-218: a pool that is gone costs nothing.
    }
    const auto known = prices_.find(offer);
    std::optional<double> price = price_of(pool->second, OfferView(name, type, zone, capacity));
    if (!price && known != prices_.end()) {
      price = known->second;
    }
    if (price) {
      prices.emplace(offer, *price);
    } else {
      unpriced_.push_back(base::concat(name, ": ", type, " ", zone, " ", capacity));
    }
    by_pool_[name] += static_cast<double>(machines) * price.value_or(0);
  }
  prices_ = std::move(prices);
}

double ClusterCost::of_pool(std::string_view pool) const {
  const auto found = by_pool_.find(pool);
  return found == by_pool_.end() ? 0 : found->second;
}

double ClusterCost::total() const {
  double sum = 0;
  for (const auto& [pool, cost] : by_pool_) {
    sum += cost;
  }
  return sum;
}

}  // namespace control
