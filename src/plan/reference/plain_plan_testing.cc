#include "plan/reference/plain_plan_testing.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "plan/reference/messages_testing.h"
#include "plan/reference/scheduler_testing.h"

namespace plan::reference {
namespace {

std::string pod_name(const Problem& problem, world::PodId id) {
  const k8s::ObjectMeta& meta = problem.snapshot.pods[id].pod->meta;
  return meta.namespace_ + "/" + meta.name;
}

std::string pod_names(const Problem& problem, const std::vector<world::PodId>& pods) {
  std::vector<std::string> names;
  for (const world::PodId id : pods) {
    names.push_back(pod_name(problem, id));
  }
  return base::join(names, " ");
}

std::string terms_text(const std::vector<k8s::SelectorTerm>& terms) {
  std::vector<std::string> lines;
  for (const k8s::SelectorTerm& term : terms) {
    std::vector<std::string> values = term.values;
    std::ranges::sort(values);
    lines.push_back(base::concat("    ",
                                 term.key,
                                 " ",
                                 term.op,
                                 " ",
                                 base::join(values, ","),
                                 term.min_values ? base::concat(" min ", *term.min_values) : "",
                                 "\n"));
  }
  std::ranges::sort(lines);
  return base::join(lines, "");
}

std::string labels_text(const k8s::StringMap& labels) {
  std::vector<std::string> out;
  for (const auto& [key, value] : labels) {
    out.push_back(base::concat(key, "=", value));
  }
  return base::join(out, " ");
}

std::string resources_text(const k8s::Resources& resources) {
  std::vector<std::string> out;
  for (const auto& [name, quantity] : resources) {
    out.push_back(base::concat(name, "=", quantity.text()));
  }
  return base::join(out, " ");
}

struct ClaimText {
  std::string pool;
  std::string pods;
  std::vector<std::string> types;
  std::vector<k8s::SelectorTerm> requirements;
  k8s::StringMap labels;
  k8s::Resources requests;
  std::string min_values_relaxed;
  std::string cheapest;

  std::string text() const {
    return base::concat("claim of ",
                        pool,
                        ": ",
                        pods,
                        "\n  types ",
                        base::join(types, " "),
                        "\n  cheapest ",
                        cheapest,
                        "\n  labels ",
                        labels_text(labels),
                        "\n  requests ",
                        resources_text(requests),
                        "\n  min values relaxed ",
                        min_values_relaxed,
                        "\n",
                        terms_text(requirements));
  }
};

// SCH-214: the smallest load of the groups that still have a type, name by name.
k8s::Resources least_load(const Claim& claim, const std::vector<const Type*>& kept) {
  std::set<std::size_t> loads;
  for (const Type* type : kept) {
    loads.insert(claim.tmpl->load_of.at(type));
  }
  std::optional<k8s::Resources> least;
  for (const std::size_t load : loads) {
    const k8s::Resources& overhead = claim.tmpl->loads[load].overhead;
    if (!least) {
      least = overhead;
      continue;
    }
    k8s::Resources both;
    for (const auto& [name, quantity] : *least) {
      if (overhead.find(name) != nullptr) {
        both.set(name, std::min(quantity, overhead.get(name)));
      }
    }
    least = both;
  }
  return least.value_or(k8s::Resources{});
}

// Does a daemon set ask for the label?
bool is_daemon_key(const world::Snapshot& snapshot,
                   const std::string& key,
                   const cloud::LabelSchema& schema) {
  return std::ranges::any_of(snapshot.daemon_pods, [&](const auto& daemon) {
    return std::ranges::any_of(required_terms(daemon->spec, schema),
                               [&](const Reqs& term) { return term.contains(key); });
  });
}

// SCH-242
k8s::StringMap claim_labels(const world::Snapshot& snapshot,
                            const Claim& claim,
                            const Reqs& reqs,
                            const cloud::LabelSchema& schema) {
  const k8s::NodePool& pool = claim.tmpl->pool();
  const k8s::NodeClassRef& node_class = pool.template_spec.node_class;
  k8s::StringMap labels = pool.template_labels;
  labels["karpenter.sh/nodepool"] = pool.meta.name;
  labels[base::concat(node_class.group, "/", base::to_lower(node_class.kind))] = node_class.name;
  for (const auto& [key, req] : reqs) {
    const std::string value = any_value(req);
    if (req.allows_absence() && is_daemon_key(snapshot, key, schema)) {
      continue;
    }
    if (!schema.is_well_known(key) && !schema.is_restricted(key) && !value.empty()) {
      labels[key] = value;
    }
  }
  return labels;
}

// Spec 02 s11. nullopt and the error: minValues do not survive truncation (SCH-230).
std::optional<ClaimText> finish(const Problem& problem,
                                const Scheduler& scheduler,
                                const Claim& claim,
                                std::string& error) {
  const cloud::LabelSchema& schema = scheduler.schema();
  Reqs reqs = claim.reqs;
  reqs.erase(std::string(cloud::label::kHostname));
  if (!claim.reserved.empty()) {  // SCH-197
    reqs["karpenter.sh/capacity-type"] = one_of("karpenter.sh/capacity-type", {"reserved"});
    if (!schema.reservation_id_key().empty()) {
      add(reqs, one_of(schema.reservation_id_key(), claim.reserved));
    }
  }
  std::vector<std::pair<double, const Type*>> by_price;
  ClaimText out;
  for (const Type* type : claim.types) {
    by_price.emplace_back(scheduler.cheapest(claim, *type, reqs), type);
  }
  std::ranges::sort(by_price, [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second->type->name) < std::pair(b.first, b.second->type->name);
  });
  by_price.resize(std::min(by_price.size(), problem.options.max_instance_types));
  std::vector<const Type*> kept;
  for (const auto& [price, type] : by_price) {
    kept.push_back(type);
    out.types.push_back(type->type->name);
  }
  if (problem.options.min_values_policy == MinValuesPolicy::kStrict &&
      !Scheduler::short_of_min_values(reqs, kept).empty()) {
    error = base::concat(
        "pod didn’t schedule because NodePool couldn’t meet minValues requirements, "
        "validating minValues, ",
        min_values_message(Scheduler::short_of_min_values(reqs, kept)),
        " (NodePool=",
        claim.tmpl->pool().meta.name,
        ")");
    return std::nullopt;
  }
  std::set<std::string> capacity_types;
  for (const Type* type : kept) {
    for (const cloud::Offering* offering : scheduler.usable(claim, claim.demand, *type, reqs)) {
      capacity_types.insert(offering->capacity_type);
    }
  }
  out.cheapest = base::concat(kept.front()->type->name, " ", by_price.front().first);
  add(reqs, one_of("node.kubernetes.io/instance-type", {out.types.begin(), out.types.end()}));
  if (!capacity_types.empty()) {
    add(reqs, one_of("karpenter.sh/capacity-type", capacity_types));
  }
  bool is_relaxed = false;  // SCH-222
  for (const auto& [key, req] : claim.tmpl->reqs) {
    is_relaxed |= req.min_values && reqs.at(key).min_values.value_or(0) < *req.min_values;
  }
  out.labels = claim_labels(problem.snapshot, claim, reqs, schema);
  reqs.erase("karpenter.sh/registered");
  reqs.erase("karpenter.sh/initialized");
  for (const auto& [key, req] : reqs) {
    for (k8s::SelectorTerm& term : to_api(req)) {
      out.requirements.push_back(std::move(term));
    }
  }
  out.pool = claim.tmpl->pool().meta.name;
  out.pods = pod_names(problem, claim.pods);
  out.requests = claim.demand;
  out.requests.add(least_load(claim, kept));
  out.min_values_relaxed = is_relaxed ? "true" : "false";
  return out;
}

}  // namespace

