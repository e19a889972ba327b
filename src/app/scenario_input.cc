#include "app/scenario_input.h"

#include <optional>

#include <fmt/format.h>

#include "app/cluster_input.h"
#include "app/manifest_files.h"
#include "base/text.h"
#include "k8s/manifest.h"

namespace app {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

struct Found {
  sim::days::Scenario scenario;
  std::string file;
};

// The folder that the file lies in, with its slash.
std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

Result<Found> find_scenario(const std::vector<ManifestFile>& files) {
  std::optional<Found> found;
  for (const ManifestFile& file : files) {
    for (const k8s::Manifest& manifest : TRY(k8s::read_manifests(file.text, file.name))) {
      if (!sim::days::is_scenario(manifest)) {
        continue;
      }
      if (found) {
        return fail(ErrorCode::kInvalid,
                    fmt::format("{}:{}: there is another Scenario in {}: simulate one at a time",
                                manifest.file,
                                manifest.line,
                                found->file));
      }
      found = Found{TRY(sim::days::parse_scenario(manifest, file.text)), file.name};
    }
  }
  if (!found) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the input holds no Scenario (apiVersion: {}, kind: {}); "
                            "docs/simulate.md describes it",
                            sim::days::kScenarioVersion,
                            sim::days::kScenarioKind));
  }
  return *std::move(found);
}

// Objects of kinds that the embedded API server serves, as they were written.
void append(ClusterInput input, ScenarioInput& out) {
  for (InputObject& entry : input.objects) {
    if (entry.object != nullptr) {
      out.manifests.push_back(std::move(entry.json));
    }
  }
  for (const auto& [kind, count] : input.ignored) {
    if (kind != sim::days::kScenarioKind) {
      out.warnings.push_back(fmt::format("{} of kind {}: plays no part", count, kind));
    }
  }
  out.warnings.insert(out.warnings.end(), input.warnings.begin(), input.warnings.end());
}

}  // namespace

Result<ScenarioInput> read_scenario(const std::vector<std::string>& paths) {
  const std::vector<ManifestFile> files = TRY(read_manifest_files(paths));
  Found found = TRY(find_scenario(files));
  const ReadOptions options{.provider = "ec2", .keep_json = true};
  ScenarioInput out;
  for (const ManifestFile& file : files) {
    append(TRY(read_cluster_text(file.text, file.name, options)), out);
  }
  for (const std::string& name : found.scenario.manifests) {
    const std::string path = name.starts_with('/') ? name : folder_of(found.file) + name;
    append(TRY(read_cluster({path}, options)), out);
  }
  out.scenario = std::move(found.scenario);
  return out;
}

}  // namespace app
