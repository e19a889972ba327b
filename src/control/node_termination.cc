#include "control/node_termination.h"

#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "k8s/conditions.h"
#include "k8s/time.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

constexpr std::string_view kTermination = "node.termination";
constexpr std::string_view kExcluder = "karpenter";
constexpr k8s::DurationNs kLookAgain = 1 * k8s::kSecond;
constexpr k8s::DurationNs kAskAgain = 5 * k8s::kSecond;

struct Termination {
  const View& view;
  const world::NodeRow& row;
  std::vector<k8s::Condition> next;  // The claim's, moved on; unused without a claim.
  Step step = {};
  std::optional<k8s::TimeNs> deadline = {};

  bool has_claim() const { return row.claim != nullptr; }

  bool is(std::string_view type, std::string_view status) const {
    const auto* condition = k8s::find_condition(next, type);
    return condition != nullptr && condition->status == status;
  }

  k8s::ConditionSet conditions() { return {next, k8s::Kind::kNodeClaim, row.claim->meta}; }
};

// LIF-126. True when the node had to be written.
bool mark_node(Termination& t) {
  const bool is_tainted = world::is_disrupted(*t.row.node);
  const std::string* excluded = t.row.node->meta.label(world::kExcludeLoadBalancerLabel);
  if (is_tainted && excluded != nullptr && *excluded == kExcluder) {
    return false;
  }
  k8s::Node next = *t.row.node;
  if (!is_tainted) {
    std::erase_if(next.taints,
                  [](const auto& taint) { return taint.key == world::kDisruptedTaint; });
    next.taints.push_back(world::disrupted_taint());
  }
  next.meta.labels[world::kExcludeLoadBalancerLabel] = kExcluder;
  if (!write_main(t.step, kTermination, *t.row.node, next, Lock::kYes)) {
    return false;
  }
  t.step.log(runtime::LogLevel::kInfo,
             "tainted node",
             {{"Node", runtime::object_reference(next.meta.name)},
              {"taint.Key", world::kDisruptedTaint},
              {"taint.Value", ""},
              {"taint.Effect", world::kNoSchedule}});
  return true;
}

// Stage 1 (LIF-130..132). True when nothing is left to evict.
bool drain(Termination& t) {
  if (t.has_claim() && k8s::find_condition(t.next, "Drained") == nullptr) {
    t.conditions().set_unknown("Drained", "Draining", "Draining", t.view.now);
  }
  const Drain drain = plan_drain(t.view.snapshot, t.row, t.deadline);
  for (const world::PodId id : drain.evict) {
    const k8s::ObjectMeta& meta = t.view.snapshot.pods[id].pod->meta;
    // What is in the queue already comes back by itself; only a deadline may have come closer.
    if (t.deadline || !t.view.memory.evictions.contains(meta.uid)) {
      t.step.evictions.emplace_back(meta.uid, t.deadline);
      t.step.enqueue.emplace_back("eviction-queue", meta.namespace_ + "/" + meta.name);
    }
  }
  if (drain.waiting > 0) {
    t.step.effects.push_back(
        event(kTermination,
              *t.row.node,
              {.type = "Warning",
               .reason = "FailedDraining",
               .message = base::concat(
                   "Failed to drain node, ", drain.waiting, " pods are waiting to be evicted")},
              {t.row.node->meta.name}));
    t.step.wake(t.view.now + kLookAgain);
    return false;
  }
  if (!t.has_claim() || t.is("Drained", k8s::kTrue)) {
    return true;
  }
  const auto* drained = k8s::find_condition(t.next, "Drained");
  const k8s::TimeNs ready_at = drained->last_transition + t.view.config.min_drain_time;
  if (t.view.now < ready_at) {
    t.step.wake(std::min(ready_at, t.view.now + kLookAgain));
    return false;
  }
  t.conditions().set_true("Drained", t.view.now);
  return true;
}

// Volumes of pods that stay on the node do not count (LIF-133).
std::vector<std::string> pending_attachments(const Termination& t) {
  const auto is_here = [&](const auto& attachment) {
    return attachment->node_name == t.row.node->meta.name && !attachment->volume_name.empty();
  };
  if (std::ranges::none_of(t.view.snapshot.volume_attachments, is_here)) {
    return {};
  }
  std::vector<std::string> kept;
  for (const world::PodId id : t.row.pods) {
    const k8s::Pod& pod = *t.view.snapshot.pods[id].pod;
    if (world::is_drainable(pod, t.view.now)) {
      continue;
    }
    for (const k8s::Volume& volume : pod.spec.volumes) {
      const std::string claim =
          volume.ephemeral ? pod.meta.name + "-" + volume.name : volume.claim_name;
      for (const auto& pvc : t.view.snapshot.volume_claims) {
        if (pvc->meta.namespace_ == pod.meta.namespace_ && pvc->meta.name == claim) {
          kept.push_back(pvc->volume_name);
        }
      }
    }
  }
  std::vector<std::string> pending;
  for (const auto& attachment : t.view.snapshot.volume_attachments) {
    if (is_here(attachment) && std::ranges::find(kept, attachment->volume_name) == kept.end()) {
      pending.push_back(attachment->meta.name);
    }
  }
  return pending;
}

