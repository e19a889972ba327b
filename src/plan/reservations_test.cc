// Reserved capacity: who gets it, who waits for it (spec 02 s8, s17.11).
#include "plan/reservations.h"

#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

using Strings = std::vector<std::string>;

struct Reserved {
  std::string id;
  int capacity = 1;
  double price = 0.001;
  bool is_available = true;
};

// A type that holds one pod, sold as reserved too.
cloud::InstanceType reserved_type(const std::string& name,
                                  const std::vector<Reserved>& reservations) {
  cloud::InstanceType type = make_type(name, 4, 8, 1, {"z"});
  type.labels[0].values = {"on-demand", "reserved", "spot"};
  for (const Reserved& reserved : reservations) {
    type.offerings.push_back({.zone = "z",
                              .capacity_type = "reserved",
                              .price = reserved.price,
                              .available = reserved.is_available,
                              .zone_id = "",
                              .reservation_id = reserved.id,
                              .reservation_capacity = reserved.capacity});
  }
  return type;
}

Scene scene_of(const std::vector<cloud::InstanceType>& types, int count = 2) {
  Scene scene(make_catalogue(types));
  auto schema = std::make_shared<cloud::LabelSchema>(cloud::LabelSchema::core());
  schema->add_well_known("example.com/reservation");
  schema->set_reservation_labels("example.com/reservation", {"example.com/reservation"});
  scene.options.schema = schema;
  scene.pool("default");
  pods(scene, "web", count);
  return scene;
}

TEST(Reservations, AClaimThatHoldsOneSaysSo) {
  // SCH-190, SCH-193, SCH-197
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1"}})}, 1);
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].cheapest().capacity_type, "reserved");
  EXPECT_EQ(values(plan.claims[0], kCapacity), (Strings{"reserved"}));
  EXPECT_EQ(values(plan.claims[0], "example.com/reservation"), (Strings{"cr-1"}));
}

TEST(Reservations, PodsWaitWhileTheReservationIsTaken) {
  // SCH-194
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1"}})});
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 1u);
  ASSERT_EQ(plan.unplaced.size(), 1u);
  EXPECT_TRUE(plan.unplaced[0].is_deferred);
  EXPECT_EQ(
      plan.unplaced[0].reason,
      "one or more instance types with compatible reserved offerings are available, but could "
      "not be reserved");
}

TEST(Reservations, CapacityIsCountedPerClaim) {
  // SCH-192
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1", .capacity = 3}})}, 5);
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 3u);
  EXPECT_EQ(plan.unplaced.size(), 2u);
}

TEST(Reservations, TheLeastCapacityOfAnIdCounts) {
  // SCH-191
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1", .capacity = 3}}),
                          reserved_type("b", {{.id = "cr-1", .capacity = 1}})},
                         3);
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

TEST(Reservations, AClaimHoldsEveryReservationItCouldUse) {
  // SCH-193, SCH-200
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1"}, {.id = "cr-2", .price = 0.0001}})});
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(values(plan.claims[0], "example.com/reservation"), (Strings{"cr-1", "cr-2"}));
  EXPECT_EQ(plan.claims[0].cheapest().price, 0.0001);
}

TEST(Reservations, DifferentOnesServeOnePass) {
  // SCH-192
  Scene scene =
      scene_of({reserved_type("a", {{.id = "cr-1"}}), reserved_type("b", {{.id = "cr-2"}})}, 1);
  scene.all_pods()[0].spec.node_selector[kType] = "a";
  pods(scene, "other").select(kType, "b");
  EXPECT_EQ(scene.plan().claims.size(), 2u);
}

TEST(Reservations, PoolsShareThem) {
  // SCH-192
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1"}})}, 1);
  scene.all_pods()[0].spec.node_selector[kPool] = "default";
  scene.pool("other");
  pods(scene, "second").select(kPool, "other");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 1u);
  EXPECT_TRUE(plan.unplaced.at(0).is_deferred);
}

TEST(Reservations, WaitingPodsUseNoLighterPool) {
  // SCH-146, SCH-194
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1"}})});
  scene.set_catalogue(make_catalogue({make_type("plain", 4, 8, 1, {"z"})}));
  scene.pool("a-lighter");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 1u);
  EXPECT_TRUE(plan.unplaced.at(0).is_deferred);
}

TEST(Reservations, WaitingPodsGiveUpNoPreference) {
  // SCH-140, SCH-194
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1"}}), make_type("b", 4, 8, 1, {"z"})}, 1);
  pods(scene, "more", 2).cpu("50m");
  PodsOf({&scene.all_pods()[0], &scene.all_pods()[1], &scene.all_pods()[2]})
      .prefer(1, term(kType, "In", {"a"}));
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.unplaced.size(), 2u);
}

TEST(Reservations, UnavailableOnesAreNotWaitedFor) {
  // SCH-193, SCH-194
  Scene scene =
      scene_of({reserved_type("a", {{.id = "cr-1", .capacity = 0, .is_available = false}})});
  EXPECT_EQ(scene.plan().claims.size(), 2u);
}

TEST(Reservations, SimulationsFallBack) {
  // SCH-195
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1"}})});
  scene.options.reserved_fallback = true;
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 2u);
  EXPECT_TRUE(plan.unplaced.empty());
}

TEST(Reservations, AreOrdinaryOfferingsWithTheGateOff) {
  // SCH-198
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1"}})});
  scene.options.reserved_capacity = false;
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(values(plan.claims[0], "example.com/reservation"), Strings());
}

TEST(Reservations, PodsThatCannotUseThemAreFree) {
  // SCH-193
  Scene scene = scene_of({reserved_type("a", {{.id = "cr-1"}})}, 3);
  PodsOf({&scene.all_pods()[0], &scene.all_pods()[1], &scene.all_pods()[2]})
      .need(term(kCapacity, "In", {"on-demand"}));
  EXPECT_EQ(scene.plan().claims.size(), 3u);
}

TEST(Reservations, PodsOfOneGroupShareAReservedNode) {
  // SCH-193, SCH-331
  cloud::InstanceType type = reserved_type("a", {{.id = "cr-1"}});
  type.capacity.set("pods", k8s::Quantity::units(10));
  Scene scene = scene_of({type}, 3);
  PodsOf({&scene.all_pods()[0], &scene.all_pods()[1], &scene.all_pods()[2]})
      .app("web")
      .near(kHost, "web");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].pods.size(), 3u);
}

TEST(Reservations, LaterConstraintsReleaseWhatNoLongerFits) {
  // SCH-196
  cloud::InstanceType small = reserved_type("a", {{.id = "cr-1"}});
  small.capacity.set("pods", k8s::Quantity::units(10));
  cloud::InstanceType large = reserved_type("b", {{.id = "cr-2"}});
  large.capacity.set("pods", k8s::Quantity::units(10));
  Scene scene = scene_of({small, large}, 1);
  scene.all_pods()[0].spec.containers[0].resources.requests = resources("3", "1Gi");
  pods(scene, "picky").select(kType, "b").cpu("200m");
  pods(scene, "last").select(kType, "a").cpu("100m");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(values(plan.claims[0], "example.com/reservation"), (Strings{"cr-2"}));
  EXPECT_EQ(values(plan.claims[1], "example.com/reservation"), (Strings{"cr-1"}));
}

}  // namespace
}  // namespace plan::testing
