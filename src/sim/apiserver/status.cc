#include "sim/apiserver/status.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <simdjson.h>

namespace sim::api {

namespace json = boost::json;

namespace {

// "pods", "deployments.apps".
std::string qualified(std::string_view name, std::string_view group) {
  std::string out(name);
  if (!group.empty()) {
    out.append(".").append(group);
  }
  return out;
}

StatusError about(const ResourceType& type, std::string_view name) {
  StatusError error;
  error.name = name;
  error.group = type.group;
  error.kind = type.plural;
  return error;
}

StatusError plain(int code, std::string reason, std::string message) {
  StatusError error;
  error.code = code;
  error.reason = std::move(reason);
  error.message = std::move(message);
  return error;
}

// Refusals quote requests, which may hold anything; JSON may not.
std::string printable(std::string_view text) {
  std::string out(text);
  if (!simdjson::validate_utf8(out)) {
    std::ranges::replace_if(out, [](char c) { return static_cast<signed char>(c) < 0; }, '?');
  }
  return out;
}

json::object details_of(const StatusError& error) {
  json::object details;
  if (!error.name.empty()) {
    details["name"] = printable(error.name);
  }
  if (!error.group.empty()) {
    details["group"] = error.group;
  }
  if (!error.kind.empty()) {
    details["kind"] = error.kind;
  }
  if (!error.causes.empty()) {
    json::array causes;
    for (const StatusCause& cause : error.causes) {
      json::object item;
      item["reason"] = cause.reason;
      item["message"] = printable(cause.message);
      if (!cause.field.empty()) {
        item["field"] = printable(cause.field);
      }
      causes.push_back(std::move(item));
    }
    details["causes"] = std::move(causes);
  }
  if (error.retry_after_seconds > 0) {
    details["retryAfterSeconds"] = error.retry_after_seconds;
  }
  return details;
}

json::object status_object(std::string_view status) {
  json::object out;
  out["kind"] = "Status";
  out["apiVersion"] = "v1";
  out["metadata"] = json::object{};
  out["status"] = status;
  return out;
}

base::ErrorCode code_of(int http) {
  switch (http) {
    case 400:
    case 422:
      return base::ErrorCode::kInvalid;
    case 401:
    case 403:
      return base::ErrorCode::kDenied;
    case 404:
      return base::ErrorCode::kNotFound;
    case 409:
      return base::ErrorCode::kConflict;
    case 410:
      return base::ErrorCode::kGone;
    case 429:
      return base::ErrorCode::kThrottled;
    case 504:
      return base::ErrorCode::kTimeout;
    default:
      return base::ErrorCode::kUnavailable;
  }
}

}  // namespace

std::string StatusError::to_json() const {
  json::object out = status_object("Failure");
  out["message"] = printable(message);
  out["reason"] = reason;
  json::object details = details_of(*this);
  if (!details.empty()) {
    out["details"] = std::move(details);
  }
  out["code"] = code;
  return json::serialize(out);
}

base::Error StatusError::to_error() const {
  const base::ErrorCode mapped =
      reason == "AlreadyExists" ? base::ErrorCode::kAlreadyExists : code_of(code);
  return base::Error{mapped, message};
}

StatusError not_found(const ResourceType& type, std::string_view name) {
  StatusError error = about(type, name);
  error.code = 404;
  error.reason = "NotFound";
  error.message = qualified(type.plural, type.group) + " \"" + std::string(name) + "\" not found";
  return error;
}

StatusError already_exists(const ResourceType& type, std::string_view name) {
  StatusError error = about(type, name);
  error.code = 409;
  error.reason = "AlreadyExists";
  error.message =
      qualified(type.plural, type.group) + " \"" + std::string(name) + "\" already exists";
  return error;
}

StatusError conflict(const ResourceType& type, std::string_view name, std::string_view why) {
  StatusError error = about(type, name);
  error.code = 409;
  error.reason = "Conflict";
  error.message = "Operation cannot be fulfilled on " + qualified(type.plural, type.group) + " \"" +
                  std::string(name) + "\": " + std::string(why);
  return error;
}

StatusError stale(const ResourceType& type, std::string_view name) {
  return conflict(type,
                  name,
                  "the object has been modified; please apply your changes to the latest version "
                  "and try again");
}

StatusError invalid(const ResourceType& type,
                    std::string_view name,
                    std::vector<StatusCause> causes) {
  StatusError error = about(type, name);
  error.code = 422;
  error.reason = "Invalid";
  error.kind = type.kind;
  std::string list;
  for (const StatusCause& cause : causes) {
    if (!list.empty()) {
      list += ", ";
    }
    list += cause.field.empty() ? cause.message : cause.field + ": " + cause.message;
  }
  if (causes.size() > 1) {
    list = "[" + list + "]";
  }
  error.message =
      qualified(type.kind, type.group) + " \"" + std::string(name) + "\" is invalid: " + list;
  error.causes = std::move(causes);
  return error;
}

StatusError forbidden(const ResourceType& type, std::string_view name, std::string_view why) {
  StatusError error = about(type, name);
  error.code = 403;
  error.reason = "Forbidden";
  error.message = qualified(type.plural, type.group) + " \"" + std::string(name) +
                  "\" is forbidden: " + std::string(why);
  return error;
}

StatusError bad_request(std::string message) {
  return plain(400, "BadRequest", std::move(message));
}

StatusError bad_resource_version(std::string_view given) {
  return bad_request("resourceVersion: \"" + std::string(given) +
                     "\" is not a version that this server gave out");
}

StatusError not_acceptable() {
  return plain(
      406, "NotAcceptable", "only the following media types are accepted: application/json");
}

StatusError method_not_allowed(const std::string& what) {
  return plain(405,
               "MethodNotAllowed",
               "the server does not allow this method on the requested resource: " + what);
}

StatusError unknown_path() {
  return plain(404, "NotFound", "the server could not find the requested resource");
}

StatusError unsupported_media_type(std::string message) {
  return plain(415, "UnsupportedMediaType", std::move(message));
}

StatusError gone(std::string message) {
  return plain(410, "Expired", std::move(message));
}

StatusError version_too_large(std::uint64_t wanted, std::uint64_t current) {
  StatusError error = plain(504,
                            "Timeout",
                            "Timeout: Too large resource version: " + std::to_string(wanted) +
                                ", current: " + std::to_string(current));
  error.causes = {{"ResourceVersionTooLarge", "Too large resource version", ""}};
  error.retry_after_seconds = 1;
  return error;
}

StatusError internal_error(std::string message) {
  return plain(500, "InternalError", "Internal error occurred: " + std::move(message));
}

std::string success_json(const ResourceType& type, std::string_view name, std::string_view uid) {
  json::object out = status_object("Success");
  json::object details;
  details["name"] = name;
  if (!type.group.empty()) {
    details["group"] = type.group;
  }
  details["kind"] = type.plural;
  details["uid"] = uid;
  out["details"] = std::move(details);
  return json::serialize(out);
}

}  // namespace sim::api
