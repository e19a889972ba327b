// Short ways to read and edit Kubernetes documents held as boost::json. Paths are dotted field
// names ("metadata.name"); keys that hold dots (labels) are not reachable by path. Reading a path
// that is absent, or that crosses a value of another type, yields the empty answer.
//
// Thread rule: free functions on values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "k8s/meta.h"

namespace sim::api {

namespace json = boost::json;

// nullptr when absent (an explicit null counts as absent).
const json::value* find_path(const json::object& root, std::string_view path);
const json::object* object_at(const json::object& root, std::string_view path);
const json::array* array_at(const json::object& root, std::string_view path);
std::string_view text_at(const json::object& root, std::string_view path);
std::int64_t int_at(const json::object& root, std::string_view path, std::int64_t fallback = 0);
bool bool_at(const json::object& root, std::string_view path);
// Of what was found; nullptr is absent.
std::string_view text_of(const json::value* found);
std::int64_t int_of(const json::value* found, std::int64_t fallback = 0);

// Creates the objects along the path; a value of another type in the way is replaced.
json::object& ensure_object(json::object& root, std::string_view path);
json::array& ensure_array(json::object& parent, std::string_view key);
void set_default(json::object& parent, std::string_view key, json::value value);

// The string members of the object at the path.
k8s::StringMap string_map_at(const json::object& root, std::string_view path);

// Status answers: the condition of that type in status.conditions, or nullptr.
const json::object* find_condition(const json::object& root, std::string_view type);
const json::object* find_condition(const json::array* conditions, std::string_view type);
bool condition_is(const json::object& root, std::string_view type, std::string_view status);

// RFC 3339 in whole seconds, UTC ("2026-01-02T03:04:05Z").
std::string format_time(k8s::TimeNs time);
std::optional<k8s::TimeNs> parse_time(std::string_view text);

}  // namespace sim::api
