// Making a problem smaller while it still shows a fault, and printing it.
#include <algorithm>

#include "base/text.h"
#include "k8s/codec.h"
#include "plan/random_problem_testing.h"

namespace plan::testing {
namespace {

using Edit = std::function<void(Draft&)>;

// Edits that each remove one item of a list.
template <typename Access>
void remove_each(std::vector<Edit>& edits, const Draft& draft, Access access) {
  Draft copy = draft;
  for (std::size_t i = access(copy).size(); i > 0; --i) {
    edits.push_back([access, i](Draft& d) {
      auto& list = access(d);
      list.erase(std::next(list.begin(), static_cast<std::ptrdiff_t>(i - 1)));
    });
  }
}

void shrink_objects(std::vector<Edit>& edits, const Draft& draft) {
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.pods; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.nodes; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.claims; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.pools; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.types; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.workloads; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.volume_claims; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.volumes; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.storage_classes; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.csi_nodes; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.namespaces; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.services; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.removed; });
  remove_each(edits, draft, [](Draft& d) -> auto& { return d.options.default_spread; });
}

template <typename Spec>
void shrink_spec(std::vector<Edit>& edits, const Draft& draft, Spec spec) {
  const auto list = [&](auto access) {
    remove_each(edits, draft, [spec, access](Draft& d) -> auto& { return access(spec(d)); });
  };
  list([](k8s::PodSpec& s) -> auto& { return s.node_selector; });
  list([](k8s::PodSpec& s) -> auto& { return s.node_affinity.required; });
  list([](k8s::PodSpec& s) -> auto& { return s.node_affinity.preferred; });
  list([](k8s::PodSpec& s) -> auto& { return s.topology_spread; });
  list([](k8s::PodSpec& s) -> auto& { return s.pod_affinity.required; });
  list([](k8s::PodSpec& s) -> auto& { return s.pod_affinity.preferred; });
  list([](k8s::PodSpec& s) -> auto& { return s.pod_anti_affinity.required; });
  list([](k8s::PodSpec& s) -> auto& { return s.pod_anti_affinity.preferred; });
  list([](k8s::PodSpec& s) -> auto& { return s.tolerations; });
  list([](k8s::PodSpec& s) -> auto& { return s.init_containers; });
  list([](k8s::PodSpec& s) -> auto& { return s.volumes; });
  list([](k8s::PodSpec& s) -> auto& { return s.containers[0].ports; });
  Draft copy = draft;
  for (std::size_t i = 0; i < spec(copy).node_affinity.required.size(); ++i) {
    list([i](k8s::PodSpec& s) -> auto& { return s.node_affinity.required[i].match_expressions; });
  }
  if (!spec(copy).overhead.empty() || spec(copy).resources) {
    edits.push_back([spec](Draft& d) {
      spec(d).overhead = {};
      spec(d).resources.reset();
    });
  }
  if (!spec(copy).containers[0].resources.requests.empty()) {
    edits.push_back([spec](Draft& d) { spec(d).containers[0].resources.requests = {}; });
  }
}

void shrink_pool(std::vector<Edit>& edits, const Draft& draft, std::size_t i) {
  const auto pool = [i](Draft& d) -> k8s::NodePool& { return d.pools[i]; };
  const auto list = [&](auto access) {
    remove_each(edits, draft, [pool, access](Draft& d) -> auto& { return access(pool(d)); });
  };
  list([](k8s::NodePool& p) -> auto& { return p.template_spec.requirements; });
  list([](k8s::NodePool& p) -> auto& { return p.template_spec.taints; });
  list([](k8s::NodePool& p) -> auto& { return p.template_spec.startup_taints; });
  list([](k8s::NodePool& p) -> auto& { return p.template_labels; });
  if (!draft.pools[i].limits.empty()) {
    edits.push_back([pool](Draft& d) { pool(d).limits = {}; });
  }
  if (draft.pools[i].weight) {
    edits.push_back([pool](Draft& d) { pool(d).weight.reset(); });
  }
}

