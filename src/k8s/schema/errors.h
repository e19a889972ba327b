// Collects field errors in the API server's words. A Path is a chain on the stack, turned into text
// only when something is wrong, so that checking ten thousand good pods allocates nothing.
//
//   void check_spec(const value& spec, const Path& path, Errors& errors) {
//     if (!has(spec, "selector")) { errors.required(path.child("selector")); }
//
// Thread rule: one collector per call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "k8s/schema/validate.h"

namespace k8s::schema {

class Path {
 public:
  Path() = default;

  // The parent must outlive the child, hence not from temporaries. Names are borrowed too.
  Path child(std::string_view name) const& { return {this, name, 0, Step::kField}; }

  Path at(std::size_t index) const& { return {this, {}, index, Step::kIndex}; }

  Path key(std::string_view name) const& { return {this, name, 0, Step::kKey}; }

  Path child(std::string_view) && = delete;
  Path at(std::size_t) && = delete;
  Path key(std::string_view) && = delete;

  std::string text() const;

 private:
  enum class Step : unsigned char { kRoot, kField, kIndex, kKey };

  Path(const Path* parent, std::string_view name, std::size_t index, Step step)
      : parent_(parent), name_(name), index_(index), step_(step) {}

  const Path* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  Step step_ = Step::kRoot;
};

class Errors {
 public:
  void invalid(const Path& path, const boost::json::value& bad, std::string_view detail);
  void invalid_text(const Path& path, std::string_view bad, std::string_view detail);
  void invalid_type(const Path& path, const boost::json::value& bad, std::string_view expected);
  // Of an object or list, whose value is not repeated.
  void invalid_whole(const Path& path, std::string_view detail);
  void required(const Path& path, std::string_view detail = {});
  void not_supported(const Path& path,
                     std::string_view bad,
                     const std::vector<std::string>& supported);
  void not_found(const Path& path, std::string_view bad);
  void duplicate(const Path& path, const boost::json::value& bad);
  void forbidden(const Path& path, std::string_view detail);
  void too_many(const Path& path, std::size_t actual, std::size_t most);
  void too_long(const Path& path, std::size_t most);
  // The remark that CEL rules were not evaluated because something above them is wrong.
  void rules_skipped();

  bool empty() const { return errors_.empty(); }

  std::size_t size() const { return errors_.size(); }

  // Something is missing, of the wrong type or too big, so that rules would be meaningless.
  bool is_blocking() const { return is_blocking_; }

  std::vector<FieldError> take() { return std::move(errors_); }

 private:
  void add(const Path& path, std::string_view kind, std::string_view rest, std::string_view reason);

  std::vector<FieldError> errors_;
  bool is_blocking_ = false;
};

}  // namespace k8s::schema
