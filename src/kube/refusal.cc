#include "kube/refusal.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/text.h"

namespace kube {

namespace {

namespace json = boost::json;
using base::ErrorCode;

struct Status {
  std::string reason;
  std::string message;
  int code = 0;
};

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  const json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

Status parse(std::string_view body) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  Status out;
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr || text_at(*object, "kind") != "Status") {
    constexpr std::size_t kMost = 200;  // Of a proxy's error page.
    out.message = base::replace_all(base::trim(body.substr(0, kMost)), "\n", " ");
    return out;
  }
  out.reason = text_at(*object, "reason");
  out.message = text_at(*object, "message");
  const json::value* code = object->if_contains("code");
  out.code = code != nullptr && code->is_int64() ? static_cast<int>(code->get_int64()) : 0;
  return out;
}

ErrorCode code_of(int http_status, std::string_view reason) {
  switch (http_status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return ErrorCode::kInvalid;
    case 401:
    case 403:
      return ErrorCode::kDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 405:
    case 406:
      return ErrorCode::kUnsupported;
    case 409:
      return reason == "AlreadyExists" ? ErrorCode::kAlreadyExists : ErrorCode::kConflict;
    case 410:
      return ErrorCode::kGone;
    case 429:
      return ErrorCode::kThrottled;
    case 504:
      return ErrorCode::kTimeout;
    default:
      return http_status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInternal;
  }
}

}  // namespace

base::Error refusal(int http_status, std::string_view body, std::string_view what) {
  const Status status = parse(body);
  const int code = http_status != 0 ? http_status : status.code;
  if (status.code != 0 && !status.message.empty()) {
    return {code_of(code, status.reason), status.message};
  }
  const std::string_view text =
      !status.message.empty() ? std::string_view(status.message) : runtime::status_text(code);
  // Not the word of an API server about an object: a path that it does not serve, or a proxy.
  const ErrorCode meaning = code == 404 ? ErrorCode::kUnsupported : code_of(code, status.reason);
  return {meaning, base::concat(what, ": ", text, " (", code, ")")};
}

base::Duration retry_after(const runtime::HttpResponse& response) {
  constexpr std::int64_t kMostSeconds = 60;
  const std::string* header = runtime::find_header(response.headers, "Retry-After");
  const auto seconds = header == nullptr ? std::nullopt : base::parse_int(*header);
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds.value_or(0), 0, kMostSeconds));
}

}  // namespace kube
