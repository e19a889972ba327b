// Ports that do nothing, for tests that watch another one or override what they need.
#pragma once

#include <string>

#include "cloud/provider.h"
#include "k8s/kube_api.h"

namespace act::testing {

class IdleApi : public k8s::KubeApi {
 public:
  void subscribe(k8s::Kind, Sink) override {}

  void get(const k8s::ObjectKey&, ReadDone) override {}

  void list(k8s::Kind, ListDone) override {}

  void write(k8s::WriteRequest, WriteDone) override {}
};

class IdleCloud : public cloud::CloudProvider {
 public:
  void launch(cloud::LaunchRequest, LaunchDone) override {}

  void terminate(const std::string&, Done) override {}

  void get(const std::string&, InstanceDone) override {}

  void list(ListDone) override {}
};

}  // namespace act::testing
