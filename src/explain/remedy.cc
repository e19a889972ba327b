#include "explain/remedy.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "explain/change.h"

namespace explain {
namespace {

// Plans per search. Each is a whole round, so that large clusters get fewer.
std::size_t plan_budget(const plan::Problem& problem) {
  constexpr std::size_t kWork = 1'000'000;  // Pods and nodes looked at, over all plans.
  std::size_t nodes = 0;
  problem.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow&) { ++nodes; });
  return std::clamp<std::size_t>(kWork / (1 + problem.pods.size() + nodes), 20, 400);
}

// The snapshot with some changes made.
world::Snapshot apply(const plan::Problem& problem,
                      world::PodId pod,
                      const std::vector<const Change*>& changes) {
  world::Snapshot snapshot = problem.snapshot;
  k8s::Pod changed = *snapshot.pods[pod].pod;
  for (const Change* change : changes) {
    if (change->pod) {
      change->pod(changed);
    }
    if (change->pool) {
      for (auto& row : snapshot.pools.own()) {
        if (row->pool->meta.name == change->pool_name) {
          k8s::NodePool pool = *row->pool;
          change->pool(pool);
          auto copy = std::make_shared<world::PoolRow>(*row);
          copy->pool = std::make_shared<const k8s::NodePool>(std::move(pool));
          row = copy;
        }
      }
    }
  }
  auto shape = std::make_shared<const model::PodShape>(model::make_pod_shape(changed));
  snapshot.pods.replace(
      pod,
      std::make_shared<const world::PodRow>(std::make_shared<const k8s::Pod>(std::move(changed)),
                                            std::move(shape)));
  return snapshot;
}

class Search {
 public:
  Search(const plan::Problem& problem, world::PodId pod)
      : problem_(problem), pod_(pod), left_(plan_budget(problem)) {
    before_ = plan_with({}).unplaced.size();
  }

  bool is_spent() const { return left_ == 0; }

  // The pod is placed, and no more pods stay pending than without the changes.
  bool helps(const std::vector<const Change*>& changes) {
    const plan::Plan plan = plan_with(changes);
    const auto is_this = [&](const plan::Unplaced& unplaced) { return unplaced.pod == pod_; };
    return plan.unplaced.size() < before_ && std::ranges::none_of(plan.unplaced, is_this);
  }

 private:
  plan::Plan plan_with(const std::vector<const Change*>& changes) {
    --left_;
    const world::Snapshot snapshot = apply(problem_, pod_, changes);
    return plan::compute_plan({.snapshot = snapshot,
                               .pods = problem_.pods,
                               .removed = problem_.removed,
                               .options = problem_.options});
  }

  const plan::Problem& problem_;
  world::PodId pod_;
  std::size_t left_;
  std::size_t before_ = 0;
};

Remedy remedy_of(const std::vector<const Change*>& changes) {
  Remedy remedy;
  for (const Change* change : changes) {
    remedy.changes.push_back(change->text);
  }
  return remedy;
}

}  // namespace

std::optional<Remedy> find_remedy(const plan::Problem& problem, world::PodId pod) {
  const std::vector<Change> all = list_changes(problem, pod);
  Search search(problem, pod);
  for (const Change& change : all) {
    if (search.is_spent()) {
      return std::nullopt;
    }
    if (search.helps({&change})) {
      return remedy_of({&change});
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size() && !search.is_spent(); ++j) {
      if (search.helps({&all[i], &all[j]})) {
        return remedy_of({&all[i], &all[j]});
      }
    }
  }
  return std::nullopt;
}

std::string remedy_text(const plan::Problem& problem, world::PodId pod) {
  const auto remedy = find_remedy(problem, pod);
  if (!remedy) {
    return "";
  }
  return base::concat("  it would be placed (planned again to be sure):\n    - ",
                      base::join(remedy->changes, "\n    - and "),
                      "\n");
}

}  // namespace explain
