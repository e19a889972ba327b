#include "sim/apiserver/kubeconfig.h"

namespace sim::api {

std::string make_kubeconfig(std::string_view url, std::string_view context) {
  const std::string name(context);
  std::string out = "apiVersion: v1\nkind: Config\nclusters:\n";
  out += "- name: " + name + "\n  cluster:\n    server: " + std::string(url) + "\n";
  out += "users:\n- name: " + name + "\n  user: {}\n";
  out += "contexts:\n- name: " + name + "\n  context:\n    cluster: " + name +
         "\n    user: " + name + "\n    namespace: default\n";
  out += "current-context: " + name + "\n";
  return out;
}

}  // namespace sim::api
