#include "k8s/schema/errors.h"

#include <boost/json.hpp>

namespace k8s::schema {
namespace {

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string(text));
}

std::string_view type_name(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return "boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return "integer";
    case boost::json::kind::double_:
      return "number";
    case boost::json::kind::string:
      return "string";
    case boost::json::kind::array:
      return "array";
    case boost::json::kind::object:
      return "object";
  }
  return "unknown";
}

}  // namespace

std::string Path::text() const {
  if (parent_ == nullptr) {
    return {};
  }
  std::string out = parent_->text();
  switch (step_) {
    case Step::kRoot:
      break;
    case Step::kField:
      out += out.empty() ? "" : ".";
      out += name_;
      break;
    case Step::kIndex:
      out += '[';
      out += std::to_string(index_);
      out += ']';
      break;
    case Step::kKey:
      out += '[';
      out += name_;
      out += ']';
      break;
  }
  return out;
}

void Errors::add(const Path& path,
                 std::string_view kind,
                 std::string_view rest,
                 std::string_view reason) {
  errors_.push_back({path.text(), std::string(kind) + std::string(rest), std::string(reason)});
}

void Errors::invalid(const Path& path, const boost::json::value& bad, std::string_view detail) {
  add(path,
      "Invalid value: ",
      boost::json::serialize(bad) + ": " + std::string(detail),
      "FieldValueInvalid");
}

void Errors::invalid_text(const Path& path, std::string_view bad, std::string_view detail) {
  add(path, "Invalid value: ", quoted(bad) + ": " + std::string(detail), "FieldValueInvalid");
}

void Errors::invalid_type(const Path& path,
                          const boost::json::value& bad,
                          std::string_view expected) {
  is_blocking_ = true;
  const std::string actual = quoted(type_name(bad));
  add(path,
      "Invalid value: ",
      actual + ": " + path.text() + " in body must be of type " + std::string(expected) + ": " +
          actual,
      "FieldValueTypeInvalid");
}

void Errors::invalid_whole(const Path& path, std::string_view detail) {
  add(path, "Invalid value: ", detail, "FieldValueInvalid");
}

void Errors::required(const Path& path, std::string_view detail) {
  is_blocking_ = true;
  const std::string rest = detail.empty() ? std::string() : ": " + std::string(detail);
  add(path, "Required value", rest, "FieldValueRequired");
}

void Errors::not_supported(const Path& path,
                           std::string_view bad,
                           const std::vector<std::string>& supported) {
  is_blocking_ = true;
  std::string rest = quoted(bad) + ": supported values: ";
  for (std::size_t i = 0; i < supported.size(); ++i) {
    rest += (i == 0 ? "" : ", ") + quoted(supported[i]);
  }
  add(path, "Unsupported value: ", rest, "FieldValueNotSupported");
}

void Errors::not_found(const Path& path, std::string_view bad) {
  add(path, "Not found: ", quoted(bad), "FieldValueNotFound");
}

void Errors::duplicate(const Path& path, const boost::json::value& bad) {
  add(path, "Duplicate value: ", boost::json::serialize(bad), "FieldValueDuplicate");
}

void Errors::forbidden(const Path& path, std::string_view detail) {
  add(path, "Forbidden: ", detail, "FieldValueForbidden");
}

void Errors::too_many(const Path& path, std::size_t actual, std::size_t most) {
  is_blocking_ = true;
  add(path,
      "Too many: ",
      std::to_string(actual) + ": must have at most " + std::to_string(most) + " items",
      "FieldValueTooMany");
}

void Errors::too_long(const Path& path, std::size_t most) {
  is_blocking_ = true;
  add(path,
      "Too long: ",
      "may not be more than " + std::to_string(most) + " bytes",
      "FieldValueTooLong");
}

void Errors::rules_skipped() {
  errors_.push_back({"<nil>",
                     "Invalid value: null: some validation rules were not checked because the "
                     "object was invalid; correct the existing errors to complete validation",
                     "FieldValueInvalid"});
}

}  // namespace k8s::schema
