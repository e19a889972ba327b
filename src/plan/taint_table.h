// Lists of taints and lists of tolerations as ids, and whether one tolerates the other (SCH-33),
// remembered per pair.
//
// Thread rule: one owner at a time (look-ups remember).
#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/ids.h"
#include "k8s/meta.h"

namespace plan {

struct TaintsTag;
using TaintsId = base::Id<TaintsTag>;
struct TolerationsTag;
using TolerationsId = base::Id<TolerationsTag>;

// Kubernetes' rule, numeric comparison included.
bool tolerates(const k8s::Toleration& toleration, const k8s::Taint& taint);
// Every taint, of any effect, is tolerated (SCH-33).
bool tolerates_all(std::span<const k8s::Toleration> tolerations,
                   std::span<const k8s::Taint> taints);
// `did not tolerate taint (taint=...)`, one per offending taint, joined by "; ".
std::string untolerated_text(std::span<const k8s::Toleration> tolerations,
                             std::span<const k8s::Taint> taints);

class TaintTable {
 public:
  TaintsId intern(std::vector<k8s::Taint> taints);
  TolerationsId intern(std::vector<k8s::Toleration> tolerations);

  const std::vector<k8s::Taint>& taints(TaintsId id) const { return taints_[id.index()]; }

  const std::vector<k8s::Toleration>& tolerations(TolerationsId id) const {
    return tolerations_[id.index()];
  }

  bool tolerates(TolerationsId tolerations, TaintsId taints);

 private:
  std::vector<std::vector<k8s::Taint>> taints_;
  std::vector<std::vector<k8s::Toleration>> tolerations_;
  boost::unordered_flat_map<std::string, TaintsId> taint_ids_;
  boost::unordered_flat_map<std::string, TolerationsId> toleration_ids_;
  boost::unordered_flat_map<std::uint64_t, bool> answers_;
};

}  // namespace plan
