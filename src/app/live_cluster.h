// A cluster behind a kubeconfig, read once: the input of commands that look and leave nothing.
//
// Thread rule: blocks the calling thread until everything is listed; starts a loop of its own.
#pragma once

#include <string>

#include "app/cluster_input.h"
#include "base/error.h"

namespace app {

struct LiveAccess {
  std::string kubeconfig;  // Empty: as kubectl finds it.
  std::string context;     // Empty: the current one.
};

// All objects that a decision reads. `provider` as in ReadOptions. Kinds whose definitions are not
// installed have no objects. Errors: those of kube/load_access.h, and of the server: kDenied,
// kUnavailable and so on, with the kind that was listed.
base::Result<ClusterInput> read_live_cluster(const LiveAccess& access, const std::string& provider);

}  // namespace app