std::string PlainPlan::text() const {
  std::string out = base::join(claims, "");
  for (const auto& [node, pods] : existing) {
    out += base::concat("node ", node, ": ", pods, "\n");
  }
  for (const auto& [pod, reason] : reasons) {
    out += base::concat(reason.starts_with("deferred: ") ? "deferred " : "unplaced ", pod, "\n");
  }
  return out;
}

std::string PlainPlan::text_with_reasons() const {
  std::string out = text();
  for (const auto& [pod, reason] : reasons) {
    if (!reason.starts_with("deferred: ") && !reason.starts_with("failed getting volume")) {
      out += base::concat("reason ", pod, ": ", reason, "\n");
    }
  }
  return out;
}

PlainPlan reference_plan(const Problem& problem) {
  Scheduler scheduler(problem);
  scheduler.run();
  PlainPlan out;
  for (const Claim& claim : scheduler.claims()) {
    std::string error;
    if (const auto text = finish(problem, scheduler, claim, error)) {
      out.claims.push_back(text->text());
      continue;
    }
    for (const world::PodId pod : claim.pods) {
      out.reasons[pod_name(problem, pod)] = error;
    }
  }
  for (const Machine& machine : scheduler.machines()) {
    if (!machine.pods.empty()) {
      out.existing[machine.row->name()] = pod_names(problem, machine.pods);
    }
  }
  for (const auto& [pod, outcome] : scheduler.errors()) {
    out.reasons[pod_name(problem, pod)] =
        (outcome.is_deferred ? "deferred: " : "") + outcome.error.value_or("");
  }
  return out;
}

PlainPlan plain(const Problem& problem, const Plan& plan) {
  PlainPlan out;
  for (const PlannedClaim& claim : plan.claims) {
    ClaimText text;
    text.pool = claim.pool()->meta.name;
    text.pods = pod_names(problem, claim.pods);
    text.types = claim.instance_types();
    const k8s::NodeClaim object = claim.claim();
    text.requirements = object.spec.requirements;
    text.labels = object.meta.labels;
    text.requests = object.spec.requests;
    const auto* relaxed = object.meta.annotation("karpenter.sh/nodeclaim-min-values-relaxed");
    text.min_values_relaxed = relaxed == nullptr ? "absent" : *relaxed;
    text.cheapest = base::concat(claim.cheapest().instance_type, " ", claim.cheapest().price);
    out.claims.push_back(text.text());
  }
  for (const ExistingPlacement& placement : plan.existing) {
    if (!placement.pods.empty()) {
      out.existing[problem.snapshot.nodes[placement.node].name()] =
          pod_names(problem, placement.pods);
    }
  }
  for (const Unplaced& unplaced : plan.unplaced) {
    out.reasons[pod_name(problem, unplaced.pod)] =
        (unplaced.is_deferred ? "deferred: " : "") + unplaced.reason;
  }
  return out;
}

}  // namespace plan::reference
