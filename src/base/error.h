// Operating errors as values. A function that can fail for reasons outside the program returns
// Result<T>; programmer errors are ASSERTed (base/assert.h). The code decides behaviour, the detail
// is for humans and is never branched on.
//
//   Result<Pod> pod = api.get_pod(key);
//   if (!pod) { return fail(pod.error()); }
//   const auto& spec = TRY(decode_spec(text));   // returns the error to the caller
//
// Thread rule: values, no sharing.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace base {

enum class ErrorCode {
  kInvalid,  // The input is malformed: the detail names place and expectation.
  kNotFound,
  kAlreadyExists,
  kConflict,     // Optimistic lock lost; re-read and try again.
  kGone,         // A resourceVersion that the server no longer remembers (HTTP 410).
  kDenied,       // Authentication or authorisation.
  kThrottled,    // Try later (HTTP 429).
  kUnavailable,  // Transport failed or the server answered 5xx.
  kTimeout,
  kInsufficientCapacity,
  kNotReady,
  kUnsupported,
  kLimit,  // A bound of ours was hit; the detail names it.
  kInternal,
};

std::string_view to_string(ErrorCode code);

struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string detail;
};

template <typename T>
using Result = std::expected<T, Error>;

// The failed Result: `return fail(ErrorCode::kInvalid, "...")`.
inline std::unexpected<Error> fail(ErrorCode code, std::string detail) {
  return std::unexpected<Error>(Error{code, std::move(detail)});
}

inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

// The same error with "context: " before its detail.
Error with_context(Error error, std::string_view context);

}  // namespace base

// Yields the value of a Result or returns its error from the enclosing function. A statement
// expression (GNU extension, accepted by g++ and clang) because C++23 offers no other way to yield
// a value and return.
#define TRY(expr)                                          \
  __extension__({                                          \
    auto try_result_ = (expr);                             \
    if (!try_result_) {                                    \
      return ::base::fail(std::move(try_result_).error()); \
    }                                                      \
    std::move(*try_result_);                               \
  })

// For Result<void>.
#define TRY_VOID(expr)                                     \
  do {                                                     \
    auto try_result_ = (expr);                             \
    if (!try_result_) {                                    \
      return ::base::fail(std::move(try_result_).error()); \
    }                                                      \
  } while (false)
