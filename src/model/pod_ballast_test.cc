#include "model/pod_ballast.h"

#include <gtest/gtest.h>

#include "k8s/codec.h"
#include "k8s/resources.h"

namespace model {
namespace {

k8s::Pod pod(std::string_view statuses) {
  const std::string json = std::string(R"({"apiVersion":"v1","kind":"Pod",
    "metadata":{"name":"a-x","generateName":"a-"},
    "spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"1"}}}]},
    "status":{"phase":"Running","conditions":[{"type":"Initialized","status":"True"},
      {"type":"PodScheduled","status":"False","reason":"Unschedulable"},
      {"type":"Ready","status":"True"},{"type":"ContainersReady","status":"True"},
      {"type":"acme.com/own","status":"True"}],"containerStatuses":[)") +
                           std::string(statuses) + "]}}";
  return k8s::as<k8s::Pod>(**k8s::decode_object(json));
}

TEST(PodBallast, KeepsWhatIsRead) {
  k8s::Pod kept = pod(R"({"name":"main","allocatedResources":{"cpu":"1"},
                          "resources":{"requests":{"cpu":"1"}}})");
  EXPECT_TRUE(has_ballast(kept));

  drop_ballast(kept);

  std::string types;
  for (const k8s::Condition& condition : kept.status.conditions) {
    types += condition.type + " ";
  }
  EXPECT_EQ(types, "PodScheduled Ready acme.com/own ");
  EXPECT_TRUE(kept.status.container_statuses.empty());
  EXPECT_EQ(kept.meta.name, "a-x");
  EXPECT_FALSE(has_ballast(kept));
}

TEST(PodBallast, ContainerUnderResizeCountsAsBefore) {
  k8s::Pod kept = pod(R"({"name":"main","allocatedResources":{"cpu":"2"}})");
  const k8s::Resources before = k8s::pod_requests(kept);

  drop_ballast(kept);

  EXPECT_EQ(kept.status.container_statuses.size(), 1U);
  EXPECT_EQ(k8s::pod_requests(kept), before);
}

TEST(PodBallast, ContainerWhoseResizeIsRefusedCountsAsBefore) {
  // SCH-58
  k8s::Pod kept = pod(R"({"name":"main","allocatedResources":{"cpu":"500m"}})");
  kept.status.conditions.push_back(
      {.type = "PodResizePending", .status = "True", .reason = "Infeasible"});
  const k8s::Resources before = k8s::pod_requests(kept);
  ASSERT_EQ(before.get("cpu").text(), "500m");

  drop_ballast(kept);

  EXPECT_EQ(k8s::pod_requests(kept), before);
  EXPECT_FALSE(has_ballast(kept));
}

}  // namespace
}  // namespace model
