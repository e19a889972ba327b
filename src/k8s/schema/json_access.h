// Reading boost::json values without exceptions, for rules and checks: what is absent or of another
// type reads as empty. For .cc files of this folder only (includes boost/json).
// Thread rule: pure functions.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include <boost/json.hpp>

namespace k8s::schema {

using boost::json::value;

// nullptr when absent, null, or when `from` is not an object.
const value* find(const value& from, std::string_view name);
const value* find(const value& from, std::initializer_list<std::string_view> path);
value* find_mutable(value& from, std::string_view name);

inline bool has(const value& from, std::string_view name) {
  return find(from, name) != nullptr;
}

// "" unless it is a string.
std::string_view text_of(const value& from);
std::string_view text_at(const value& from, std::string_view name);
std::optional<std::int64_t> integer_at(const value& from, std::string_view name);
bool true_at(const value& from, std::string_view name);

// Empty unless it is an array / object.
const boost::json::array& items_of(const value* from);
const boost::json::object& fields_of(const value* from);
const boost::json::array& items_at(const value& from, std::string_view name);
const boost::json::object& fields_at(const value& from, std::string_view name);

inline value text_value(std::string_view text) {
  return value(boost::json::string(text));
}

// Sets the field if it is absent or null. REQUIRES: `into` is an object.
void set_default(value& into, std::string_view name, value fallback);

}  // namespace k8s::schema
