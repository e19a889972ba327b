// Taints and tolerations by Kubernetes' rules, and the taints that karpenter expects to go away.
//
//   if (const Taint* refused = find_untolerated(pod.spec.tolerations, node.taints)) { ... }
//
// Thread rule: free functions.
#pragma once

#include <vector>

#include "k8s/meta.h"

namespace k8s {

// An empty key with Exists tolerates every key, an empty effect every effect. Lt and Gt compare the
// taint's value with the toleration's as integers.
bool tolerates(const Toleration& toleration, const Taint& taint);

// The first taint, of any effect, that no toleration matches; nullptr when all are tolerated
// (SCH-33).
const Taint* find_untolerated(const std::vector<Toleration>& tolerations,
                              const std::vector<Taint>& taints);

// Kubernetes' MatchTaint: same key and effect, whatever the value.
bool is_same_taint(const Taint& a, const Taint& b);

// Taints that a joining node carries for a while (SCH-34).
bool is_known_ephemeral(const Taint& taint);

// `left`, and those of `right` that match none of it (SCH-37).
std::vector<Taint> merge_taints(std::vector<Taint> left, const std::vector<Taint>& right);

// "KEY=VALUE:EFFECT", or "KEY:EFFECT" when there is no value.
std::string taint_text(const Taint& taint);

}  // namespace k8s
