// Finding out where the API server is (OPR-13): the kubeconfig that was asked for, else $KUBECONFIG
// (a list of files, merged), else the pod's service account, else ~/.kube/config.
//
// Reads files: for start-up. Errors (kInvalid, kNotFound, kDenied) name the file and the remedy.
#pragma once

#include <string>

#include "kube/access.h"

#include "base/error.h"

namespace kube {

struct AccessOptions {
  std::string kubeconfig{};  // A path, or a list as in $KUBECONFIG; must exist.
  std::string context{};     // "": the current one.
  // Where a pod finds its service account.
  std::string service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
};

base::Result<Access> load_access(const runtime::Environment& environment,
                                 const AccessOptions& options);

}  // namespace kube
