#include "app/crds_command.h"

#include <string_view>

#include <boost/json.hpp>

#include "app/exit_code.h"
#include "app/json_text.h"
#include "base/text.h"
#include "k8s/schema/documents.h"
#include "runtime/files.h"
#include "runtime/process.h"

namespace app {
namespace {

using k8s::schema::Flavour;

// Each provider brings its own node class only (API-12, OPR-108).
bool belongs_to(Flavour flavour, std::string_view name) {
  const std::string_view other = flavour == Flavour::kKwok ? "ec2nodeclasses." : "kwoknodeclasses.";
  return !name.starts_with(other);
}

std::vector<k8s::schema::CrdDocument> documents(Flavour flavour) {
  std::vector<k8s::schema::CrdDocument> all = k8s::schema::crd_documents(flavour);
  std::erase_if(all, [&](const auto& document) { return !belongs_to(flavour, document.name); });
  return all;
}

// "nodepools.karpenter.sh" -> "karpenter.sh_nodepools.yaml"
std::string file_name(std::string_view crd_name) {
  const std::size_t dot = crd_name.find('.');
  return base::concat(crd_name.substr(dot + 1), "_", crd_name.substr(0, dot), ".yaml");
}

std::string with_annotations_block(const std::string& manifest) {
  return base::replace_all(manifest,
                           "\nmetadata:\n",
                           "\nmetadata:\n"
                           "  {{- with .Values.additionalAnnotations }}\n"
                           "  annotations:\n"
                           "    {{- toYaml . | nindent 4 }}\n"
                           "  {{- end }}\n");
}

std::string as_list(Flavour flavour) {
  boost::json::array items;
  for (const auto& document : documents(flavour)) {
    items.push_back(boost::json::parse(document.json));
  }
  return pretty_json(boost::json::object{
             {"apiVersion", "v1"}, {"items", std::move(items)}, {"kind", "List"}}) +
         "\n";
}

std::string as_stream(Flavour flavour) {
  std::string out;
  for (const CrdFile& file : crd_files(flavour, CrdForm::kManifest)) {
    out += file.text;
  }
  return out;
}

int write_files(const std::string& directory, const std::vector<CrdFile>& files) {
  for (const CrdFile& file : files) {
    if (const auto done = runtime::write_file(directory + "/" + file.name, file.text); !done) {
      runtime::complain(done.error().detail);
      return kExitFailed;
    }
  }
  return kExitOk;
}

}  // namespace

std::vector<CrdFile> crd_files(Flavour flavour, CrdForm form) {
  std::vector<CrdFile> out;
  for (const auto& document : documents(flavour)) {
    std::string text = "---\n" + manifest_text(boost::json::parse(document.json));
    if (form == CrdForm::kChartTemplate) {
      text = with_annotations_block(text);
    }
    out.push_back({file_name(document.name), std::move(text)});
  }
  return out;
}

int crds_command(const CrdsArguments& arguments) {
  const Flavour flavour = arguments.provider == "kwok" ? Flavour::kKwok : Flavour::kAws;
  if (!arguments.directory.empty()) {
    const CrdForm form = arguments.is_chart_template ? CrdForm::kChartTemplate : CrdForm::kManifest;
    return write_files(arguments.directory, crd_files(flavour, form));
  }
  const std::string text = arguments.output == "json" ? as_list(flavour) : as_stream(flavour);
  return runtime::write_text(runtime::Stream::kOut, text) ? kExitOk : kExitFailed;
}

}  // namespace app
