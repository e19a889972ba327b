#include "k8s/schema/json_access.h"

#include <utility>

namespace k8s::schema {

const value* find(const value& from, std::string_view name) {
  if (!from.is_object()) {
    return nullptr;
  }
  const value* found = from.get_object().if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

const value* find(const value& from, std::initializer_list<std::string_view> path) {
  const value* at = &from;
  for (const std::string_view step : path) {
    at = at == nullptr ? nullptr : find(*at, step);
  }
  return at;
}

value* find_mutable(value& from, std::string_view name) {
  if (!from.is_object()) {
    return nullptr;
  }
  value* found = from.get_object().if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string_view text_of(const value& from) {
  return from.is_string() ? std::string_view(from.get_string()) : std::string_view();
}

std::string_view text_at(const value& from, std::string_view name) {
  const value* found = find(from, name);
  return found == nullptr ? std::string_view() : text_of(*found);
}

std::optional<std::int64_t> integer_at(const value& from, std::string_view name) {
  const value* found = find(from, name);
  if (found == nullptr || !found->is_int64()) {
    return std::nullopt;
  }
  return found->get_int64();
}

bool true_at(const value& from, std::string_view name) {
  const value* found = find(from, name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

const boost::json::array& items_of(const value* from) {
  static const boost::json::array kNone;
  return from != nullptr && from->is_array() ? from->get_array() : kNone;
}

const boost::json::object& fields_of(const value* from) {
  static const boost::json::object kNone;
  return from != nullptr && from->is_object() ? from->get_object() : kNone;
}

const boost::json::array& items_at(const value& from, std::string_view name) {
  return items_of(find(from, name));
}

const boost::json::object& fields_at(const value& from, std::string_view name) {
  return fields_of(find(from, name));
}

void set_default(value& into, std::string_view name, value fallback) {
  if (into.is_object() && !has(into, name)) {
    into.get_object()[name] = std::move(fallback);
  }
}

}  // namespace k8s::schema
