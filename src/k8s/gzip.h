// Gzip streams, as dumps come. Thread rule: free functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace k8s {

bool looks_gzipped(std::string_view bytes);

// All members of the stream. Errors: kInvalid (damaged or cut off), kLimit beyond `limit` bytes.
base::Result<std::string> gunzip(std::string_view bytes, std::size_t limit);

}  // namespace k8s
