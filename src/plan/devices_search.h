// The search for devices of one place and one group of instance types (SCH-440..446, SCH-450..461):
// depth first over claims, their requests, the alternatives of a request and its slots; published
// devices before those that the instance brings itself. The first full assignment wins.
//
// Devices of one kind are interchangeable, so after one of them has led nowhere the others are
// skipped, and the slots of a request take devices in ascending order. What is left can still be
// exponential in the number of slots; a budget of steps bounds it. A step costs O(picks).
//
// Thread rule: one owner.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "plan/devices_claim.h"
#include "plan/devices_ledger.h"

namespace plan {

// Where a pod is to go.
struct DevicePlace {
  PlaceId id = 0;
  std::string_view node;  // Empty: a claim without node.
  model::SetId set;
  model::Symbol host;
  model::Undefined undefined = model::Undefined::kWellKnown;
};

// The set narrowed to a term; invalid: the place does not meet it.
model::SetId narrow(model::SetTable& sets,
                    const DevicePlace& place,
                    model::SetId set,
                    const ReachTerm& term);

// Devices that an instance type brings along.
struct DeviceSupply {
  explicit DeviceSupply(const cloud::InstanceType& type);

  DevicePools pools;
  // By attribute, per device: which of its bound groups it is in; 0: none (SCH-461).
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> bound;
};

// Published devices that a place can reach, in order.
struct DeviceView {
  std::vector<DeviceIndex> devices;
  bool has_broken_pool = false;  // Invalid or incomplete, as far as the place can see (SCH-432).
};

DeviceView make_view(model::SetTable& sets, const DevicePools& pools, const DevicePlace& place);

// Answers of filters, remembered per device.
class FilterMemo {
 public:
  FilterMemo(const DeviceWishes& wishes, const DevicePools& pools)
      : wishes_(wishes), pools_(pools) {}

  bool matches(FilterId filter, DeviceIndex device);

 private:
  enum class Answer : std::uint8_t { kUnknown, kNo, kYes };

  const DeviceWishes& wishes_;
  const DevicePools& pools_;
  std::vector<std::vector<Answer>> answers_;  // By filter, by device.
};

// A device given to a request.
struct DevicePick {
  std::uint32_t claim = 0;  // Position among the asked claims.
  const WishedRequest* request = nullptr;
  const DeviceWish* wish = nullptr;
  const k8s::Device* device = nullptr;
  bool is_own = false;  // Of the instance, not of the cluster.
  DeviceCharge charge = {};
  model::SetId topology;  // Invalid: none.
  bool is_local = false;  // Of one node alone.
};

// What the search looks at.
struct DeviceScene {
  model::SetTable& sets;
  const DevicePools& published;
  const DeviceLedger& ledger;
  const DeviceView& view;
  FilterMemo& published_memo;
  const DeviceSupply* supply;  // Null: the instances bring nothing.
  FilterMemo* own_memo;
  const DevicePlace& place;
};

class DeviceSearch {
 public:
  static constexpr std::uint32_t kMaxDevicesPerClaim = 32;  // SCH-433
  static constexpr std::uint64_t kMaxSteps = 100'000;

  enum class Outcome : std::uint8_t { kFound, kNone, kTooMany, kBrokenPool, kGaveUp };

  DeviceSearch(const DeviceScene& scene,
               const DeviceGroup& group,
               std::span<const WishedClaim* const> claims);

  // `set` is narrowed by what the chosen devices demand. `steps` is shared by all groups.
  Outcome run(model::SetId& set, std::uint64_t& steps);

  // REQUIRES: kFound.
  std::vector<DevicePick> take_picks() { return std::move(picks_); }

 private:
  struct Candidate {
    DeviceIndex device = 0;
    bool is_own = false;
  };

  struct Position {
    std::uint32_t claim = 0;
    std::uint32_t request = 0;
  };

  bool next(Position at);
  bool fill(Position at, const DeviceWish& wish, std::int64_t slots, std::size_t from);
  bool fill_all(Position at, const DeviceWish& wish, std::size_t from);
  // Calls rest() with the candidate taken, for each way to take it, until one succeeds.
  template <typename Rest>
  bool take(Position at, const DeviceWish& wish, const Candidate& candidate, Rest rest);

  const std::vector<Candidate>& candidates(const DeviceWish& wish);
  Outcome check_sizes();
  std::int64_t devices_of(std::uint32_t claim) const;

  const PoolDevice& entry(const Candidate& candidate) const;
  const DevicePools& pools(const Candidate& candidate) const;
  bool is_free(const Candidate& candidate, const DeviceWish& wish) const;
  // False: it has not got enough left.
  bool make_charge(const Candidate& candidate, const DeviceWish& wish, DeviceCharge& charge) const;
  bool make_shares(const Candidate& candidate, const DeviceWish& wish, DeviceCharge& charge) const;
  bool make_draws(const Candidate& candidate, DeviceCharge& charge) const;
  bool meets_constraints(Position at, const DeviceWish& wish, const Candidate& candidate) const;
  bool meets(const WishedConstraint& constraint,
             Position at,
             const DeviceWish& wish,
             const Candidate& candidate) const;
  const k8s::DeviceAttribute* attribute(const Candidate& candidate, std::string_view name) const;
  std::uint32_t bound_group(const Candidate& candidate, std::string_view attribute) const;
  bool is_in_use(const Candidate& candidate) const;
  bool can_skip_kind(const Candidate& candidate) const;

  const DeviceScene& scene_;
  const DeviceGroup& group_;
  std::span<const WishedClaim* const> claims_;
  std::map<const DeviceWish*, std::vector<Candidate>> candidates_;
  std::vector<DevicePick> picks_;
  model::SetId set_;
  std::uint64_t steps_ = 0;
};

}  // namespace plan
