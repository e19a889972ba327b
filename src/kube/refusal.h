// What an answer of the API server that is not a success means: a metav1.Status as an error.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "runtime/http.h"

namespace kube {

// A Status in an answer, or in a watch event (whose HTTP status is given as 0). The detail is the
// server's message as it stands; of anything else (a proxy's page) its beginning, after `what`.
// Codes: 400, 413, 415, 422 kInvalid; 401, 403 kDenied; 404 kNotFound, or
// kUnsupported when it is no Status: then the path is unknown, not the object; 405, 406
// kUnsupported; 409 kAlreadyExists or kConflict, by reason; 410 kGone; 429 kThrottled; 5xx
// kUnavailable, but 504 kTimeout.
base::Error refusal(int http_status, std::string_view body, std::string_view what);

// The server's wish for a pause, by header (seconds); zero: none. Bounded to a minute.
base::Duration retry_after(const runtime::HttpResponse& response);

}  // namespace kube