std::vector<Edit> edits_of(const Draft& draft) {
  std::vector<Edit> edits;
  shrink_objects(edits, draft);
  for (std::size_t i = 0; i < draft.pods.size(); ++i) {
    shrink_spec(edits, draft, [i](Draft& d) -> k8s::PodSpec& { return d.pods[i].spec; });
    remove_each(edits, draft, [i](Draft& d) -> auto& { return d.pods[i].meta.labels; });
    remove_each(edits, draft, [i](Draft& d) -> auto& { return d.pods[i].meta.owners; });
  }
  for (std::size_t i = 0; i < draft.workloads.size(); ++i) {
    if (!draft.workloads[i].pod_template.spec.containers.empty()) {
      shrink_spec(edits, draft, [i](Draft& d) -> k8s::PodSpec& {
        return d.workloads[i].pod_template.spec;
      });
    }
  }
  for (std::size_t i = 0; i < draft.pools.size(); ++i) {
    shrink_pool(edits, draft, i);
  }
  for (std::size_t i = 0; i < draft.types.size(); ++i) {
    remove_each(edits, draft, [i](Draft& d) -> auto& { return d.types[i].offerings; });
  }
  for (std::size_t i = 0; i < draft.nodes.size(); ++i) {
    remove_each(edits, draft, [i](Draft& d) -> auto& { return d.nodes[i].meta.labels; });
    remove_each(edits, draft, [i](Draft& d) -> auto& { return d.nodes[i].taints; });
  }
  for (std::size_t i = 0; i < draft.volumes.size(); ++i) {
    remove_each(edits, draft, [i](Draft& d) -> auto& { return d.volumes[i].node_affinity; });
  }
  return edits;
}

std::string type_text(const cloud::InstanceType& type) {
  std::string out = base::concat("# type ", type.name);
  for (const auto& [name, quantity] : type.capacity) {
    out += base::concat(" ", name, "=", quantity.text());
  }
  out += " allocatable";
  for (const auto& [name, quantity] : type.allocatable()) {
    out += base::concat(" ", name, "=", quantity.text());
  }
  for (const cloud::TypeLabel& label : type.labels) {
    out += base::concat(" ", label.key, "=", base::join(label.values, "|"));
  }
  out += "\n";
  for (const cloud::Offering& offering : type.offerings) {
    out += base::concat("#   ",
                        offering.zone,
                        " ",
                        offering.capacity_type,
                        " ",
                        offering.price,
                        offering.available ? "" : " unavailable",
                        offering.reservation_id.empty() ? "" : " of " + offering.reservation_id,
                        offering.capacity_override ? " with other capacity" : "",
                        offering.overhead_override ? " with other overhead" : "",
                        "\n");
  }
  return out;
}

template <typename T>
void append(std::string& out, const std::vector<T>& objects) {
  for (const T& object : objects) {
    out += base::concat("---\n", k8s::encode_object(object), "\n");
  }
}

}  // namespace

Draft shrink(Draft draft, const std::function<bool(const Draft&)>& is_wrong) {
  bool is_smaller = true;
  while (is_smaller) {
    is_smaller = false;
    for (const Edit& edit : edits_of(draft)) {
      Draft candidate = draft;
      edit(candidate);
      if (is_wrong(candidate)) {
        draft = std::move(candidate);
        is_smaller = true;
        break;
      }
    }
  }
  return draft;
}

std::string manifests(const Draft& draft) {
  const Options& o = draft.options;
  std::string out = base::concat(
      "# seed ",
      draft.seed,
      o.preference_policy == PreferencePolicy::kIgnore ? " preferences=Ignore" : "",
      o.min_values_policy == MinValuesPolicy::kBestEffort ? " minValues=BestEffort" : "",
      o.reserved_capacity ? "" : " reservedCapacity=false",
      o.reserved_fallback ? " reservedFallback" : "",
      o.max_instance_types < 600 ? base::concat(" maxTypes=", o.max_instance_types) : "",
      draft.removed.empty() ? "" : " removed: " + base::join(draft.removed, " "),
      "\n");
  for (const k8s::TopologySpreadConstraint& constraint : o.default_spread) {
    out += base::concat("# default spread ",
                        constraint.topology_key,
                        " ",
                        constraint.when_unsatisfiable,
                        " ",
                        constraint.max_skew,
                        "\n");
  }
  for (const cloud::InstanceType& type : draft.types) {
    out += type_text(type);
  }
  append(out, draft.namespaces);
  append(out, draft.pools);
  append(out, draft.claims);
  append(out, draft.nodes);
  append(out, draft.workloads);
  append(out, draft.services);
  append(out, draft.storage_classes);
  append(out, draft.volumes);
  append(out, draft.volume_claims);
  append(out, draft.csi_nodes);
  append(out, draft.pods);
  return out;
}

}  // namespace plan::testing
