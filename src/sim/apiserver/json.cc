#include "sim/apiserver/json.h"

#include <charconv>
#include <chrono>
#include <cstdio>

#include <boost/json.hpp>

namespace sim::api {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::string_view take_segment(std::string_view& path) {
  const std::size_t dot = path.find('.');
  const std::string_view head = path.substr(0, dot);
  path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  return head;
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  if (at + count > text.size()) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + count, value);
  if (error != std::errc{} || end != text.data() + at + count) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

const json::value* find_path(const json::object& root, std::string_view path) {
  const json::object* here = &root;
  while (true) {
    const json::value* found = here->if_contains(take_segment(path));
    if (found == nullptr || found->is_null()) {
      return nullptr;
    }
    if (path.empty()) {
      return found;
    }
    here = found->if_object();
    if (here == nullptr) {
      return nullptr;
    }
  }
}

const json::object* object_at(const json::object& root, std::string_view path) {
  const json::value* found = find_path(root, path);
  return found == nullptr ? nullptr : found->if_object();
}

const json::array* array_at(const json::object& root, std::string_view path) {
  const json::value* found = find_path(root, path);
  return found == nullptr ? nullptr : found->if_array();
}

std::string_view text_at(const json::object& root, std::string_view path) {
  return text_of(find_path(root, path));
}

std::string_view text_of(const json::value* found) {
  if (found == nullptr || !found->is_string()) {
    return {};
  }
  return found->get_string();
}

std::int64_t int_at(const json::object& root, std::string_view path, std::int64_t fallback) {
  return int_of(find_path(root, path), fallback);
}

std::int64_t int_of(const json::value* found, std::int64_t fallback) {
  if (found == nullptr) {
    return fallback;
  }
  if (found->is_int64()) {
    return found->get_int64();
  }
  if (found->is_uint64()) {
    return static_cast<std::int64_t>(found->get_uint64());
  }
  return found->is_double() ? static_cast<std::int64_t>(found->get_double()) : fallback;
}

bool bool_at(const json::object& root, std::string_view path) {
  const json::value* found = find_path(root, path);
  return found != nullptr && found->is_bool() && found->get_bool();
}

json::object& ensure_object(json::object& root, std::string_view path) {
  json::object* here = &root;
  while (!path.empty()) {
    json::value& next = (*here)[take_segment(path)];
    if (!next.is_object()) {
      next.emplace_object();
    }
    here = &next.get_object();
  }
  return *here;
}

json::array& ensure_array(json::object& parent, std::string_view key) {
  json::value& slot = parent[key];
  if (!slot.is_array()) {
    slot.emplace_array();
  }
  return slot.get_array();
}

void set_default(json::object& parent, std::string_view key, json::value value) {
  json::value& slot = parent[key];
  if (slot.is_null()) {
    slot = std::move(value);
  }
}

k8s::StringMap string_map_at(const json::object& root, std::string_view path) {
  k8s::StringMap out;
  if (const json::object* map = object_at(root, path)) {
    for (const auto& [key, value] : *map) {
      out.emplace(std::string(key), value.is_string() ? std::string(value.get_string()) : "");
    }
  }
  return out;
}

const json::object* find_condition(const json::object& root, std::string_view type) {
  return find_condition(array_at(root, "status.conditions"), type);
}

const json::object* find_condition(const json::array* conditions, std::string_view type) {
  if (conditions == nullptr) {
    return nullptr;
  }
  for (const json::value& condition : *conditions) {
    const json::object* object = condition.if_object();
    if (object != nullptr && text_at(*object, "type") == type) {
      return object;
    }
  }
  return nullptr;
}

bool condition_is(const json::object& root, std::string_view type, std::string_view status) {
  const json::object* condition = find_condition(root, type);
  return condition != nullptr && text_at(*condition, "status") == status;
}

std::string format_time(k8s::TimeNs time) {
  using namespace std::chrono;
  const std::int64_t seconds_of = time >= 0 ? time / kSecond : (time - kSecond + 1) / kSecond;
  const sys_seconds point{seconds(seconds_of)};
  const sys_days day = floor<days>(point);
  const year_month_day date{day};
  const hh_mm_ss clock{point - day};
  char text[40];
  std::snprintf(text,
                sizeof text,
                "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::optional<k8s::TimeNs> parse_time(std::string_view text) {
  using namespace std::chrono;
  const auto y = digits(text, 0, 4);
  const auto mo = digits(text, 5, 2);
  const auto d = digits(text, 8, 2);
  const auto h = digits(text, 11, 2);
  const auto mi = digits(text, 14, 2);
  const auto s = digits(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s) {
    return std::nullopt;
  }
  const year_month_day date{
      year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
  if (!date.ok()) {
    return std::nullopt;
  }
  const auto point = sys_days(date) + hours(*h) + minutes(*mi) + seconds(*s);
  return duration_cast<nanoseconds>(point.time_since_epoch()).count();
}

}  // namespace sim::api
