// A stored body in parts: its top-level members, each shared by the versions that agree in it, so
// that a write costs what it changes and not what the object holds.
//
//   Body next = old->parts();                     // shares everything
//   next.set("status", std::move(status));        // shares the rest
//
// metadata stands here without its resourceVersion, which no two versions share: whole() puts it
// back. Paths are read with find_path and its kin, as those of a whole body.
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/apiserver/json.h"

namespace sim::api {

class Body {
 public:
  explicit Body(json::object whole);

  // nullptr when absent.
  const json::value* if_contains(std::string_view key) const;

  void set(std::string_view key, json::value value);

  // Takes from the other what is equal in both.
  void share(const Body& other);
  // Whether all members but these are shared.
  bool shares_outside(const Body& other, std::initializer_list<std::string_view> but) const;
  bool shares(const Body& other, std::string_view key) const;

  // As one; a version of 0 is left out.
  json::object whole(std::uint64_t version) const;
  std::string text(std::uint64_t version) const;

 private:
  using Part = std::shared_ptr<const json::value>;

  const Part* find(std::string_view key) const;

  std::vector<std::pair<std::string, Part>> parts_;
};

// See sim/apiserver/json.h.
const json::value* find_path(const Body& body, std::string_view path);
const json::object* object_at(const Body& body, std::string_view path);
const json::array* array_at(const Body& body, std::string_view path);
std::string_view text_at(const Body& body, std::string_view path);
std::int64_t int_at(const Body& body, std::string_view path, std::int64_t fallback = 0);
bool condition_is(const Body& body, std::string_view type, std::string_view status);

}  // namespace sim::api
