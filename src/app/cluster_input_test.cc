#include "app/cluster_input.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "app/offline_cluster.h"
#include "cloud/catalogue.h"
#include "cloud/ec2/label_schema.h"

namespace app {
namespace {

// The complaint, or "" when the text is accepted.
std::string complaint(const std::string& text) {
  const auto input = read_cluster_text(text, "f.yaml", {});
  return input ? "" : input.error().detail;
}

std::string pool(std::string_view more) {
  return "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: p}\nspec:\n  template:\n"
         "    spec:\n      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: c}\n"
         "      requirements: []\n" +
         std::string(more);
}

TEST(ClusterInput, RefusalsNamePlaceFieldAndWhatIsAllowed) {
  const std::string text = complaint(pool("  disruption: {consolidateAfter: soon}\n"));
  EXPECT_TRUE(text.starts_with("f.yaml:9: NodePool \"p\": spec.disruption.consolidateAfter: "))
      << text;
  EXPECT_TRUE(text.ends_with("(like 30s, 1h30m or Never)")) << text;
}

TEST(ClusterInput, NothingAtAllIsAnError) {
  EXPECT_EQ(complaint(""), "the input holds no Kubernetes object");
  EXPECT_EQ(complaint("---\n# nothing\n---\n"), "the input holds no Kubernetes object");
}

TEST(ClusterInput, OldVersionsAreRefusedWithTheCommand) {
  const std::string text =
      complaint("apiVersion: karpenter.sh/v1beta1\nkind: NodePool\nmetadata: {name: p}\n");
  EXPECT_NE(text.find("NodePool \"p\" is karpenter.sh/v1beta1"), std::string::npos) << text;
  EXPECT_NE(text.find("karpenter convert -f FILE"), std::string::npos) << text;
}

TEST(ClusterInput, KindsOfOursThatDoNotExistAreRefused) {
  EXPECT_EQ(complaint("apiVersion: karpenter.sh/v1\nkind: Nodepool\nmetadata: {name: p}\n"),
            "f.yaml:1: karpenter.sh/v1 has no kind Nodepool; there is karpenter.sh/v1 NodeClaim, "
            "karpenter.sh/v1 NodePool, karpenter.sh/v1alpha1 NodeOverlay");
}

TEST(ClusterInput, OtherKindsAreCounted) {
  const auto input = read_cluster_text(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n"
      "apiVersion: example.com/v1\nkind: Deployment\nmetadata: {name: b}\n---\n"
      "apiVersion: v1\nkind: Deployment\nmetadata: {name: c}\n",
      "f.yaml",
      {});
  ASSERT_TRUE(input) << input.error().detail;
  EXPECT_EQ(input->ignored, (std::map<std::string, int>{{"ConfigMap", 1}, {"Deployment", 1}}));
  ASSERT_EQ(input->warnings.size(), 1U);
  EXPECT_EQ(input->warnings[0],
            "f.yaml:9: v1 has no kind Deployment: ignored; did you mean apps/v1 Deployment?");
}

TEST(ClusterInput, UnknownFieldsAreWarnings) {
  const auto input = read_cluster_text(pool("  wieght: 3\n"), "f.yaml", {});
  ASSERT_TRUE(input) << input.error().detail;
  ASSERT_EQ(input->warnings.size(), 1U);
  EXPECT_EQ(input->warnings[0],
            "f.yaml:9: NodePool \"p\": unknown field \"spec.wieght\" is ignored");
}

TEST(OfflineCluster, SaysWhatIsMissingForAPlan) {
  const auto warnings = [](const std::string& text) {
    const auto input = read_cluster_text(text, "f.yaml", {});
    return input ? offline_cluster(*input, {.region = "us-east-1"})->warnings
                 : std::vector<std::string>{};
  };
  ASSERT_EQ(warnings(pool("")).size(), 1U);
  EXPECT_EQ(warnings(pool(""))[0],
            "the input has no pods and no workloads: there is nothing to place");
  const auto without_pool = warnings(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
      "spec: {containers: [{name: c, image: i}]}\n");
  ASSERT_EQ(without_pool.size(), 1U);
  EXPECT_TRUE(without_pool[0].starts_with("the input has no NodePool for EC2NodeClass"))
      << without_pool[0];
}

TEST(OfflineCluster, SaysWhichPoolsTheControllerWouldRefuse) {
  // API-123, API-167: a window that never opens.
  const auto input = read_cluster_text(
      pool("  disruption: {budgets: [{nodes: \"1\", schedule: 0 0 30 2 *, duration: 1h}]}\n"),
      "f.yaml",
      {});
  ASSERT_TRUE(input) << input.error().detail;
  const auto cluster = offline_cluster(*input, {.region = "us-east-1"});
  EXPECT_EQ(cluster->warnings.front(),
            "NodePool \"p\": the controller will not use it: invalid schedule \"0 0 30 2 *\" in "
            "budgets, it never comes");
}

TEST(OfflineCluster, PoolsThatSayTheyAreNotReadyAreNotUsed) {
  // SCH-114, T-25
  const auto reason = [](const std::string& status) {
    const auto input = read_cluster_text(pool("") + status, "f.yaml", {});
    EXPECT_TRUE(input) << input.error().detail;
    return offline_cluster(*input, {.region = "us-east-1"})->snapshot->pools[0]->unready_reason;
  };
  const auto ready = [](const std::string& text) {
    return "status:\n  conditions:\n  - {type: Ready, status: " + text +
           ", reason: Waits, message: no class, lastTransitionTime: \"2026-01-01T00:00:00Z\"}\n";
  };
  EXPECT_EQ(reason(""), "");
  EXPECT_EQ(reason(ready("\"True\"")), "");
  EXPECT_EQ(reason(ready("\"False\"")), "not ready: no class");
  EXPECT_EQ(reason(ready("Unknown")), "not ready: no class");
}

TEST(OfflineCluster, OverlaysCountWithTheirGate) {
  // LIF-206, LIF-208
  const auto input = read_cluster_text(pool("") +
                                           "---\napiVersion: karpenter.sh/v1alpha1\n"
                                           "kind: NodeOverlay\nmetadata: {name: half}\n"
                                           "spec: {requirements: [], priceAdjustment: \"-50%\"}\n",
                                       "f.yaml",
                                       {});
  ASSERT_TRUE(input) << input.error().detail;
  const auto price = [&](std::shared_ptr<const cloud::LabelSchema> schema) {
    const auto cluster =
        offline_cluster(*input, {.region = "us-east-1", .overlay_schema = std::move(schema)});
    return cluster->snapshot->pools.front()->catalogue->types.front().offerings.front().price;
  };
  const auto schema = std::make_shared<const cloud::LabelSchema>(cloud::ec2::label_schema());
  EXPECT_DOUBLE_EQ(price(schema), 0.5 * price(nullptr));
  const auto without = offline_cluster(*input, {.region = "us-east-1"});
  EXPECT_TRUE(std::ranges::any_of(without->warnings, [](const std::string& warning) {
    return warning.contains("NodeOverlay=true");
  }));
}

TEST(OfflineCluster, RefusesReplicasThatNobodyMeant) {
  const auto input = read_cluster_text(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
      "spec: {replicas: 2000000000, selector: {matchLabels: {a: b}},\n"
      "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}\n",
      "f.yaml",
      {});
  ASSERT_TRUE(input) << input.error().detail;
  const auto cluster = offline_cluster(*input, {.region = "us-east-1"});
  ASSERT_FALSE(cluster);
  EXPECT_EQ(cluster.error().code, base::ErrorCode::kLimit);
  EXPECT_TRUE(cluster.error().detail.contains("stands for 2000000000 pods"))
      << cluster.error().detail;
}

}  // namespace
}  // namespace app
