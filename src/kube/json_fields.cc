#include "kube/json_fields.h"

#include "base/base64.h"
#include "base/text.h"

namespace kube {

namespace json = boost::json;

Fields::Fields(const json::value& value, std::string path)
    : Fields(value, std::move(path), std::make_shared<std::optional<base::Error>>()) {}

Fields::Fields(const json::value& value,
               std::string path,
               std::shared_ptr<std::optional<base::Error>> error)
    : value_(value), path_(std::move(path)), error_(std::move(error)) {
  if (!value_.is_object() && !value_.is_array()) {
    fail("", "an object expected");
  }
}

std::string Fields::path_of(std::string_view key) const {
  if (key.empty()) {
    return path_;
  }
  return base::concat(path_, path_.ends_with(": ") ? "" : ".", key);
}

void Fields::fail(std::string_view key, std::string_view message) {
  if (!*error_) {
    const std::string path = path_of(key);
    *error_ = base::Error{base::ErrorCode::kInvalid,
                          base::concat(path, path.ends_with(": ") ? "" : ": ", message)};
  }
}

const json::value* Fields::find(std::string_view key) {
  const json::object* object = value_.if_object();
  const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

void Fields::text(std::string_view key, std::string& out) {
  if (const json::value* found = find(key)) {
    if (const json::string* text = found->if_string()) {
      out.assign(text->data(), text->size());
    } else {
      fail(key, "text expected (quote it)");
    }
  }
}

void Fields::bytes(std::string_view key, std::string& out) {
  std::string encoded;
  text(key, encoded);
  if (auto decoded = base::decode_base64(encoded)) {
    out = std::move(*decoded);
  } else {
    fail(key, "base64 expected");
  }
}

void Fields::boolean(std::string_view key, bool& out) {
  if (const json::value* found = find(key)) {
    if (const bool* value = found->if_bool()) {
      out = *value;
    } else {
      fail(key, "true or false expected");
    }
  }
}

void Fields::texts(std::string_view key, std::vector<std::string>& out) {
  if (const json::value* found = find(key)) {
    if (!found->is_array()) {
      return fail(key, "a list expected");
    }
    out = Fields(*found, path_of(key), error_).as_texts();
  }
}

std::vector<std::string> Fields::as_texts() {
  std::vector<std::string> out;
  if (!value_.is_array()) {
    fail("", "a list expected");
    return out;
  }
  for (const json::value& item : value_.get_array()) {
    if (const json::string* text = item.if_string()) {
      out.emplace_back(text->data(), text->size());
    } else {
      fail("", "a list of texts expected");
    }
  }
  return out;
}

void Fields::object(std::string_view key, const std::function<void(Fields&)>& on_object) {
  if (const json::value* found = find(key)) {
    if (!found->is_object()) {
      return fail(key, "an object expected");
    }
    Fields inner(*found, path_of(key), error_);
    on_object(inner);
  }
}

void Fields::each(std::string_view key, const std::function<void(Fields&)>& on_item) {
  const json::value* found = find(key);
  if (found == nullptr) {
    return;
  }
  if (!found->is_array()) {
    return fail(key, "a list expected");
  }
  std::size_t index = 0;
  for (const json::value& item : found->get_array()) {
    Fields inner(item, base::concat(path_of(key), "[", index++, "]"), error_);
    if (item.is_object()) {
      on_item(inner);
    } else {
      inner.fail("", "an object expected");
    }
  }
}

void Fields::each_member(const std::function<void(std::string_view, Fields&)>& on_member) {
  if (const json::object* object = value_.if_object()) {
    for (const auto& [key, value] : *object) {
      if (value.is_null()) {
        continue;
      }
      Fields inner(value, path_of(key), error_);
      on_member(key, inner);
    }
  }
}

}  // namespace kube
