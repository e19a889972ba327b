#include "app/narrator.h"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "app/table.h"
#include "cloud/label_schema.h"
#include "k8s/codec.h"
#include "k8s/time.h"
#include "k8s/workload.h"

namespace app {
namespace {

namespace label = cloud::label;

std::string clock_text(k8s::DurationNs elapsed) {
  const std::int64_t seconds = elapsed / k8s::kSecond;
  return fmt::format("{:02}:{:02}", seconds / 60, seconds % 60);
}

std::string text_of(const k8s::StringMap& labels, std::string_view key) {
  const auto found = labels.find(key);
  return found == labels.end() ? "" : found->second;
}

std::string qualified(const k8s::ObjectMeta& meta) {
  return meta.namespace_ + "/" + meta.name;
}

struct Step {
  std::string_view condition;
  std::string_view told;
};

constexpr std::array kSteps{Step{"Registered", "registered"},
                            Step{"Initialized", "ready for pods"}};

}  // namespace

void Narrator::line(k8s::TimeNs now, const std::string& text) {
  say_(time_text(now) + "  " + text);
}

std::string Narrator::time_text(k8s::TimeNs now) const {
  return clock_text(now - start_);
}

void Narrator::on_event(const k8s::ObjectEvent& event, k8s::TimeNs now) {
  if (!event.object) {
    return;
  }
  const bool is_gone = event.op == k8s::EventOp::kDeleted;
  switch (event.kind) {
    case k8s::Kind::kNodeClaim:
      on_claim(k8s::as<k8s::NodeClaim>(*event.object), is_gone, now);
      return;
    case k8s::Kind::kNode:
      on_node(k8s::as<k8s::Node>(*event.object), is_gone, now);
      return;
    case k8s::Kind::kPod:
      on_pod(k8s::as<k8s::Pod>(*event.object), is_gone, now);
      return;
    case k8s::Kind::kEvent:
      on_cluster_event(*event.object, now);
      return;
    default:
      return;
  }
}

void Narrator::learn_instance(const k8s::NodeClaim& claim, ClaimState& state) const {
  state.instance_type = text_of(claim.meta.labels, label::kInstanceType);
  state.zone = text_of(claim.meta.labels, label::kZone);
  state.capacity_type = text_of(claim.meta.labels, label::kCapacityType);
  state.price = price_of(state);
}

double Narrator::price_of(const ClaimState& state) const {
  const cloud::InstanceType* type = catalogue_ ? catalogue_->find(state.instance_type) : nullptr;
  if (!type) {
    return 0;
  }
  for (const cloud::Offering& offering : type->offerings) {
    if (offering.zone == state.zone && offering.capacity_type == state.capacity_type) {
      return offering.price;
    }
  }
  return 0;
}

void Narrator::on_claim(const k8s::NodeClaim& claim, bool is_gone, k8s::TimeNs now) {
  const std::string& name = claim.meta.name;
  if (is_gone) {
    if (claims_.erase(name) > 0) {
      line(now, fmt::format("nodeclaim {} is gone", name));
    }
    return;
  }
  const auto [entry, is_new] = claims_.try_emplace(name);
  ClaimState& state = entry->second;
  state.node = claim.status.node_name;
  if (is_new) {
    state.created = claim.meta.creation_time;
    state.pool = text_of(claim.meta.labels, label::kNodePool);
    const k8s::Quantity cpu = claim.spec.requests.get("cpu");
    line(now,
         fmt::format(
             "nodeclaim {} created for {} cpu in NodePool {}", name, cpu.text(), state.pool));
  }
  if (!claim.status.provider_id.empty() && state.instance_type.empty()) {
    learn_instance(claim, state);
    line(now,
         fmt::format("nodeclaim {} launched: {} {} in {}, ${:.4f} per hour",
                     name,
                     state.capacity_type,
                     state.instance_type,
                     state.zone,
                     state.price));
  }
  for (const Step& step : kSteps) {
    if (k8s::is_true(claim.status.conditions, step.condition) &&
        state.told.insert(std::string(step.condition)).second) {
      line(now, fmt::format("node {} {}", claim.status.node_name, step.told));
    }
  }
  if (claim.meta.is_deleting() && !state.is_leaving) {
    state.is_leaving = true;
    line(now, fmt::format("nodeclaim {} is being removed", name));
  }
  if (claims_.size() >= peak_.size()) {
    peak_ = claims_;
  }
}

void Narrator::on_node(const k8s::Node& node, bool is_gone, k8s::TimeNs now) {
  if (is_gone) {
    if (nodes_.erase(node.meta.name) > 0) {
      line(now, fmt::format("node {} is gone", node.meta.name));
    }
  } else if (nodes_.insert(node.meta.name).second) {
    line(now, fmt::format("node {} joined the cluster", node.meta.name));
  }
}

void Narrator::on_pod(const k8s::Pod& pod, bool is_gone, k8s::TimeNs now) {
  const std::string name = qualified(pod.meta);
  if (is_gone || pod.status.phase == "Succeeded" || pod.status.phase == "Failed") {
    pods_.erase(name);
    return;
  }
  const auto [entry, is_new] = pods_.try_emplace(name);
  PodState& state = entry->second;
  if (is_new) {
    state.created = pod.meta.creation_time;
  }
  if (state.node.empty() && !pod.spec.node_name.empty()) {
    state.node = pod.spec.node_name;
    waits_.push_back(now - state.created);
    bound_[state.node].push_back(name);
  }
  state.is_running = pod.status.phase == "Running";
}

// A node and its claim are told of with the same words: the claim's are enough.
void Narrator::on_cluster_event(const k8s::Object& object, k8s::TimeNs now) {
  const auto& event = k8s::as<k8s::Event>(object);
  const bool is_disruption = event.reason.starts_with("Disrupt") &&
                             event.reason != "DisruptionBlocked" && event.involved.kind != "Node";
  if ((event.reason != "FailedScheduling" && !is_disruption) || event.count > 1) {
    return;
  }
  remember_reason(event.message);
  line(now, fmt::format("{} {}: {}", event.involved.kind, event.involved.name, event.message));
}

void Narrator::remember_reason(const std::string& reason) {
  const auto known = std::ranges::find(reasons_, reason, &std::pair<std::string, int>::first);
  if (known == reasons_.end()) {
    reasons_.emplace_back(reason, 1);
  } else {
    ++known->second;
  }
}

std::size_t Narrator::waiting_pods() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(pods_, [](const auto& entry) { return entry.second.node.empty(); }));
}

