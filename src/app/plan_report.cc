#include "app/plan_report.h"

#include <boost/json.hpp>

#include "app/json_text.h"
#include "base/money.h"

namespace app {
namespace {

namespace json = boost::json;

json::array strings(const std::vector<std::string>& values) {
  return json::array(values.begin(), values.end());
}

json::array pod_names(const world::Snapshot& snapshot, const std::vector<world::PodId>& pods) {
  json::array names;
  for (const world::PodId pod : pods) {
    names.emplace_back(pod_name(snapshot, pod));
  }
  return names;
}

json::object requirement(const k8s::SelectorTerm& term) {
  json::object entry{{"key", term.key}, {"operator", term.op}, {"values", strings(term.values)}};
  if (term.min_values) {
    entry["minValues"] = *term.min_values;
  }
  return entry;
}

json::object claim(const world::Snapshot& snapshot,
                   const plan::PlannedClaim& planned,
                   const std::string& name) {
  json::array requirements;
  for (const k8s::SelectorTerm& term : planned.form->claim.spec.requirements) {
    requirements.emplace_back(requirement(term));
  }
  return {{"name", name},
          {"nodePool", planned.pool()->meta.name},
          {"pods", pod_names(snapshot, planned.pods)},
          {"cheapest",
           {{"instanceType", planned.cheapest().instance_type},
            {"zone", planned.cheapest().zone},
            {"capacityType", planned.cheapest().capacity_type},
            {"price", base::rounded_dollars(planned.cheapest().price)}}},
          {"instanceTypes", strings(planned.instance_types())},
          {"requirements", std::move(requirements)}};
}

void append_unplaced(const world::Snapshot& snapshot,
                     const std::vector<plan::Unplaced>& unplaced,
                     json::array& out) {
  for (const plan::Unplaced& entry : unplaced) {
    out.push_back(json::object{{"pod", pod_name(snapshot, entry.pod)}, {"reason", entry.reason}});
  }
}

json::value document(const PlanReport& report) {
  const world::Snapshot& snapshot = report.snapshot;
  json::array claims;
  double price = 0;
  std::size_t scheduled = 0;
  for (std::size_t i = 0; i < report.plan.claims.size(); ++i) {
    const plan::PlannedClaim& planned = report.plan.claims[i];
    claims.push_back(claim(snapshot, planned, planned.pool()->meta.name + "-" + std::to_string(i)));
    price += planned.cheapest().price;
    scheduled += planned.pods.size();
  }
  json::array existing;
  for (const plan::ExistingPlacement& placement : report.plan.existing) {
    existing.push_back(json::object{{"node", snapshot.nodes[placement.node].name()},
                                    {"pods", pod_names(snapshot, placement.pods)}});
    scheduled += placement.pods.size();
  }
  json::array unschedulable;
  append_unplaced(snapshot, report.plan.unplaced, unschedulable);
  append_unplaced(snapshot, report.refused, unschedulable);
  json::array warnings = strings(report.warnings);
  for (const std::string& warning : report.plan.warnings) {
    warnings.emplace_back(warning);
  }
  json::object totals{{"newNodes", report.plan.claims.size()},
                      {"pricePerHour", base::rounded_dollars(price)},
                      {"scheduledPods", scheduled},
                      {"unschedulablePods", unschedulable.size()}};
  if (report.packing == plan::Packing::kCost) {
    totals["savingPerHour"] = base::rounded_dollars(report.plan.saving);
  }
  if (report.bound) {
    totals["boundPerHour"] = base::rounded_dollars(*report.bound);
  }
  return json::object{{"nodeClaims", std::move(claims)},
                      {"existing", std::move(existing)},
                      {"unschedulable", std::move(unschedulable)},
                      {"totals", std::move(totals)},
                      {"warnings", std::move(warnings)},
                      {"assumptions", strings(report.assumptions)}};
}

}  // namespace

std::string pod_name(const world::Snapshot& snapshot, world::PodId pod) {
  const k8s::ObjectMeta& meta = snapshot.pods[pod].pod->meta;
  return meta.namespace_ + "/" + meta.name;
}

std::string to_json(const PlanReport& report) {
  return pretty_json(document(report)) + "\n";
}

std::string to_yaml(const PlanReport& report) {
  return yaml_text(document(report));
}

}  // namespace app
