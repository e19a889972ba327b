// The first contact with an API server: who answers there, and do our clocks agree? Asked again and
// again until there is an answer, with one line in the log about what is in the way.
//
//   probe_server(transport, executor, log, rng, [](const ServerFacts& facts) { start(); });
//
// Thread rule: the loop; the callback comes on the loop, at most once, never inside the call.
// Ownership: the callback and the probe are dropped with the transport.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "kube/transport.h"

#include "runtime/log.h"
#include "runtime/rng.h"

namespace kube {

struct ServerFacts {
  std::string version;                  // "v1.35.4"
  std::optional<base::Duration> ahead;  // The server's clock before ours; by its Date header.
};

void probe_server(Transport& transport,
                  runtime::Executor& executor,
                  runtime::Logger log,
                  runtime::Rng rng,
                  std::function<void(const ServerFacts&)> found);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110); nullopt for anything else.
std::optional<base::WallTime> parse_http_date(std::string_view text);

}  // namespace kube
