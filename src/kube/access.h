// How to reach one API server and who to be there: the outcome of reading a kubeconfig or a pod's
// service account. A description only: kube/identity.h reads the files and runs the plugins that it
// names, again and again, because they change while we run.
//
// Thread rule: a plain value. Holds secrets: never print one.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/environment.h"

namespace kube {

// A program that hands out credentials, such as `aws eks get-token`.
struct ExecPlugin {
  std::string api_version;
  std::string command;  // A path relative to the kubeconfig's folder, or a name in PATH.
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string install_hint;
  std::string interactive_mode;  // "Never", "IfAvailable", "Always"; we are never interactive.
  bool provide_cluster_info = false;
};

// Headers that make the server treat us as someone else.
struct Impersonation {
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::vector<std::pair<std::string, std::vector<std::string>>> extra;

  bool is_empty() const { return user.empty() && uid.empty() && groups.empty() && extra.empty(); }
};

// Of a file and its inline form the inline form is set, or neither.
struct Cluster {
  std::string server;  // "https://host:6443/prefix", no slash at the end.
  std::string tls_server_name;
  std::string proxy_url;
  std::string ca_file;
  std::string ca_pem;
  bool insecure = false;
};

struct User {
  std::string token;
  std::string token_file;  // Wins over `token` and is read again and again.
  std::string username;
  std::string password;
  std::string cert_file;
  std::string cert_pem;
  std::string key_file;
  std::string key_pem;
  Impersonation impersonation;
  std::optional<ExecPlugin> exec;
};

struct Access {
  std::string source;  // For people: `context "prod" of /home/me/.kube/config`.
  std::string namespace_;
  Cluster cluster;
  User user;
  // What exec plugins get; their own `env` is added.
  runtime::Environment environment;
};

}  // namespace kube
