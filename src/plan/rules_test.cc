// Volumes, reservations, default spread: behaviours of spec 02 s2.3, s2.4, s8, s10 on whole plans.
#include <gtest/gtest.h>

#include "plan/scene_testing.h"
#include "plan/scheduler_config.h"

namespace plan::testing {
namespace {

constexpr const char* kZone = "topology.kubernetes.io/zone";

std::shared_ptr<const k8s::PersistentVolumeClaim> claim_of(const std::string& name,
                                                           const std::string& storage_class) {
  auto claim = std::make_shared<k8s::PersistentVolumeClaim>();
  claim->meta.name = name;
  claim->meta.namespace_ = "default";
  claim->storage_class = storage_class;
  return claim;
}

void add_storage_class(Scene& scene, const std::string& zone) {
  auto storage = std::make_shared<k8s::StorageClass>();
  storage->meta.name = "disk";
  storage->provisioner = "ebs.csi.aws.com";
  storage->binding_mode = "WaitForFirstConsumer";
  if (!zone.empty()) {
    storage->allowed_topologies.push_back({term(kZone, "In", {zone})});
  }
  scene.extra().storage_classes.push_back(storage);
}

TEST(Volumes, StorageClassChoosesTheZone) {
  // SCH-49
  Scene scene;
  scene.pool("default");
  add_storage_class(scene, "test-zone-2");
  scene.extra().volume_claims.push_back(claim_of("data", "disk"));
  scene.pod("web").spec.volumes.push_back({.name = "data", .claim_name = "data"});
  EXPECT_EQ(scene.plan().claims.at(0).cheapest.zone, "test-zone-2");
}

TEST(Volumes, MissingClaimIsTheReason) {
  // SCH-54
  Scene scene;
  scene.pool("default");
  scene.pod("web").spec.volumes.push_back({.name = "data", .claim_name = "data"});
  EXPECT_EQ(scene.plan().unplaced.at(0).reason,
            "ignoring pod, persistentvolumeclaim \"data\" not found");
}

TEST(Volumes, ContradictingZoneKeepsThePodPending) {
  // SCH-153
  Scene scene;
  scene.pool("default");
  add_storage_class(scene, "test-zone-2");
  scene.extra().volume_claims.push_back(claim_of("data", "disk"));
  k8s::Pod& pod = scene.pod("web");
  pod.spec.volumes.push_back({.name = "data", .claim_name = "data"});
  pod.spec.node_selector[kZone] = "test-zone-1";
  EXPECT_EQ(scene.plan().unplaced.at(0).reason,
            "incompatible volume requirements, key topology.kubernetes.io/zone, "
            "topology.kubernetes.io/zone In [test-zone-2] not in topology.kubernetes.io/zone In "
            "[test-zone-1]");
}

TEST(Volumes, AttachLimitSendsPodsElsewhere) {
  // SCH-46
  Scene scene;
  scene.pool("default");
  add_storage_class(scene, "");
  scene.node("node-1", "default", "test-zone-1");
  auto limits = std::make_shared<k8s::CSINode>();
  limits->meta.name = "node-1";
  limits->drivers.push_back({.name = "ebs.csi.aws.com", .node_id = "", .allocatable_count = 1});
  scene.extra().csi_nodes.push_back(limits);
  for (const char* name : {"data-0", "data-1"}) {
    scene.extra().volume_claims.push_back(claim_of(name, "disk"));
    scene.pod(name).spec.volumes.push_back({.name = "data", .claim_name = name});
  }
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.existing.at(0).pods.size(), 1u);
  EXPECT_EQ(plan.claims.size(), 1u);
}

Scene reserved_scene(int capacity) {
  auto type = make_type("a", 4, 8, 1, {"z"});
  type.labels[0].values.push_back("reserved");
  type.offerings.push_back({.zone = "z",
                            .capacity_type = "reserved",
                            .price = 0.001,
                            .reservation_id = "cr-1",
                            .reservation_capacity = capacity});
  Scene scene(make_catalogue({type}));
  scene.pool("default");
  scene.pods("web", 2);
  return scene;
}

TEST(Reservations, DeferPodsWhileTheReservationIsTaken) {
  // SCH-194
  Scene scene = reserved_scene(1);
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].cheapest.capacity_type, "reserved");
  EXPECT_EQ(requirement(plan.claims[0].claim, "karpenter.sh/capacity-type")->values,
            (std::vector<std::string>{"reserved"}));
  ASSERT_EQ(plan.unplaced.size(), 1u);
  EXPECT_TRUE(plan.unplaced[0].is_deferred);
}

TEST(Reservations, FallBackInSimulations) {
  // SCH-195
  Scene scene = reserved_scene(1);
  scene.options.reserved_fallback = true;
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 2u);
  EXPECT_TRUE(plan.unplaced.empty());
}

TEST(Reservations, AreOrdinaryOfferingsWithTheGateOff) {
  // SCH-198
  Scene scene = reserved_scene(1);
  scene.options.reserved_capacity = false;
  EXPECT_EQ(scene.plan().claims.size(), 2u);
}

TEST(DefaultSpread, SpreadsByTheServiceThatSelectsThePods) {
  // SCH-362, SCH-363
  Scene scene;
  scene.pool("default");
  auto service = std::make_shared<k8s::Service>();
  service->meta.namespace_ = "default";
  service->selector = {{"app", "web"}};
  scene.extra().services.push_back(service);
  for (k8s::Pod* pod : scene.pods("web", 3)) {
    pod->meta.labels["app"] = "web";
  }
  scene.options.default_spread = *parse_scheduler_config(
      "podTopologySpread:\n"
      "  defaultConstraints:\n"
      "  - maxSkew: 1\n"
      "    topologyKey: topology.kubernetes.io/zone\n"
      "    whenUnsatisfiable: DoNotSchedule\n");
  EXPECT_EQ(
      scene.spread_over(scene.plan(), kZone),
      (std::map<std::string, int>{{"test-zone-1", 1}, {"test-zone-2", 1}, {"test-zone-3", 1}}));
}

TEST(DefaultSpread, RefusesBadConfiguration) {
  // SCH-361
  const auto text_of = [](std::string_view config) {
    const auto result = parse_scheduler_config(config);
    return result ? std::string() : result.error().detail;
  };
  EXPECT_EQ(text_of("podTopologySpread:\n  defaultConstraints:\n  - maxSkew: 0\n"
                    "    topologyKey: zone\n    whenUnsatisfiable: DoNotSchedule\n"),
            "parsing scheduler config, validating scheduler config, "
            "podTopologySpread.defaultConstraints[0].maxSkew must be greater than 0");
  EXPECT_EQ(text_of("other: {}"),
            "parsing scheduler config, decoding scheduler config, unknown field \"other\"");
  EXPECT_EQ(text_of(""), "");
}

TEST(Dra, PodsWithClaimsWait) {
  // SCH-145, SCH-400
  Scene scene;
  scene.pool("default");
  scene.pod("web").spec.resource_claims.push_back({.name = "gpu"});
  EXPECT_EQ(scene.plan().unplaced.at(0).reason,
            "pod has Dynamic Resource Allocation requirements that are not yet supported by "
            "Karpenter");
}

}  // namespace
}  // namespace plan::testing
