// Placements of pods that have resource claims (spec 02 s15). Nothing here runs for other pods.
#include "base/text.h"
#include "plan/solver.h"

namespace plan {
namespace {

using model::Undefined::kWellKnown;

// SCH-404: what a machine that is not initialised yet will bring.
const cloud::InstanceType* coming_type(const world::Snapshot& snapshot, const world::NodeRow& row) {
  const auto type = row.labels().find(cloud::label::kInstanceType);
  if (row.is_initialized() || !row.is_managed() || type == row.labels().end()) {
    return nullptr;
  }
  for (const auto& pool : snapshot.pools) {
    if (pool->pool->meta.name == row.pool() && pool->catalogue != nullptr) {
      return pool->catalogue->find(type->second);
    }
  }
  return nullptr;
}

}  // namespace

std::optional<DeviceTrial> Solver::ask_node(const PodClass& asked,
                                            const ExistingNode& node,
                                            model::SetId set,
                                            std::string* why) {
  DeviceAllocator& devices = *base_.devices();
  const base::Bitset row(1, true);
  const k8s::Node* object = node.row->node.get();
  return devices.allocate(
      {.claims = asked.device_claims,
       .place = {.id = static_cast<PlaceId>(2 * (&node - nodes_.data())),
                 .node = object ? std::string_view(object->meta.name) : std::string_view(),
                 .set = set,
                 .host = node.place.host,
                 .undefined = node.place.undefined},
       .rows = row,
       .fresh = devices.group_of_node(coming_type(base_.snapshot(), *node.row)),
       .why = why});
}

Verdict Solver::try_node_devices(const Asking& asking, const ExistingNode& node, model::SetId set) {
  if (asking.pod_class.device_claims.empty()) {
    return Verdict::kFits;
  }
  device_trial_ = ask_node(asking.pod_class, node, set, nullptr);
  return device_trial_ ? Verdict::kFits : Verdict::kNotNow;
}

std::optional<DeviceTrial> Solver::ask_claim(const PodClass& asked,
                                             const OpenClaim& claim,
                                             model::SetId set,
                                             const base::Bitset& rows,
                                             std::string* why) {
  DeviceAllocator& devices = *base_.devices();
  return devices.allocate(
      {.claims = asked.device_claims,
       .place =
           {.id = claim.place, .node = {}, .set = set, .host = claim.host, .undefined = kWellKnown},
       .rows = rows,
       .fresh = devices.groups_of(*base_.templates()[claim.tmpl].columns),
       .why = why});
}

// SCH-153: devices before topology. scratch_ holds the rows that fit the demand; the allocator
// leaves out those that cannot serve the claims.
Verdict Solver::try_claim_devices(const Asking& asking, const OpenClaim& claim, model::SetId set) {
  device_trial_ = ask_claim(asking.pod_class, claim, set, scratch_, nullptr);
  if (!device_trial_) {
    return Verdict::kNotNow;
  }
  const base::Bitset rows = scratch_;
  scratch_ &= device_trial_->rows;
  const Verdict verdict = try_topology(asking, claim, device_trial_->set);
  scratch_ = rows;
  return verdict == Verdict::kNever ? Verdict::kNotNow : verdict;
}

// SCH-447, SCH-448: devices that only types gone by now were given are free at once.
void Solver::commit_devices(const PodClass& asked, OpenClaim& claim) {
  if (asked.device_claims.empty()) {
    base_.devices()->keep_rows(claim.place, claim.rows);
    return;
  }
  base_.devices()->commit(std::move(*device_trial_), claim.rows);
  claim.has_devices = true;
}

Obstruction Solver::device_failure(const PodClass& asked,
                                   const Variant& variant,
                                   const OpenClaim& claim,
                                   model::SetId set) {
  const Template& tmpl = base_.templates()[claim.tmpl];
  base::Bitset rows = claim.rows;
  rows &= tmpl.columns->usable_rows(set);
  Amounts demand = claim.demand;
  add(demand, asked.demand);
  keep_fitting(tmpl, asked.shape->ports, demand, rows);
  if (rows.none()) {
    return narrowed_failure(asked, variant, claim, set);
  }
  std::string why;
  const auto trial = ask_claim(asked, claim, set, rows, &why);
  if (!trial) {
    return {.kind = Obstacle::kDevices,
            .text = base::concat("allocating dynamic resources, ", why)};
  }
  Obstruction result = narrowed_failure(asked, variant, claim, trial->set);
  if (result.kind == Obstacle::kMinValues && !base_.sets().has_min_values(trial->set)) {
    return {.kind = Obstacle::kDevices,
            .text = "no instance type satisfies both scheduling and dynamic resource requirements"};
  }
  return result;
}

}  // namespace plan
