// Dynamic resource allocation (spec 02 s15): which devices a pod's claims would get on a node, or
// on a claim that may become one of several instance types.
//
// allocate() asks and changes nothing; commit() writes its answer down, so that later pods see what
// is taken. Kubernetes' scheduler does the real allocation: what is decided here only makes sure
// that the machines fit.
//
//   DeviceAllocator devices(snapshot, sets, scope);
//   const auto claims = devices.find_claims(shape.namespace_, shape.resource_claims);
//   if (auto trial = devices.allocate({.claims = *claims, .place = place, .rows = rows,
//                                      .fresh = devices.groups_of(columns)})) {
//     devices.commit(std::move(*trial), rows_that_stay);
//   }
//
// Cost of one allocate(): O(devices that the place can see) per request, plus a search of at most
// DeviceSearch::kMaxSteps steps over all its groups (SCH-445 in steps instead of seconds). Types
// without devices of their own form one group: they cost one search together.
//
// Thread rule: one owner; lives for one round.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "plan/columns.h"
#include "plan/devices_search.h"

namespace plan {

struct ResourceClaimTag;
using ResourceClaimId = base::Id<ResourceClaimTag>;

// What of the cluster counts in this round.
struct DeviceScope {
  std::set<std::string, std::less<>> going_pods;  // UIDs of pods that lose their node (SCH-278).
  std::set<std::string, std::less<>> nodes;       // Initialised nodes that take part (SCH-402).
};

// What a placement would take.
struct DeviceTrial {
  struct Picks {
    std::size_t group = 0;
    model::SetId set;  // What these devices demand of the place.
    std::vector<DevicePick> picks;
  };

  PlaceId place = 0;
  model::SetId set;  // The place's, narrowed by claims and devices.
  base::Bitset rows;
  std::vector<ResourceClaimId> claims;  // Of them new ones, by position in the picks.
  std::span<const DeviceGroup> groups;  // The place's, before this placement.
  std::vector<Picks> picks;             // By group that works out.
};

class DeviceAllocator {
 public:
  struct Ask {
    std::span<const ResourceClaimId> claims;
    DevicePlace place;
    const base::Bitset& rows;  // Of the place, as far as they are still possible.
    // Of a place that has no devices yet; stays until the trial is committed or dropped.
    std::span<const DeviceGroup> fresh;
    std::string* why = nullptr;  // Gets the reason of a refusal.
  };

  DeviceAllocator(const world::Snapshot& snapshot, model::SetTable& sets, const DeviceScope& scope);
  DeviceAllocator(const DeviceAllocator&) = delete;
  DeviceAllocator& operator=(const DeviceAllocator&) = delete;

  // No claim twice. Errors: kNotFound (SCH-401).
  base::Result<std::vector<ResourceClaimId>> find_claims(std::string_view namespace_,
                                                         std::span<const std::string> names);

  // The rows of a catalogue by what they bring along; all rows are in one group each.
  std::span<const DeviceGroup> groups_of(const Columns& columns);
  // One row: a machine of this type.
  std::span<const DeviceGroup> group_of_node(const cloud::InstanceType* type);
  // The same of types by row; null: a machine that brings nothing but what is published.
  std::vector<DeviceGroup> make_groups(std::span<const cloud::InstanceType* const> type_of_row);

  // nullopt: the place cannot serve the claims.
  std::optional<DeviceTrial> allocate(const Ask& ask);
  // `rows`: what stays possible of trial.rows when everything else has been looked at (SCH-447).
  void commit(DeviceTrial trial, const base::Bitset& rows);
  // Frees what only rows outside `rows` were given (SCH-448). O(groups of the place).
  void keep_rows(PlaceId place, const base::Bitset& rows);

  // SCH-470: who made the devices that the place's claims were given; sorted.
  std::vector<std::string> drivers(PlaceId place) const;

  // Sets over labels of nodes that answers may depend on.
  std::vector<model::SetId> label_sets() const;

 private:
  // A claim that got its devices in this round.
  struct Given {
    struct Part {
      std::size_t group = 0;
      model::SetId set;
      std::set<std::string> drivers;
    };

    PlaceId place = 0;
    bool is_bound = false;  // Only its place can serve further pods (SCH-422).
    std::vector<Part> parts;
    model::SetId total;
  };

  struct Claim {
    WishedClaim wished;
    bool is_allocated = false;     // By the cluster, for good.
    std::vector<ReachTerm> reach;  // Of that allocation; none: everywhere.
    std::optional<Given> given;
  };

  struct Supply {
    DeviceSupply devices;
    FilterMemo memo;

    Supply(const cloud::InstanceType& type, const DeviceWishes& wishes)
        : devices(type), memo(wishes, devices.pools) {}
  };

  struct Refusals;

  std::uint32_t supply_of(const cloud::InstanceType& type);
  // Narrows `set` by claims that have their devices; `rest`: the others. False: impossible.
  bool settle_known(const Ask& ask, model::SetId& set, std::vector<ResourceClaimId>& rest);
  bool settle_one(const Ask& ask, const Claim& claim, model::SetId& set);
  bool search(const Ask& ask, DeviceTrial& trial);
  void refuse(const Ask& ask, std::string_view why) const;
  Given& given(DeviceTrial& trial, std::size_t claim);
  void update_totals(PlaceId place, std::span<const DeviceGroup> groups);

  model::SetTable& sets_;
  const world::Snapshot& snapshot_;
  DeviceWishes wishes_;
  DevicePools published_;
  FilterMemo memo_;
  DeviceLedger ledger_;
  const DeviceScope scope_;
  std::map<std::pair<std::string_view, std::string_view>, ResourceClaimId> claim_ids_;
  std::vector<std::unique_ptr<Claim>> claims_;  // Picks point into them.
  std::map<PlaceId, std::vector<ResourceClaimId>> given_at_;
  std::map<const cloud::InstanceType*, std::uint32_t> supply_ids_;
  std::vector<std::unique_ptr<Supply>> supplies_;  // By id, less one.
  std::map<const Columns*, std::vector<DeviceGroup>> fresh_;
  std::map<const cloud::InstanceType*, std::vector<DeviceGroup>> nodes_;
};

}  // namespace plan
