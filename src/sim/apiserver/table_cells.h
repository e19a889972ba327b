// Cells of the built-in kinds' tables that take more than a look at one path.
//
// Thread rule: free functions on values.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "k8s/time.h"

namespace sim::api::cells {

using Object = boost::json::object;
using Value = boost::json::value;
using Now = k8s::TimeNs;

// Pieces of cells.
Value text(std::string_view value);
Value text_or(std::string_view value, std::string_view fallback);
std::string ratio(std::int64_t part, std::int64_t whole);  // "1/3"
std::string labels_text(const Object* labels);             // "a=b,c=d" or "<none>"
std::string_view node_address(const Object& o, std::string_view type);
Value int_or_text(const Object& o, std::string_view path);  // "N/A" when absent.
// The first text that is there.
std::string_view first_of(const Object& o, std::initializer_list<std::string_view> paths);

// Whole cells.
Value age(const Object& o, Now now);
Value containers(const Object& o, Now);
Value images(const Object& o, Now);
Value selector(const Object& o, Now);
Value pod_ready(const Object& o, Now);
Value pod_status(const Object& o, Now);
Value pod_restarts(const Object& o, Now);
Value node_status(const Object& o, Now);
Value node_roles(const Object& o, Now);
Value ready_of_replicas(const Object& o, Now);
Value job_status(const Object& o, Now);
Value job_duration(const Object& o, Now now);
Value event_last_seen(const Object& o, Now now);
Value event_first_seen(const Object& o, Now now);
Value event_object(const Object& o, Now);
Value access_modes(const Object& o, Now);
Value data_count(const Object& o, Now);
Value service_ports(const Object& o, Now);

}  // namespace sim::api::cells
