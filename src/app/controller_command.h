// `karpenter controller`: the controllers against a real API server, until SIGINT or SIGTERM.
#pragma once

#include <string>

#include "ops/options.h"

namespace app {

struct ControllerArguments {
  ops::FlagTexts settings;
  std::string kubeconfig;  // "": KUBECONFIG, the pod's service account, ~/.kube/config (OPR-13).
  std::string context;
};

int controller_command(const ControllerArguments& arguments);

}  // namespace app
