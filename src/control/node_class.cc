#include "control/node_class.h"

#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "k8s/conditions.h"
#include "k8s/schema/kubelet.h"
#include "world/class_hash.h"

namespace control {

namespace {

constexpr std::string_view kNodeClassCause = "nodeclass";
constexpr std::string_view kFinalizer = "karpenter.k8s.aws/termination";
constexpr k8s::DurationNs kNodeClassPeriod = 1 * k8s::kMinute;

template <typename List>
auto find_named(const List& list, std::string_view name) {
  const auto found =
      std::ranges::find_if(list, [&](const auto& item) { return item->meta.name == name; });
  return found == list.end() ? nullptr : *found;
}

// AWN-17: short keys first.
void sort_requirements(std::vector<k8s::ResolvedImage>& images) {
  for (k8s::ResolvedImage& image : images) {
    std::ranges::sort(image.requirements, [](const auto& a, const auto& b) {
      return a.key.size() != b.key.size() ? a.key.size() < b.key.size() : a.key < b.key;
    });
  }
}

void set_found(k8s::ConditionSet& set,
               bool is_found,
               std::string_view type,
               std::pair<std::string, std::string> missing,
               k8s::TimeNs now) {
  if (is_found) {
    set.set_true(type, now);
  } else {
    set.set_false(type, std::move(missing.first), std::move(missing.second), now);
  }
}

// API-118 to API-121
void set_validated(const k8s::EC2NodeClass& node_class, k8s::ConditionSet& set, k8s::TimeNs now) {
  const auto problem = k8s::schema::find_kubelet_problem(
      node_class.kubelet_json, {.ami_family = world::effective_ami_family(node_class)});
  if (problem) {
    set.set_false("ValidationSucceeded", problem->reason, problem->message, now);
  } else {
    set.set_true("ValidationSucceeded", now);
  }
}

void take_over(k8s::EC2NodeClass& next,
               k8s::ConditionSet& set,
               const cloud::ResolvedNodeClass& resolved,
               k8s::TimeNs now) {
  next.status_amis = resolved.images;
  sort_requirements(next.status_amis);
  next.status_subnets = resolved.subnets;
  next.status_security_groups.clear();
  for (const cloud::ResolvedSecurityGroup& group : resolved.security_groups) {
    next.status_security_groups.push_back(group.id);
  }
  next.status_instance_profile = resolved.instance_profile;
  set_found(set,
            !resolved.images.empty(),
            "AMIsReady",
            {"AMINotFound", "AMISelector did not match any AMIs"},
            now);
  set.set_true("CapacityReservationsReady", now);
  set.set_true("PlacementGroupReady", now);
  set_found(set,
            !resolved.subnets.empty(),
            "SubnetsReady",
            {"SubnetsNotFound", "SubnetSelector did not match any Subnets"},
            now);
  set_found(set,
            !resolved.security_groups.empty(),
            "SecurityGroupsReady",
            {"SecurityGroupsNotFound", "SecurityGroupSelector did not match any SecurityGroups"},
            now);
  if (!resolved.instance_profile.empty()) {
    set.set_true("InstanceProfileReady", now);
  }
  set_validated(next, set, now);
}

// AWN: a class that claims still use waits for them.
Step finalize(const View& view, const k8s::EC2NodeClass& node_class) {
  constexpr std::size_t kShown = 5;
  Step step;
  if (!node_class.meta.has_finalizer(kFinalizer)) {
    return step;
  }
  std::vector<std::string> users;
  view.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.claim != nullptr && row.claim->spec.node_class.kind == "EC2NodeClass" &&
        row.claim->spec.node_class.name == node_class.meta.name) {
      users.push_back(row.claim->meta.name);
    }
  });
  if (!users.empty()) {
    std::ranges::sort(users);
    users.resize(std::min(users.size(), kShown));
    step.effects.push_back(event(
        kNodeClassCause,
        node_class,
        {.type = "Normal",
         .reason = "WaitingOnNodeClaimTermination",
         .message = base::concat("Waiting on NodeClaim termination for ", base::join(users, ", "))},
        {node_class.meta.uid}));
    step.wake(view.now + 10 * k8s::kMinute);
    return step;
  }
  k8s::EC2NodeClass next = node_class;
  std::erase(next.meta.finalizers, kFinalizer);
  write_main(step, kNodeClassCause, node_class, next, Lock::kYes);
  return step;
}

}  // namespace

Step reconcile_node_class(const View& view, const std::string& name) {
  const auto node_class = find_named(view.snapshot.ec2_classes, name);
  if (node_class == nullptr) {
    return {};
  }
  if (node_class->meta.is_deleting()) {
    return finalize(view, *node_class);
  }
  Step step;
  k8s::EC2NodeClass next = *node_class;
  if (!node_class->meta.has_finalizer(kFinalizer)) {  // AWN-5
    next.meta.finalizers.emplace_back(kFinalizer);
    write_main(step, kNodeClassCause, *node_class, next, Lock::kYes);
    return step;
  }
  k8s::ConditionSet set(next.conditions, k8s::Kind::kEC2NodeClass, node_class->meta);
  const auto found = view.memory.classes.find(name);
  const bool is_known =
      found != view.memory.classes.end() && found->second.generation == node_class->meta.generation;
  const k8s::TimeNs due =
      !is_known ? view.now
                : found->second.at +
                      (found->second.failures > 0
                           ? backoff(found->second.failures, k8s::kSecond, kNodeClassPeriod)
                           : kNodeClassPeriod);
  if (view.now >= due) {
    step.effects.push_back({act::ResolveClass{node_class}, std::string(kNodeClassCause)});
    return step;
  }
  step.wake(due);
  if (found->second.result) {
    take_over(next, set, *found->second.result, view.now);
  } else if (found->second.result.error().code == base::ErrorCode::kInvalid) {
    set.set_false("AMIsReady", "UnsupportedAlias", found->second.result.error().detail, view.now);
  }
  write_status(step, kNodeClassCause, *node_class, next, Lock::kYes);
  return step;
}

Step reconcile_kwok_class(const View& view, const std::string& name) {
  Step step;
  const auto node_class = find_named(view.snapshot.kwok_classes, name);
  if (node_class == nullptr || node_class->meta.is_deleting()) {
    return step;
  }
  // The CRD's default says Ready; whoever says otherwise means it (LIF-236).
  if (k8s::find_condition(node_class->conditions, k8s::kReady) != nullptr) {
    return step;
  }
  k8s::KWOKNodeClass next = *node_class;
  k8s::ConditionSet set(next.conditions, k8s::Kind::kKWOKNodeClass, node_class->meta);
  set.set_true(k8s::kReady, view.now);
  write_status(step, kNodeClassCause, *node_class, next, Lock::kYes);
  return step;
}

}  // namespace control
