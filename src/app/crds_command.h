// `karpenter crds`: the CustomResourceDefinitions that a cluster needs, from the same tables that
// validate (k8s/schema). The manifests under charts/ are what this prints; a test compares them.
// Thread rule: free functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "k8s/schema/validate.h"

namespace app {

struct CrdsArguments {
  std::string output = "yaml";   // "yaml" or "json".
  std::string provider = "ec2";  // "ec2" or "kwok".
  std::string directory;         // Not empty: one YAML file per kind goes there.
  bool is_chart_template = false;
};

// Returns the exit code.
int crds_command(const CrdsArguments& arguments);

struct CrdFile {
  std::string name;  // "karpenter.sh_nodepools.yaml"
  std::string text;
};

// Ordered by name. kChartTemplate: with the place where the chart puts additional annotations
// (OPR-103).
enum class CrdForm : std::uint8_t { kManifest, kChartTemplate };
std::vector<CrdFile> crd_files(k8s::schema::Flavour flavour, CrdForm form);

}  // namespace app
