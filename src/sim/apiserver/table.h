// meta.k8s.io/v1 Tables: what kubectl prints. Built-in kinds have the columns that kubectl users
// know; custom kinds those of their CRD; anything else NAME and AGE.
//
// Thread rule: free functions on values. Cost: proportional to the rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/apiserver/store.h"

namespace sim::api {

// How much of the object travels in each row.
enum class RowObject : std::uint8_t { kNone, kMetadata, kObject };

struct Column {
  using Cell = boost::json::value (*)(const boost::json::object& object, k8s::TimeNs now);

  std::string_view name = {};
  std::string_view type = {};  // "string", "integer", "boolean", "date".
  int priority = 0;            // 1: only with -o wide.
  Cell cell = nullptr;         // Null: what is at the path.
  std::string_view path = {};
  std::string_view fallback = {};  // Instead of an empty text.
};

boost::json::value cell_of(const Column& column,
                           const boost::json::object& object,
                           k8s::TimeNs now);

// Empty: the kind has no columns of its own.
std::span<const Column> columns_of(const ResourceType& type);

struct TableRequest {
  TypeId type;
  k8s::TimeNs now = 0;
  RowObject rows = RowObject::kMetadata;
};

// The Table without metadata.resourceVersion and continue, which the caller adds.
boost::json::object make_table(const TableRequest& request,
                               const std::vector<DocumentPtr>& documents);

// "5s", "3m20s", "2d3h", as kubectl abbreviates ages.
std::string human_duration(k8s::DurationNs duration);
// Age of an RFC 3339 time; "<unknown>" when there is none.
std::string age_of(std::string_view time, k8s::TimeNs now);

// The value of a CRD column's JSONPath: fields, quoted filters by one equality, [*]. Empty text
// when nothing is there; several values are joined by commas.
std::string json_path_text(const boost::json::object& object, std::string_view path);

}  // namespace sim::api
