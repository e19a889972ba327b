// Reading fields out of a parsed JSON document with the path of the field in the error: for the
// small documents of this folder. The first error sticks. Absent, null and empty are one.
//
//   Fields fields(document, "FILE");
//   fields.text("current-context", out.current_context);
//   fields.each("clusters", [&](Fields& item) { ... });
//   if (fields.error()) { return fail(*fields.error()); }
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/error.h"

namespace kube {

class Fields {
 public:
  // `path` begins every message. Borrows the value.
  Fields(const boost::json::value& value, std::string path);

  void text(std::string_view key, std::string& out);
  // Base64 text, decoded.
  void bytes(std::string_view key, std::string& out);
  void boolean(std::string_view key, bool& out);
  void texts(std::string_view key, std::vector<std::string>& out);
  // A member object; not called when there is none.
  void object(std::string_view key, const std::function<void(Fields&)>& on_object);
  void each(std::string_view key, const std::function<void(Fields&)>& on_item);
  // Members of this object whose values are lists of texts.
  void each_member(const std::function<void(std::string_view key, Fields&)>& on_member);
  // This value itself as a list of texts.
  std::vector<std::string> as_texts();

  void fail(std::string_view key, std::string_view message);

  const std::optional<base::Error>& error() const { return *error_; }

 private:
  Fields(const boost::json::value& value,
         std::string path,
         std::shared_ptr<std::optional<base::Error>> error);

  const boost::json::value* find(std::string_view key);
  std::string path_of(std::string_view key) const;

  const boost::json::value& value_;
  std::string path_;
  std::shared_ptr<std::optional<base::Error>> error_;  // Shared by all fields of the document.
};

}  // namespace kube
