// An error of the API server or of the way to it, in one line with what to do about it.
// Thread rule: pure.
#pragma once

#include <string>

#include "kube/access.h"

#include "base/error.h"
#include "k8s/meta.h"

namespace kube {

// The server could make nothing of our credentials: whatever is asked will be refused.
bool is_anonymous(const base::Error& error);
// What to do about it.
std::string advice(const base::Error& error, const Access& access);

// The error with that. Of reading objects of a kind.
std::string explain_trouble(const base::Error& error, k8s::Kind kind, const Access& access);
// Of talking to the server at all.
std::string explain_trouble(const base::Error& error, const Access& access);

}  // namespace kube