std::size_t Narrator::running_pods() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(pods_, [](const auto& entry) { return entry.second.is_running; }));
}

std::map<std::string, std::size_t> Narrator::pods_by_node() const {
  std::map<std::string, std::size_t> pods;
  for (const auto& [name, pod] : pods_) {
    ++pods[pod.node];
  }
  return pods;
}

std::string_view Narrator::state_of(const ClaimState& claim) {
  if (claim.is_leaving) {
    return "leaving";
  }
  if (claim.told.contains("Initialized")) {
    return "ready";
  }
  if (claim.told.contains("Registered")) {
    return "registered";
  }
  return claim.instance_type.empty() ? "asked for" : "booting";
}

Fleet Narrator::fleet(k8s::TimeNs now) const {
  Fleet out{.nodes = {}, .waiting_pods = waiting_pods(), .running_pods = running_pods()};
  const auto pods = pods_by_node();
  for (const auto& [name, claim] : claims_) {
    const auto own = claim.node.empty() ? pods.end() : pods.find(claim.node);
    out.nodes.push_back({.name = claim.node.empty() ? name : claim.node,
                         .instance_type = claim.instance_type,
                         .zone = claim.zone,
                         .capacity_type = claim.capacity_type,
                         .price = claim.price,
                         .pods = own == pods.end() ? 0 : own->second,
                         .age = now - claim.created,
                         .state = state_of(claim)});
    out.price += claim.price;
  }
  std::ranges::stable_sort(out.nodes, std::ranges::greater{}, &Fleet::Node::age);
  return out;
}

void Narrator::flush(k8s::TimeNs now) {
  for (const auto& [node, pods] : bound_) {
    line(now, fmt::format("{} bound to {}", counted(pods.size(), "pod"), node));
  }
  bound_.clear();
}

std::string Narrator::summary() const {
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Key, std::pair<int, double>> fleet;
  double total = 0;
  for (const auto& [name, state] : peak_) {
    auto& [nodes, price] =
        fleet[{state.pool, state.instance_type, state.zone, state.capacity_type}];
    ++nodes;
    price += state.price;
    total += state.price;
  }
  Table table({"NODEPOOL", "INSTANCE TYPE", "ZONE", "CAPACITY", "NODES", "PRICE/H"});
  for (const auto& [key, line] : fleet) {
    const auto& [pool, type, zone, capacity] = key;
    table.add({pool,
               type,
               zone,
               capacity,
               std::to_string(line.first),
               fmt::format("${:.4f}", line.second)});
  }
  std::string text = "no node was launched\n";
  if (!peak_.empty()) {
    text = fmt::format("{}\n{} at the most, ${:.4f} per hour\n",
                       table.text(),
                       counted(peak_.size(), "node"),
                       total);
  }
  if (!waits_.empty()) {
    const k8s::DurationNs longest = *std::max_element(waits_.begin(), waits_.end());
    text += fmt::format("{} got a node, the last after {} s\n",
                        counted(waits_.size(), "pod"),
                        longest / k8s::kSecond);
  }
  if (const std::size_t waiting = waiting_pods(); waiting > 0) {
    text += fmt::format("{} without a node\n", counted(waiting, "pod"));
  }
  return text + reasons_text();
}

std::string Narrator::reasons_text() const {
  std::string text = reasons_.empty() ? "" : "reasons given:\n";
  for (const auto& [reason, times] : reasons_) {
    text += fmt::format("  {} ({} x)\n", reason, times);
  }
  return text;
}

}  // namespace app
