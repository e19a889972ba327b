// What a request to the API server carries to be let in: headers and TLS settings, made from an
// Access by reading the files and running the plugin that it names.
//
// Blocks (files, a subprocess): call it through Executor::blocking. Holds secrets.
#pragma once

#include <memory>
#include <string>

#include "kube/access.h"

#include "base/error.h"
#include "base/time.h"
#include "runtime/http_client.h"

namespace kube {

struct Identity {
  runtime::HttpHeaders headers;
  runtime::TlsOptions tls;
  std::string proxy;
  // When it should be made anew; WallTime::max(): never. A refusal by the server comes earlier.
  base::WallTime refresh_at = base::WallTime::max();
};

using IdentityPtr = std::shared_ptr<const Identity>;

// Errors name the file or program and what to do about it.
base::Result<IdentityPtr> load_identity(const Access& access, base::WallTime now);

}  // namespace kube
