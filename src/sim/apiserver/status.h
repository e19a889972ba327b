// What the API server answers when it refuses: the content of a metav1.Status. The makers below
// produce the wording that kubectl users know.
//
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sim/apiserver/resources.h"

namespace sim::api {

struct StatusCause {
  std::string reason;
  std::string message;
  std::string field;
};

struct StatusError {
  int code = 500;
  std::string reason;
  std::string message;
  std::string name;
  std::string group;
  std::string kind;
  std::vector<StatusCause> causes;
  int retry_after_seconds = 0;

  // The Status object as JSON text.
  std::string to_json() const;
  // The same as an operating error (base/error.h), for callers inside the process.
  base::Error to_error() const;
};

template <typename T>
using Answer = std::expected<T, StatusError>;

inline std::unexpected<StatusError> refuse(StatusError error) {
  return std::unexpected<StatusError>(std::move(error));
}

StatusError not_found(const ResourceType& type, std::string_view name);
StatusError already_exists(const ResourceType& type, std::string_view name);
StatusError conflict(const ResourceType& type, std::string_view name, std::string_view why);
// The object was changed since it was read.
StatusError stale(const ResourceType& type, std::string_view name);
StatusError invalid(const ResourceType& type,
                    std::string_view name,
                    std::vector<StatusCause> causes);
StatusError forbidden(const ResourceType& type, std::string_view name, std::string_view why);
StatusError bad_request(std::string message);
StatusError not_acceptable();
StatusError bad_resource_version(std::string_view given);
StatusError method_not_allowed(const std::string& what);
StatusError unknown_path();
StatusError unsupported_media_type(std::string message);
StatusError gone(std::string message);
// The client asks for a state that is still to come.
StatusError version_too_large(std::uint64_t wanted, std::uint64_t current);
StatusError internal_error(std::string message);

// {"kind":"Status","status":"Success",...}: the answer to a delete that left nothing.
std::string success_json(const ResourceType& type, std::string_view name, std::string_view uid);

}  // namespace sim::api
