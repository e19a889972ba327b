#include "sim/apiserver/body.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "base/text.h"
#include "k8s/patch.h"

namespace sim::api {

namespace {

constexpr std::string_view kMetadata = "metadata";
constexpr std::string_view kVersion = "resourceVersion";

}  // namespace

Body::Body(json::object whole) {
  parts_.reserve(whole.size());
  for (json::key_value_pair& member : whole) {
    if (member.key() == kMetadata && member.value().is_object()) {
      json::object& metadata = member.value().get_object();
      if (const auto version = metadata.find(kVersion); version != metadata.end()) {
        metadata.stable_erase(version);
      }
    }
    parts_.emplace_back(member.key(),
                        std::make_shared<const json::value>(std::move(member.value())));
  }
}

const Body::Part* Body::find(std::string_view key) const {
  const auto found = std::ranges::find(
      parts_, key, [](const auto& part) -> std::string_view { return part.first; });
  return found == parts_.end() ? nullptr : &found->second;
}

const json::value* Body::if_contains(std::string_view key) const {
  const Part* part = find(key);
  return part == nullptr ? nullptr : part->get();
}

void Body::set(std::string_view key, json::value value) {
  auto part = std::make_shared<const json::value>(std::move(value));
  for (auto& [name, known] : parts_) {
    if (name == key) {
      known = std::move(part);
      return;
    }
  }
  parts_.emplace_back(key, std::move(part));
}

void Body::share(const Body& other) {
  for (auto& [key, part] : parts_) {
    if (const Part* known = other.find(key); known != nullptr && k8s::same_json(**known, *part)) {
      part = *known;
    }
  }
}

bool Body::shares(const Body& other, std::string_view key) const {
  return if_contains(key) == other.if_contains(key);
}

bool Body::shares_outside(const Body& other, std::initializer_list<std::string_view> but) const {
  const auto covers = [&](const Body& a, const Body& b) {
    return std::ranges::all_of(a.parts_, [&](const auto& part) {
      return b.if_contains(part.first) == part.second.get() ||
             std::ranges::find(but, std::string_view(part.first)) != but.end();
    });
  };
  return covers(*this, other) && covers(other, *this);
}

json::object Body::whole(std::uint64_t version) const {
  json::object out;
  out.reserve(parts_.size());
  for (const auto& [key, part] : parts_) {
    out.emplace(key, *part);
  }
  if (version != 0) {
    ensure_object(out, kMetadata)[kVersion] = std::to_string(version);
  }
  return out;
}

std::string Body::text(std::uint64_t version) const {
  std::string out = "{";
  for (const auto& [key, part] : parts_) {
    out.append(out.size() == 1 ? "" : ",").append(json::serialize(json::string(key))).append(":");
    std::string value = json::serialize(*part);
    if (key == kMetadata && part->is_object() && version != 0) {
      const std::string_view rest = part->get_object().empty() ? "" : ",";
      value.replace(
          0, 1, base::concat(R"({"resourceVersion":")", std::to_string(version), "\"", rest));
    }
    out.append(value);
  }
  return out.append("}");
}

const json::value* find_path(const Body& body, std::string_view path) {
  const std::size_t dot = path.find('.');
  const json::value* found = body.if_contains(path.substr(0, dot));
  if (found == nullptr || found->is_null()) {
    return nullptr;
  }
  if (dot == std::string_view::npos) {
    return found;
  }
  const json::object* inner = found->if_object();
  return inner == nullptr ? nullptr : find_path(*inner, path.substr(dot + 1));
}

const json::object* object_at(const Body& body, std::string_view path) {
  const json::value* found = find_path(body, path);
  return found == nullptr ? nullptr : found->if_object();
}

const json::array* array_at(const Body& body, std::string_view path) {
  const json::value* found = find_path(body, path);
  return found == nullptr ? nullptr : found->if_array();
}

std::string_view text_at(const Body& body, std::string_view path) {
  return text_of(find_path(body, path));
}

std::int64_t int_at(const Body& body, std::string_view path, std::int64_t fallback) {
  return int_of(find_path(body, path), fallback);
}

bool condition_is(const Body& body, std::string_view type, std::string_view status) {
  const json::object* condition = find_condition(array_at(body, "status.conditions"), type);
  return condition != nullptr && text_at(*condition, "status") == status;
}

}  // namespace sim::api
