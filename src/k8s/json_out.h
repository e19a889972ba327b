// Writing JSON in a given key order, leaving out what is empty. Internal to the encoders of this
// folder.
//
//   JsonOut out;
//   out.object([&] {
//     out.field("kind", "Node");
//     out.object("spec", [&] { out.field("providerID", node.provider_id); });  // gone when empty
//   });
//   return std::move(out).text();
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s/meta.h"

namespace k8s {

// Appends `text` in quotes, escaped.
void append_json_string(std::string& out, std::string_view text);

class JsonOut {
 public:
  // A value without key: the document, or an item of an array.
  template <typename Body>
  void object(Body body) {
    separate();
    enclose('{', '}', body);
  }

  // A member; left out when the body writes nothing.
  template <typename Body>
  void object(std::string_view name, Body body) {
    omit_if_empty(name, '{', '}', body);
  }

  // A member that is written even when empty (API-17).
  template <typename Body>
  void object_always(std::string_view name, Body body) {
    key(name);
    enclose('{', '}', body);
  }

  // each(item) writes one value.
  template <typename T, typename Each>
  void array(std::string_view name, const std::vector<T>& items, Each each) {
    omit_if_empty(name, '[', ']', [&] {
      for (const T& item : items) {
        each(item);
      }
    });
  }

  template <typename T, typename Each>
  void array_always(std::string_view name, const std::vector<T>& items, Each each) {
    key(name);
    enclose('[', ']', [&] {
      for (const T& item : items) {
        each(item);
      }
    });
  }

  // Left out when empty, false, zero or absent.
  void field(std::string_view name, std::string_view value);

  void field(std::string_view name, const char* value) { field(name, std::string_view(value)); }

  void field(std::string_view name, const std::string& value) {
    field(name, std::string_view(value));
  }

  void field(std::string_view name, bool value);
  void field(std::string_view name, std::int64_t value);
  void field(std::string_view name, const StringMap& value);
  void field(std::string_view name, const Resources& value);
  void field(std::string_view name, const std::vector<std::string>& value);
  void field(std::string_view name, const std::optional<std::string>& value);
  void field(std::string_view name, const std::optional<std::int32_t>& value);
  void field(std::string_view name, const std::optional<std::int64_t>& value);
  void field(std::string_view name, const std::optional<bool>& value);
  void time(std::string_view name, TimeNs value);
  void micro_time(std::string_view name, TimeNs value);
  void duration(std::string_view name, const std::optional<DurationNs>& value);

  // Written whatever the value.
  void always(std::string_view name, std::string_view value);
  void always(std::string_view name, std::int64_t value);
  void always(std::string_view name, bool value);
  // The member's value is JSON already.
  void raw(std::string_view name, std::string_view json);
  // A string as an item of an array.
  void item(std::string_view value);

  std::string text() && { return std::move(out_); }

 private:
  void separate();
  void key(std::string_view name);

  template <typename Body>
  void enclose(char open, char close, const Body& body) {
    out_.push_back(open);
    is_first_ = true;
    body();
    out_.push_back(close);
    is_first_ = false;
  }

  template <typename Body>
  void omit_if_empty(std::string_view name, char open, char close, const Body& body) {
    const std::size_t before = out_.size();
    const bool was_first = is_first_;
    key(name);
    const std::size_t inside = out_.size() + 1;
    enclose(open, close, body);
    if (out_.size() == inside + 1) {
      out_.resize(before);
      is_first_ = was_first;
    }
  }

  std::string out_;
  bool is_first_ = true;
};

}  // namespace k8s
