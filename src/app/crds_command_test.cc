#include "app/crds_command.h"

#include <gtest/gtest.h>

#include "k8s/manifest.h"
#include "runtime/files.h"

namespace app {
namespace {

using k8s::schema::Flavour;

void expect_current(const std::string& folder, CrdForm form) {
  const auto files = crd_files(Flavour::kAws, form);
  EXPECT_EQ(runtime::list_directory(folder)->size(), files.size()) << folder;
  for (const CrdFile& file : files) {
    const auto text = runtime::read_file(folder + "/" + file.name);
    // To bring them up to date: tools/generate-crds
    EXPECT_TRUE(text && *text == file.text) << folder << "/" << file.name << " is not current";
  }
}

TEST(Crds, TheChartsHoldWhatIsGenerated) {
  // API-10, API-12, OPR-103
  expect_current("charts/karpenter/crds", CrdForm::kManifest);
  expect_current("charts/karpenter-crd/templates", CrdForm::kChartTemplate);
}

TEST(Crds, EachProviderBringsItsOwnNodeClass) {
  // API-11, API-12, OPR-108
  const auto names = [](Flavour flavour) {
    std::string out;
    for (const CrdFile& file : crd_files(flavour, CrdForm::kManifest)) {
      out += file.name + " ";
    }
    return out;
  };
  EXPECT_EQ(names(Flavour::kAws),
            "autoscaling.x-k8s.io_capacitybuffers.yaml karpenter.k8s.aws_ec2nodeclasses.yaml "
            "karpenter.sh_nodeclaims.yaml karpenter.sh_nodeoverlays.yaml "
            "karpenter.sh_nodepools.yaml ");
  EXPECT_NE(names(Flavour::kKwok).find("karpenter.kwok.sh_kwoknodeclasses.yaml"),
            std::string::npos);
  EXPECT_EQ(names(Flavour::kKwok).find("ec2"), std::string::npos);
}

TEST(Crds, ManifestsReadBackAsTheyWereGenerated) {
  // API-1
  for (const CrdFile& file : crd_files(Flavour::kKwok, CrdForm::kManifest)) {
    const auto manifests = k8s::read_manifests(file.text, file.name);
    ASSERT_TRUE(manifests) << manifests.error().detail;
    ASSERT_EQ(manifests->size(), 1u);
    EXPECT_EQ(manifests->front().kind, "CustomResourceDefinition");
  }
}

TEST(Crds, ChartTemplatesTakeAnnotations) {
  // OPR-103
  for (const CrdFile& file : crd_files(Flavour::kAws, CrdForm::kChartTemplate)) {
    EXPECT_NE(file.text.find("\nmetadata:\n  {{- with .Values.additionalAnnotations }}\n"),
              std::string::npos)
        << file.name;
    EXPECT_EQ(file.text.find("{{"), file.text.find("{{- with .Values")) << file.name;
  }
}

}  // namespace
}  // namespace app
