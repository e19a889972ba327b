// Taking typed values out of a parsed JSON document, with the path of the field in every error.
// Internal to the decoders of this folder (it brings simdjson along): include it from decode_*.cc.
//
// A decoder names the fields of its type once; what it does not name is unknown:
//
//   void read(JsonIn& in, Element e, Toleration& t) {
//     in.object(e, [&](Field f) { return f("key", t.key) || f("effect", t.effect); });
//   }
//
// The first error sticks and the rest of the document is not read. null is as good as absent
// (API-18).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "k8s/codec.h"

namespace k8s {

using Element = simdjson::dom::element;

class JsonIn {
 public:
  explicit JsonIn(Warnings* unknown_fields) : unknown_(unknown_fields) {}

  // Calls on_field(Field) -> bool for each member that is not null; false means "unknown".
  template <typename OnField>
  void object(Element element, OnField on_field);
  // Calls on_item(Element) for each item.
  template <typename OnItem>
  void array(Element element, OnItem on_item);
  // Calls on_member(key, Element) for each member: for maps.
  template <typename OnMember>
  void map(Element element, OnMember on_member);

  // "<path>: <expected> expected, got <value>".
  void mismatch(std::string_view expected, Element got);
  void fail(std::string_view message);
  void warn_unknown(std::string_view key);

  bool has_failed() const { return error_.has_value(); }

  base::Error error() const { return {base::ErrorCode::kInvalid, *error_}; }

  // Where we are: pushed and popped by the functions above, and by Field.
  void push(std::string_view key) { path_.push_back({key, 0}); }

  void pop() { path_.pop_back(); }

  // For the few places that must keep errors from spreading (spec.kubelet, API-102).
  std::optional<std::string> take_error() { return std::exchange(error_, std::nullopt); }

 private:
  struct Segment {
    std::string_view key;  // Null data: an index.
    std::size_t index;
  };

  std::string path() const;

  std::vector<Segment> path_;
  std::optional<std::string> error_;
  Warnings* unknown_;
};

void read(JsonIn& in, Element e, std::string& out);
void read(JsonIn& in, Element e, bool& out);
void read(JsonIn& in, Element e, std::int32_t& out);
void read(JsonIn& in, Element e, std::int64_t& out);
void read(JsonIn& in, Element e, Quantity& out);
void read(JsonIn& in, Element e, StringMap& out);
void read(JsonIn& in, Element e, Resources& out);

// Text forms of time; the wrappers tell them from plain integers.
struct AsTime {
  TimeNs& out;
};

struct AsDuration {
  std::optional<DurationNs>& out;
};

struct AsNillableDuration {
  std::optional<DurationNs>& out;
  std::string& text;
};

void read(JsonIn& in, Element e, AsTime out);
void read(JsonIn& in, Element e, AsDuration out);
void read(JsonIn& in, Element e, AsNillableDuration out);

template <typename T>
void read(JsonIn& in, Element e, std::optional<T>& out);

template <typename T>
void read(JsonIn& in, Element e, base::CowVector<T>& out);

template <typename T>
void read(JsonIn& in, Element e, std::vector<T>& out) {
  out.clear();
  in.array(e, [&](Element item) { read(in, item, out.emplace_back()); });
}

template <typename T>
void read(JsonIn& in, Element e, base::CowVector<T>& out) {
  read(in, e, out.edit());
}

template <typename T>
void read(JsonIn& in, Element e, std::optional<T>& out) {
  read(in, e, out.emplace());
}

// One member of an object.
class Field {
 public:
  Field(JsonIn& in, std::string_view key, Element value) : in_(in), key_(key), value_(value) {}

  // Reads the member into `out` when this is its name; says whether it was.
  template <typename T>
  bool operator()(std::string_view name, T&& out) const {
    if (key_ != name) {
      return false;
    }
    read(in_, value_, out);
    return true;
  }

  // For nested objects: on_field as in JsonIn::object.
  template <typename OnField>
  bool object(std::string_view name, OnField on_field) const {
    if (key_ != name) {
      return false;
    }
    in_.object(value_, on_field);
    return true;
  }

  // Known fields that we do not keep.
  template <typename... Names>
  bool skip(Names... names) const {
    return ((key_ == names) || ...);
  }

  std::string_view key() const { return key_; }

  Element value() const { return value_; }

 private:
  JsonIn& in_;
  std::string_view key_;
  Element value_;
};

template <typename OnMember>
void JsonIn::map(Element element, OnMember on_member) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) {
    mismatch("object", element);
    return;
  }
  for (const auto& [key, value] : object) {
    if (has_failed()) {
      return;
    }
    push(key);
    on_member(key, value);
    pop();
  }
}

template <typename OnField>
void JsonIn::object(Element element, OnField on_field) {
  map(element, [&](std::string_view key, Element value) {
    if (!value.is_null() && !on_field(Field(*this, key, value)) && unknown_ != nullptr) {
      warn_unknown(key);
    }
  });
}

template <typename OnItem>
void JsonIn::array(Element element, OnItem on_item) {
  simdjson::dom::array array;
  if (element.get(array) != simdjson::SUCCESS) {
    mismatch("list", element);
    return;
  }
  path_.push_back({{}, 0});
  for (const Element item : array) {
    if (has_failed()) {
      break;
    }
    on_item(item);
    ++path_.back().index;
  }
  path_.pop_back();
}

}  // namespace k8s
