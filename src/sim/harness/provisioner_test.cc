// The provisioner as users see it: claims, events and log lines of a small cluster in virtual time.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "control/controllers.h"
#include "k8s/codec.h"
#include "runtime/log_sinks.h"
#include "runtime/virtual_executor.h"
#include "sim/harness/sandbox.h"

namespace sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kNodeClass = R"({
  "apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass", "metadata": {"name": "default"},
  "spec": {"role": "node", "amiSelectorTerms": [{"alias": "al2023@latest"}],
    "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}],
    "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}]}})";

class Provisioning : public testing::Test {
 protected:
  Provisioning() {
    apply(std::string(kNodeClass));
    controllers_.start();
  }

  void apply(const std::string& json) {
    const auto applied = sandbox_->apply(json);
    ASSERT_TRUE(applied) << applied.error().detail;
  }

  void add_pool(const std::string& limits = "{}") {
    apply(base::concat(
        R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "default"},
            "spec": {"limits": )",
        limits,
        R"(, "template": {"spec": {"nodeClassRef": {"group": "karpenter.k8s.aws",
            "kind": "EC2NodeClass", "name": "default"}, "requirements": [
            {"key": "karpenter.k8s.aws/instance-cpu", "operator": "Lt", "values": ["9"]}]}}}})"));
    run(seconds(5));
  }

  void add_pod(const std::string& name, const std::string& more = "") {
    apply(base::concat(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": ")",
                       name,
                       R"(", "labels": {"app": "web"}}, "spec": {)",
                       more,
                       R"("containers": [{"name": "c", "image": "i",
                           "resources": {"requests": {"cpu": "1"}}}]}})"));
  }

  template <typename T>
  std::vector<T> all(k8s::Kind kind) {
    std::vector<T> found;
    for (const auto& [name, document] : sandbox_->store().collection(api::type_of(kind))) {
      found.push_back(k8s::as<T>(*document->typed()));
    }
    return found;
  }

  std::size_t claims() { return all<k8s::NodeClaim>(k8s::Kind::kNodeClaim).size(); }

  std::vector<std::string> events(const std::string& reason) {
    std::vector<std::string> messages;
    for (const auto& event : all<k8s::Event>(k8s::Kind::kEvent)) {
      if (event.reason == reason && event.component == "karpenter") {
        messages.push_back(event.message);
      }
    }
    return messages;
  }

  void run(runtime::Duration duration) { executor_.run_for(duration); }

  runtime::VirtualExecutor executor_{{.seed = 5}};
  runtime::RecordingLogSink log_;
  std::unique_ptr<Sandbox> sandbox_ = *Sandbox::create(executor_, {.seed = 5});
  std::unique_ptr<api::SimKube> kube_ = sandbox_->controller_kube();
  control::Controllers controllers_{control::Dependencies{.executor = executor_,
                                                          .api = *kube_,
                                                          .cloud = sandbox_->cloud(),
                                                          .resolver = &sandbox_->cloud(),
                                                          .catalogue = sandbox_->catalogue_source(),
                                                          .log = log_,
                                                          .rng = runtime::Rng(5)},
                                    control::Config{.plan = {.schema = sandbox_->schema()}}};
};

TEST_F(Provisioning, ABatchEndsASecondAfterItsLastPod) {
  // SCH-100, SCH-103
  add_pool();
  add_pod("a");
  run(milliseconds(900));
  add_pod("b");
  run(milliseconds(900));
  EXPECT_EQ(claims(), 0U);
  run(milliseconds(400));
  EXPECT_EQ(claims(), 1U);  // Of both.
}

TEST_F(Provisioning, ABatchEndsTenSecondsAfterItsFirstPod) {
  // SCH-103
  add_pool();
  for (int i = 0; i < 11; ++i) {
    EXPECT_EQ(claims(), 0U);
    add_pod(base::concat("p-", i));
    run(milliseconds(900));
  }
  run(milliseconds(400));
  EXPECT_GE(claims(), 1U);
}

TEST_F(Provisioning, PodsAreToldWhereTheyWillRun) {
  // SCH-123, SCH-262, SCH-263
  add_pool();
  add_pod("a");
  run(milliseconds(1500));
  const auto made = all<k8s::NodeClaim>(k8s::Kind::kNodeClaim);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(events("Nominated"),
            std::vector<std::string>{"Pod should schedule on: nodeclaim/" + made[0].meta.name});
  EXPECT_TRUE(made[0].meta.name.starts_with("default-"));
  EXPECT_EQ(log_.count("created nodeclaim"), 1U);
  EXPECT_EQ(log_.count("found provisionable pod(s)"), 1U);
}

TEST_F(Provisioning, APodThatFitsNowhereIsToldOnceInFiveMinutes) {
  // SCH-100, SCH-260
  add_pool();
  add_pod("a", R"("nodeSelector": {"team": "nobody"}, )");
  run(seconds(200));
  ASSERT_EQ(events("FailedScheduling").size(), 1U);
  EXPECT_TRUE(events("FailedScheduling")[0].starts_with("Failed to schedule pod, "));
  EXPECT_GT(log_.count("could not schedule pod"), 3U);  // Tried again every ten seconds.
}

TEST_F(Provisioning, WithoutAPoolThePodSaysSo) {
  // SCH-114
  add_pod("a");
  run(seconds(3));
  ASSERT_EQ(events("FailedScheduling").size(), 1U);
  EXPECT_TRUE(events("FailedScheduling")[0].ends_with("no dynamic nodepools found"));
}

TEST_F(Provisioning, AFullPoolGetsNoClaim) {
  // SCH-122, SCH-160
  add_pool(R"({"nodes": "1"})");
  add_pod("a", R"("nodeSelector": {"topology.kubernetes.io/zone": "us-east-1a"}, )");
  add_pod("b", R"("nodeSelector": {"topology.kubernetes.io/zone": "us-east-1b"}, )");
  run(seconds(120));
  EXPECT_EQ(claims(), 1U);
}

TEST_F(Provisioning, ABatchWaitsForLaunchesUnderWay) {
  // SCH-110, improved: it is not lost.
  add_pool();
  add_pod("a", R"("nodeSelector": {"topology.kubernetes.io/zone": "us-east-1a"}, )");
  run(milliseconds(1100));
  add_pod("b", R"("nodeSelector": {"topology.kubernetes.io/zone": "us-east-1b"}, )");
  run(seconds(6));  // Long before its pod would come back.
  EXPECT_EQ(claims(), 2U);
}

TEST_F(Provisioning, PreferencesThatPreventConsolidationAreLoggedOnceADay) {
  // SCH-89
  const std::string message =
      "pod(s) have a preferred TopologySpreadConstraint which can prevent consolidation";
  add_pod("a",
          R"("nodeSelector": {"team": "nobody"}, "topologySpreadConstraints": [{"maxSkew": 1,
             "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway",
             "labelSelector": {"matchLabels": {"app": "web"}}}], )");
  run(seconds(60));
  EXPECT_EQ(log_.count(message), 1U);
  run(std::chrono::hours(25));
  EXPECT_EQ(log_.count(message), 2U);
}

}  // namespace
}  // namespace sim
