// ResourceClaims as the device search reads them (SCH-430..434): wishes with compiled selectors,
// constraints, and what keeps a claim from being looked at.
//
// Thread rule: one writer.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plan/devices_expression.h"
#include "world/snapshot.h"

namespace plan {

// Class and selectors together; equal ones share an id, and their answers.
using FilterId = std::uint32_t;

struct DeviceFilter {
  std::vector<std::shared_ptr<const DeviceExpression>> expressions;  // ANDed.

  bool matches(const DeviceFacts& facts) const;
};

// One query of a claim.
struct DeviceWish {
  std::string name;  // "request", or "request/alternative".
  FilterId filter = 0;
  const k8s::DeviceQuery* query = nullptr;

  bool is_all() const { return query->allocation_mode == "All"; }

  bool is_admin() const { return query->admin_access; }
};

struct WishedRequest {
  std::string name;
  std::vector<DeviceWish> alternatives;  // The first that can be had (SCH-444).
};

struct WishedConstraint {
  std::string attribute;
  bool is_distinct = false;
  std::vector<std::string> requests;  // Empty: all.

  bool applies(const WishedRequest& request, const DeviceWish& wish) const;
};

struct WishedClaim {
  std::string key;  // "namespace/name"
  std::shared_ptr<const k8s::ResourceClaim> claim;
  std::vector<WishedRequest> requests;
  std::vector<WishedConstraint> constraints;
  std::string error;  // SCH-430, SCH-431; empty: fine.
};

class DeviceWishes {
 public:
  explicit DeviceWishes(const world::Snapshot& snapshot);

  WishedClaim compile(const std::shared_ptr<const k8s::ResourceClaim>& claim);

  const DeviceFilter& filter(FilterId id) const { return filters_[id]; }

  std::size_t filter_count() const { return filters_.size(); }

 private:
  base::Result<DeviceWish> compile_wish(const k8s::DeviceQuery& query, std::string name);
  base::Result<FilterId> compile_filter(const k8s::DeviceQuery& query);
  base::Result<std::shared_ptr<const DeviceExpression>> compile_selector(const std::string& text);

  std::map<std::string_view, const k8s::DeviceClass*> classes_;
  std::map<std::string, std::shared_ptr<const DeviceExpression>, std::less<>> expressions_;
  std::map<std::vector<std::string>, FilterId> filter_ids_;
  std::vector<DeviceFilter> filters_;
};

}  // namespace plan
