#include "control/class_hash.h"

#include <algorithm>

#include "control/changes.h"
#include "k8s/conditions.h"
#include "world/class_hash.h"

namespace control {

namespace {

constexpr std::string_view kClassHashCause = "nodeclass.hash";

bool is_current(const k8s::ObjectMeta& meta) {
  const std::string* version = meta.annotation(world::kClassHashVersionAnnotation);
  return version != nullptr && *version == world::kClassHashVersion;
}

bool refers_to(const k8s::NodeClassRef& reference, const std::string& name) {
  return reference.group == "karpenter.k8s.aws" && reference.kind == "EC2NodeClass" &&
         reference.name == name;
}

// API-190: a claim that has drifted keeps its hash, and so stays drifted.
void migrate_claims(const View& view,
                    const std::string& name,
                    const std::string& hash,
                    Step& step) {
  view.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.claim == nullptr || !refers_to(row.claim->spec.node_class, name) ||
        is_current(row.claim->meta)) {
      return;
    }
    k8s::NodeClaim next = *row.claim;
    next.meta.annotations[std::string(world::kClassHashVersionAnnotation)] =
        world::kClassHashVersion;
    if (k8s::find_condition(row.claim->status.conditions, "Drifted") == nullptr) {
      next.meta.annotations[std::string(world::kClassHashAnnotation)] = hash;
    }
    write_main(step, kClassHashCause, *row.claim, next, Lock::kNo);
  });
}

}  // namespace

Step reconcile_class_hash(const View& view, const std::string& name) {
  Step step;
  const auto found = std::ranges::find_if(
      view.snapshot.ec2_classes, [&](const auto& item) { return item->meta.name == name; });
  if (found == view.snapshot.ec2_classes.end()) {
    return step;
  }
  const k8s::EC2NodeClass& node_class = **found;
  const std::string hash = world::class_hash(node_class, view.config.ca_bundle);
  if (!is_current(node_class.meta)) {
    migrate_claims(view, name, hash, step);
    if (!step.effects.empty()) {  // API-189: the class follows when its claims are done.
      step.wake(view.now + k8s::kSecond);
      return step;
    }
  }
  k8s::EC2NodeClass next = node_class;
  next.meta.annotations[std::string(world::kClassHashAnnotation)] = hash;
  next.meta.annotations[std::string(world::kClassHashVersionAnnotation)] = world::kClassHashVersion;
  write_main(step, kClassHashCause, node_class, next, Lock::kNo);
  return step;
}

}  // namespace control
