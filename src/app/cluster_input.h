// Manifests and dumps as a cluster: what `karpenter plan -f` and `karpenter demo -f` read.
//
// Every object goes through what the API server would do with it (defaults, validation, unknown
// fields), so that an offline answer is the answer of a cluster. Objects of kinds that play no part
// are left out and counted. Thread rule: free functions; the file system is read through
// runtime/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "k8s/meta.h"

namespace app {

struct InputObject {
  k8s::ObjectPtr object;
  std::string json;  // As it was given; kept only when asked for.
  std::string file;
  int line = 0;
};

struct ClusterInput {
  std::string provider;                // "ec2" or "kwok".
  std::vector<InputObject> objects;    // In file order.
  std::vector<std::string> warnings;   // "file:line: ..."
  std::map<std::string, int> ignored;  // Kinds that play no part: how many objects.
};

struct ReadOptions {
  // Whose rules apply to NodePools: "ec2" or "kwok"; empty: what the NodePools refer to.
  std::string provider;
  bool keep_json = false;  // Keep the text of each object, also of kinds without a typed form.
};

// Paths are files, folders (their *.yaml, *.yml, *.json, also gzipped, by name) or "-" for stdin.
// Errors: kInvalid with one "file:line: path: what is wrong" per line, kNotFound for a path.
base::Result<ClusterInput> read_cluster(const std::vector<std::string>& paths,
                                        const ReadOptions& options);

// The same from text that is in memory; `name` stands for the file in messages.
base::Result<ClusterInput> read_cluster_text(std::string text,
                                             const std::string& name,
                                             const ReadOptions& options);

}  // namespace app
