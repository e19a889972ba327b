// The kubeconfig format: clusters, users and contexts, in one file or merged from several.
//
//   Kubeconfig merged = TRY(parse_kubeconfig(text, "/home/me/.kube/config"));
//   merged.merge(TRY(parse_kubeconfig(other_text, other_path)));
//   Access access = TRY(merged.access(""));        // The current context.
//
// Merging keeps the first of each name, and the first current context. Paths in a file are relative
// to its folder. Unknown fields are passed over, wrong types are errors that name file and field.
// Thread rule: plain values and pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kube/access.h"

#include "base/error.h"

namespace kube {

struct Context {
  std::string cluster;
  std::string user;
  std::string namespace_;
};

struct Kubeconfig {
  std::vector<std::string> files;
  std::string current_context;
  std::map<std::string, Context, std::less<>> contexts;
  std::map<std::string, Cluster, std::less<>> clusters;
  std::map<std::string, User, std::less<>> users;

  // What is here already wins.
  void merge(Kubeconfig other);

  // What a context stands for; "" is the current one. Errors: kInvalid: no such context (the known
  // ones are named), a missing cluster or user, no server, contradicting TLS settings.
  base::Result<Access> access(std::string_view context) const;
};

// Errors: kInvalid: "FILE: users[0].user.token: text expected".
base::Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& path);

}  // namespace kube
