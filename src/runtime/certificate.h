// A self-signed certificate for the embedded servers, made on the spot (P-256). Not for anything
// that strangers connect to.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace runtime {

struct CertificatePem {
  std::string cert;
  std::string key;
};

// Valid from an hour before `now` for a year. Names are host names or IP addresses.
base::Result<CertificatePem> make_self_signed_certificate(const std::vector<std::string>& names,
                                                          base::WallTime now);

}  // namespace runtime
