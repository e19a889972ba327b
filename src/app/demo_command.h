// `karpenter demo`: the controllers at work on the embedded cluster and cloud, told line by line.
// Without manifests it plays the field-report example: a Deployment scaled 0 -> 5 -> 0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace app {

struct DemoArguments {
  std::vector<std::string> paths;
  bool serve = false;
  std::string listen = "127.0.0.1:0";
  double speed = 20;
  std::string region = "us-east-1";
  std::uint64_t seed = 0;  // 0: drawn and printed.
  std::string faults;
  std::string packing = "classic";
  std::string kubeconfig = "karpenter-demo.kubeconfig";
};

int demo_command(const DemoArguments& arguments);

}  // namespace app
