#include "plan/taint_table.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace plan {
namespace {

bool compares(const k8s::Toleration& toleration, const k8s::Taint& taint) {
  const auto wanted = base::parse_int(toleration.value);
  const auto actual = base::parse_int(taint.value);
  if (!wanted || !actual) {
    return false;
  }
  return toleration.op == "Lt" ? *actual < *wanted : *actual > *wanted;
}

std::string taint_text(const k8s::Taint& taint) {
  return taint.value.empty() ? base::concat(taint.key, ":", taint.effect)
                             : base::concat(taint.key, "=", taint.value, ":", taint.effect);
}

void append_field(std::string& bytes, const std::string& field) {
  bytes += base::to_text(static_cast<std::uint64_t>(field.size()));
  bytes += ':';
  bytes += field;
}

}  // namespace

bool tolerates(const k8s::Toleration& toleration, const k8s::Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) {
    return false;
  }
  if (toleration.key.empty() ? toleration.op != "Exists" : toleration.key != taint.key) {
    return false;
  }
  if (toleration.op == "Exists") {
    return true;
  }
  if (toleration.op == "Lt" || toleration.op == "Gt") {
    return compares(toleration, taint);
  }
  return (toleration.op.empty() || toleration.op == "Equal") && toleration.value == taint.value;
}

bool tolerates_all(std::span<const k8s::Toleration> tolerations,
                   std::span<const k8s::Taint> taints) {
  return std::ranges::all_of(taints, [&](const k8s::Taint& taint) {
    return std::ranges::any_of(tolerations,
                               [&](const k8s::Toleration& t) { return plan::tolerates(t, taint); });
  });
}

std::string untolerated_text(std::span<const k8s::Toleration> tolerations,
                             std::span<const k8s::Taint> taints) {
  std::vector<std::string> lines;
  for (const k8s::Taint& taint : taints) {
    if (!tolerates_all(tolerations, std::span(&taint, 1))) {
      lines.push_back(base::concat("did not tolerate taint (taint=", taint_text(taint), ")"));
    }
  }
  return base::join(lines, "; ");
}

TaintsId TaintTable::intern(std::vector<k8s::Taint> taints) {
  std::string bytes;
  for (const k8s::Taint& taint : taints) {
    append_field(bytes, taint.key);
    append_field(bytes, taint.value);
    append_field(bytes, taint.effect);
  }
  const auto [it, is_new] = taint_ids_.try_emplace(std::move(bytes), TaintsId(taints_.size()));
  if (is_new) {
    taints_.push_back(std::move(taints));
  }
  return it->second;
}

TolerationsId TaintTable::intern(std::vector<k8s::Toleration> tolerations) {
  std::string bytes;
  for (const k8s::Toleration& toleration : tolerations) {
    append_field(bytes, toleration.key);
    append_field(bytes, toleration.op);
    append_field(bytes, toleration.value);
    append_field(bytes, toleration.effect);
  }
  const auto [it, is_new] =
      toleration_ids_.try_emplace(std::move(bytes), TolerationsId(tolerations_.size()));
  if (is_new) {
    tolerations_.push_back(std::move(tolerations));
  }
  return it->second;
}

bool TaintTable::tolerates(TolerationsId tolerations, TaintsId taints) {
  if (taints_[taints.index()].empty()) {
    return true;
  }
  const std::uint64_t key = std::uint64_t{tolerations.value()} << 32 | taints.value();
  const auto [it, is_new] = answers_.try_emplace(key, false);
  if (is_new) {
    it->second = tolerates_all(tolerations_[tolerations.index()], taints_[taints.index()]);
  }
  return it->second;
}

}  // namespace plan