// Stage 2 (LIF-134).
bool detach_volumes(Termination& t) {
  const std::vector<std::string> pending = pending_attachments(t);
  if (pending.empty()) {
    if (t.has_claim() && !t.is("VolumesDetached", k8s::kTrue)) {
      t.conditions().set_true("VolumesDetached", t.view.now);
    }
    return true;
  }
  if (t.deadline && t.view.now > *t.deadline) {
    if (t.has_claim()) {
      t.conditions().set_false("VolumesDetached",
                               "TerminationGracePeriodElapsed",
                               "TerminationGracePeriodElapsed",
                               t.view.now);
    }
    return true;
  }
  constexpr std::size_t kShown = 5;
  std::vector<std::string> shown(
      pending.begin(),
      pending.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, pending.size())));
  std::string names = base::join(shown, ", ");
  if (pending.size() > kShown) {
    names += base::concat(" and ", pending.size() - kShown, " other(s)");
  }
  t.step.effects.push_back(
      event(kTermination,
            *t.row.node,
            {.type = "Normal",
             .reason = "AwaitingVolumeDetachment",
             .message = base::concat("Awaiting deletion of bound volumeattachments (", names, ")")},
            {t.row.node->meta.name}));
  if (t.has_claim()) {
    t.conditions().set_unknown(
        "VolumesDetached", "AwaitingVolumeDetachment", "AwaitingVolumeDetachment", t.view.now);
  }
  t.step.wake(t.view.now + kLookAgain);
  return false;
}

// Stage 3 (LIF-136).
bool terminate_instance(Termination& t) {
  if (!t.has_claim()) {
    return true;
  }
  const std::string& provider_id = t.row.node->provider_id;
  const auto found = t.view.memory.instances.find(provider_id);
  const Memory::InstanceState state =
      found == t.view.memory.instances.end() ? Memory::InstanceState{} : found->second;
  if ((state.is_terminating || state.is_gone) && !t.is("InstanceTerminating", k8s::kTrue)) {
    t.conditions().set_true("InstanceTerminating", t.view.now);
    return false;  // Written down before the finalizer goes.
  }
  if (state.is_gone) {
    return true;
  }
  const bool was_asked = state.is_terminating || state.failures > 0;
  const k8s::TimeNs ask_at =
      !was_asked ? t.view.now
                 : state.at + (state.failures > 0
                                   ? backoff(state.failures, k8s::kSecond, 60 * k8s::kSecond)
                                   : kAskAgain);
  if (t.view.now >= ask_at) {
    t.step.effects.push_back({act::Terminate{provider_id}, std::string(kTermination)});
  } else {
    t.step.wake(ask_at);
  }
  return false;
}

void release(Termination& t) {
  k8s::Node next = *t.row.node;
  std::erase(next.meta.finalizers, world::kTerminationFinalizer);
  write_main(t.step, kTermination, *t.row.node, next, Lock::kYes);
  t.step.log(runtime::LogLevel::kInfo,
             "deleted node",
             {{"Node", runtime::object_reference(t.row.node->meta.name)}});
}

// LIF-124: a dead node whose instance is gone needs no drain. True when that is settled as "it is
// gone"; false with an effect when the cloud has to be asked first.
bool is_instance_gone(Termination& t) {
  constexpr k8s::DurationNs kFresh = 10 * k8s::kSecond;
  if (k8s::is_true(t.row.node->status.conditions, "Ready") || t.row.node->provider_id.empty()) {
    return false;
  }
  const auto found = t.view.memory.instances.find(t.row.node->provider_id);
  if (found != t.view.memory.instances.end() && found->second.is_gone) {
    return true;
  }
  if (found == t.view.memory.instances.end() || t.view.now - found->second.at >= kFresh) {
    t.step.effects.push_back(
        {act::GetInstance{t.row.node->provider_id}, std::string(kTermination)});
  }
  return false;
}

bool is_ours(const k8s::Node& node, const world::NodeRow& row) {
  return row.claim != nullptr || node.meta.label("karpenter.k8s.aws/ec2nodeclass") != nullptr ||
         node.meta.label("karpenter.kwok.sh/kwoknodeclass") != nullptr;
}

}  // namespace

Step reconcile_termination(const View& view, const std::string& node_name) {
  const auto id = view.world.find_node(node_name);
  if (!id) {
    return {};
  }
  const world::NodeRow& row = view.snapshot.nodes[*id];
  const k8s::Node& node = *row.node;
  if (!node.meta.is_deleting() || !node.meta.has_finalizer(world::kTerminationFinalizer) ||
      !is_ours(node, row)) {
    return {};  // LIF-122
  }
  Termination t{.view = view, .row = row, .next = {}};
  if (t.has_claim()) {
    t.next = row.claim->status.conditions;
  }
  if (t.has_claim() && !row.claim->meta.is_deleting()) {
    delete_object(t.step, kTermination, *row.claim);
    return t.step;
  }
  if (is_instance_gone(t)) {
    release(t);
    return t.step;
  }
  if (!t.step.effects.empty()) {
    return t.step;
  }
  if (const auto* text = t.has_claim()
                             ? row.claim->meta.annotation(world::kTerminationTimestampAnnotation)
                             : nullptr) {
    const auto parsed = k8s::parse_time(*text);
    if (!parsed) {
      t.step.log(runtime::LogLevel::kError, "parsing annotation", {{"error", parsed.error()}});
      return t.step;
    }
    t.deadline = *parsed;
    t.step.effects.push_back(event(kTermination,
                                   node,
                                   {.type = "Warning",
                                    .reason = "TerminationGracePeriodExpiring",
                                    .message = base::concat("All pods will be deleted by ", *text)},
                                   {node.meta.name}));
  }
  if (mark_node(t)) {
    return t.step;
  }
  const bool is_done = drain(t) && detach_volumes(t) && terminate_instance(t);
  if (t.has_claim()) {
    write_conditions(t.step, kTermination, *row.claim, std::move(t.next), Lock::kYes);
  }
  if (is_done) {
    release(t);
  }
  return t.step;
}

}  // namespace control
