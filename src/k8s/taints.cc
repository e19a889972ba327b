#include "k8s/taints.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace k8s {
namespace {

// Canonical decimal integers only: what the API server lets into comparing tolerations.
std::optional<std::int64_t> to_integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(value) != text) {
    return std::nullopt;
  }
  return value;
}

bool compares(const Toleration& toleration, const Taint& taint) {
  const std::optional<std::int64_t> have = to_integer(taint.value);
  const std::optional<std::int64_t> bound = to_integer(toleration.value);
  return have && bound && (toleration.op == "Lt" ? *have < *bound : *have > *bound);
}

}  // namespace

bool tolerates(const Toleration& toleration, const Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) {
    return false;
  }
  if (!toleration.key.empty() && toleration.key != taint.key) {
    return false;
  }
  if (toleration.op.empty() || toleration.op == "Equal") {
    return toleration.value == taint.value;
  }
  if (toleration.op == "Lt" || toleration.op == "Gt") {
    return compares(toleration, taint);
  }
  return toleration.op == "Exists";
}

const Taint* find_untolerated(const std::vector<Toleration>& tolerations,
                              const std::vector<Taint>& taints) {
  const auto it = std::ranges::find_if(taints, [&](const Taint& taint) {
    return std::ranges::none_of(tolerations,
                                [&](const Toleration& t) { return tolerates(t, taint); });
  });
  return it == taints.end() ? nullptr : &*it;
}

bool is_same_taint(const Taint& a, const Taint& b) {
  return a.key == b.key && a.effect == b.effect;
}

bool is_known_ephemeral(const Taint& taint) {
  struct Known {
    std::string_view key;
    std::string_view effect;
  };

  constexpr std::array<Known, 5> kKnown = {
      {{"node.kubernetes.io/not-ready", "NoSchedule"},
       {"node.kubernetes.io/not-ready", "NoExecute"},
       {"node.kubernetes.io/unreachable", "NoSchedule"},
       {"node.cloudprovider.kubernetes.io/uninitialized", "NoSchedule"},
       {"karpenter.sh/unregistered", "NoExecute"}}};
  return taint.key.starts_with("readiness.k8s.io/") ||
         std::ranges::any_of(kKnown, [&](const Known& known) {
           return known.key == taint.key && known.effect == taint.effect;
         });
}

std::vector<Taint> merge_taints(std::vector<Taint> left, const std::vector<Taint>& right) {
  for (const Taint& taint : right) {
    if (std::ranges::none_of(left, [&](const Taint& t) { return is_same_taint(t, taint); })) {
      left.push_back(taint);
    }
  }
  return left;
}

std::string taint_text(const Taint& taint) {
  return taint.value.empty() ? taint.key + ":" + taint.effect
                             : taint.key + "=" + taint.value + ":" + taint.effect;
}

}  // namespace k8s
