// Drift of pools with a fixed number of machines: each drifted one is replaced by a fresh one
// (spec 03 s8.2).
#include <algorithm>

#include "base/text.h"
#include "cloud/label_schema.h"
#include "disrupt/methods.h"
#include "plan/prices.h"
#include "plan/what_if.h"
#include "world/names.h"
#include "world/pool_hash.h"

namespace disrupt {

namespace {

struct Census {
  std::int64_t staying = 0;  // Those that a command will delete among them (DIS-143).
  std::int64_t all = 0;
};

Census census_of(const world::Snapshot& snapshot, std::string_view pool) {
  Census census;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.claim != nullptr && row.pool() == pool) {
      ++census.all;
      census.staying += row.is_deleting() ? 0 : 1;
    }
  });
  return census;
}

// DIS-143: how many more machines the pool's limit on nodes allows.
std::int64_t room_of(const k8s::NodePool& pool, const Census& census) {
  const k8s::Quantity* limit = pool.limits.find("nodes");
  return limit == nullptr ? kUnlimited : std::max<std::int64_t>(0, limit->value() - census.all);
}

// The cheapest that the pool's requirements allow, for the report.
void price(Pass& pass, const world::PoolRow& pool, plan::ClaimForm& form) {
  plan::PlanBase& base = pass.what_if().base();
  plan::Columns& columns = pass.memory().columns_of(pool.catalogue);
  const model::SetId set =
      plan::ConstraintBuilder(base.sets()).add(pool.pool->template_spec.requirements).build().set;
  const auto types = plan::types_by_price(columns, set, columns.usable_rows(set));
  for (const plan::PricedType& type : types) {
    form.instance_types.push_back(columns.type_of_row(type.row).name);
  }
  const plan::OfferColumn* offer =
      types.empty()
          ? nullptr
          : plan::cheapest_offer(base, columns, columns.live_offers(set), types.front().row);
  if (offer != nullptr) {
    form.cheapest = {.instance_type = form.instance_types.front(),
                     .zone = std::string(base.words().text(offer->zone)),
                     .capacity_type = std::string(base.words().text(offer->capacity_type)),
                     .price = offer->price};
  }
}

// DIS-144: as the pool's template says, no instance type chosen.
plan::PlannedClaim fresh_claim(Pass& pass, const world::PoolRow& row) {
  const k8s::NodePool& pool = *row.pool;
  const k8s::NodeClassRef& ref = pool.template_spec.node_class;
  auto form = std::make_shared<plan::ClaimForm>();
  form->pool = row.pool;
  k8s::NodeClaim& claim = form->claim;
  claim.meta.generate_name = pool.meta.name + "-";
  claim.meta.owners.push_back({.api_version = "karpenter.sh/v1",
                               .kind = "NodePool",
                               .name = pool.meta.name,
                               .uid = pool.meta.uid,
                               .controller = false,
                               .block_owner_deletion = true});
  claim.meta.labels = pool.template_labels;
  claim.meta.labels[std::string(world::kPoolLabel)] = pool.meta.name;
  claim.meta.labels[base::concat(ref.group, "/", base::to_lower(ref.kind))] = ref.name;
  claim.meta.annotations = pool.template_annotations;
  claim.meta.annotations[std::string(world::kPoolHashAnnotation)] = world::pool_hash(pool);
  claim.meta.annotations[std::string(world::kPoolHashVersionAnnotation)] = world::kPoolHashVersion;
  claim.spec = pool.template_spec;
  price(pass, row, *form);
  return {.form = std::move(form), .pods = {}, .requests = {}};
}

// The pool's drifted machines that may be replaced now.
void replace(Pass& pass, const Candidates& drifted, std::int64_t budget, Findings& findings) {
  const world::PoolRow& pool = *drifted.front()->pool;
  const Census census = census_of(pass.snapshot(), pool.pool->meta.name);
  if (census.staying > *pool.pool->replicas) {
    return;  // The pool is about to shrink: it may lose these.
  }
  const std::int64_t count =
      std::min({budget, static_cast<std::int64_t>(drifted.size()), room_of(*pool.pool, census)});
  for (std::int64_t i = 0; i < count; ++i) {
    const Candidate& candidate = *drifted[static_cast<std::size_t>(i)];
    Command command{.method = Method::kStaticDrift};
    command.candidates.push_back(candidate);
    command.replacements.push_back(fresh_claim(pass, pool));
    command.savings = candidate.price - command.replacements.front().cheapest().price;
    findings.commands.push_back(std::move(command));
  }
}

}  // namespace

Findings find_static_drift(Pass& pass) {
  Findings findings;
  note_blocked(pass, Grace::kEventual, findings);
  std::map<std::string, Candidates> by_pool;
  for (const Candidate* candidate : pass.candidates(Grace::kEventual)) {
    if (candidate->pool->pool->replicas &&
        k8s::is_true(candidate->row->claim->status.conditions, "Drifted")) {
      by_pool[candidate->pool_name()].push_back(candidate);
      ++findings.eligible;
    }
  }
  if (by_pool.empty()) {
    return findings;
  }
  const Allowances allowed = allowances_of(pass, kDrifted, findings);
  for (const auto& [pool, drifted] : by_pool) {
    if (is_allowed(allowed, *drifted.front(), findings)) {
      replace(pass, drifted, allowed.pools.at(pool).remaining(), findings);
    }
  }
  return findings;
}

}  // namespace disrupt
