#include "plan/devices.h"

#include <gtest/gtest.h>

#include "plan/devices_testing.h"

namespace plan::testing {
namespace {

using Names = std::vector<std::string>;
using Rows = std::vector<std::size_t>;

const k8s::DeviceReach kEverywhere{.node_name = "", .node_selector = {}, .all_nodes = true};
constexpr const char* kNone = "no instance type can satisfy the allocation";

k8s::DeviceReach on_node(const std::string& node) {
  return {.node_name = node, .node_selector = {}, .all_nodes = false};
}

k8s::DeviceReach in_zone(const std::string& zone) {
  return {.node_name = "", .node_selector = {zone_term(zone)}, .all_nodes = false};
}

k8s::DeviceAttributes numa(std::int64_t number) {
  return {{"numa", number}};
}

TEST(Devices, ANodesDevicesServePodsOnThatNodeAlone) {
  // SCH-411, SCH-446
  DeviceBed bed;
  bed.add_slice("a", {device("gpu-0"), device("gpu-1")}, on_node("a"));
  bed.add_claim("one", {exactly("r", "gpu", 1)});
  bed.add_claim("two", {exactly("r", "gpu", 2)});
  EXPECT_EQ(bed.ask({"one"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.ask({"one"}, node_place(0, "b")), kNone);
  EXPECT_EQ(bed.place("one", node_place(2, "a")), "");
  EXPECT_EQ(bed.picked(), Names{"r=gpu-0"});
  EXPECT_EQ(bed.ask({"two"}, node_place(2, "a")), kNone);
}

TEST(Devices, NothingIsTakenByAsking) {
  // T-162: an uncommitted allocation reserves nothing.
  DeviceBed bed;
  bed.add_slice("pool", {device("gpu-0")}, kEverywhere);
  bed.add_claim("a", {exactly("r", "gpu", 1)});
  bed.add_claim("b", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.ask({"a"}, claim_place(1)), "");
  EXPECT_EQ(bed.place("b", claim_place(3)), "");
  EXPECT_EQ(bed.ask({"a"}, claim_place(1)), kNone);
}

TEST(Devices, SelectorsOfClassAndRequestBothCount) {
  // SCH-431
  DeviceBed bed;
  bed.add_class("big", {"device.attributes['gpu.example.com'].numa > 0"});
  bed.add_slice("pool",
                {device("gpu-0", numa(0)), device("gpu-1", numa(1)), device("gpu-2", numa(2))},
                kEverywhere);
  bed.add_claim("c", {exactly("r", "big", 1, {"device.attributes['gpu.example.com'].numa != 1"})});
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), Names{"r=gpu-2"});
}

TEST(Devices, WhatCannotBeReadIsRefusedWithTheReason) {
  // SCH-401, SCH-430, SCH-431
  DeviceBed bed;
  bed.add_claim("no-class", {exactly("r", "absent", 1)});
  bed.add_claim("bad", {exactly("r", "gpu", 1, {"device.driver =="})});
  bed.add_claim("neither", {k8s::DeviceRequest{.name = "r"}});
  bed.add_claim("constraint", {}).spec.constraints = {{}};
  EXPECT_EQ(bed.ask({"gone"}, claim_place(1)), "resourceclaim \"default/gone\" not found");
  EXPECT_EQ(bed.ask({"no-class"}, claim_place(1)),
            "validating claim \"no-class\": claim \"no-class\" request \"r\": "
            "deviceclass.resource.k8s.io \"absent\" not found");
  EXPECT_EQ(bed.ask({"bad"}, claim_place(1)),
            "validating claim \"bad\": claim \"bad\" request \"r\": CEL expression "
            "\"device.driver ==\": unexpected end");
  EXPECT_EQ(bed.ask({"neither"}, claim_place(1)),
            "validating claim \"neither\": claim \"neither\" request \"r\": "
            "only Exactly and FirstAvailable requests are supported");
  EXPECT_EQ(bed.ask({"constraint"}, claim_place(1)),
            "validating claim \"constraint\": claim \"constraint\": unsupported constraint type");
}

TEST(Devices, OldGenerationsAndIncompletePoolsAreLeftAlone) {
  // SCH-410, SCH-440
  DeviceBed bed;
  bed.add_slice("renewed", {device("old")}, kEverywhere);
  bed.add_slice("renewed", {device("new")}, kEverywhere).generation = 1;
  bed.add_slice("partial", {device("lonely")}, kEverywhere).slice_count = 2;
  bed.add_claim("c", {exactly("r", "gpu", 2)});
  bed.add_claim("d", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.ask({"d"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), Names{"r=new"});
}

TEST(Devices, PoolsWithRepeatedNamesOrUnknownCountersAreInvalid) {
  // SCH-413
  DeviceBed bed;
  bed.add_slice("twice", {device("same"), device("same")}, kEverywhere);
  bed.add_slice("undeclared", {partition("p", "1Gi"), device("q")}, kEverywhere);
  bed.add_claim("c", {exactly("r", "gpu", 1)});
  bed.add_claim("all", {all_of("r", "gpu")});
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.ask({"all"}, claim_place(1)),
            "allocation mode All needs every resource pool to be valid and complete");
}

TEST(Devices, DemandsOfDevicesNarrowTheZone) {
  // SCH-411, SCH-442
  DeviceBed bed;
  bed.add_slice("z1", {device("a")}, in_zone("z1"));
  bed.add_slice("z2", {device("b"), device("c")}, in_zone("z2"));
  bed.add_claim("two", {exactly("r", "gpu", 2)});
  bed.add_claim("three", {exactly("r", "gpu", 3)});
  EXPECT_EQ(bed.ask({"two"}, claim_place(1)), "");
  EXPECT_EQ(bed.zone(), "topology.kubernetes.io/zone In [z2]");
  EXPECT_EQ(bed.picked(), (Names{"r=b", "r=c"}));
  EXPECT_EQ(bed.ask({"three"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.ask({"two"}, node_place(0, "n", "z1")), kNone);
  EXPECT_EQ(bed.ask({"two"}, node_place(0, "n", "z2")), "");
}

TEST(Devices, TermsOfASelectorAreAlternatives) {
  // SCH-412, improved: ORed, as Kubernetes reads them.
  DeviceBed bed;
  k8s::DeviceReach either = in_zone("z1");
  either.node_selector.push_back(zone_term("z2"));
  bed.add_slice("pool", {device("a")}, either);
  bed.add_slice("z2", {device("b")}, in_zone("z2"));
  bed.add_claim("c", {exactly("r", "gpu", 2)});
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), "");
  EXPECT_EQ(bed.zone(), "topology.kubernetes.io/zone In [z2]");
}

TEST(Devices, AllTakesEveryDeviceOrNone) {
  // SCH-432, SCH-443
  DeviceBed bed;
  bed.add_slice("pool", {device("a"), device("b")}, kEverywhere);
  bed.add_claim("all", {all_of("r", "gpu")});
  bed.add_claim("one", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.ask({"all"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), (Names{"r=a", "r=b"}));
  EXPECT_EQ(bed.place("one", claim_place(3)), "");
  EXPECT_EQ(bed.ask({"all"}, claim_place(1)), kNone);
}

TEST(Devices, AllOfNothingIsRefused) {
  // SCH-443
  DeviceBed bed;
  bed.add_claim("all", {all_of("r", "gpu")});
  EXPECT_EQ(bed.ask({"all"}, claim_place(1)), kNone);
}

TEST(Devices, ThirtyTwoDevicesPerClaim) {
  // SCH-433
  DeviceBed bed;
  std::vector<k8s::Device> many;
  for (int i = 0; i < 40; ++i) {
    many.push_back(device("d" + std::to_string(i)));
  }
  bed.add_slice("pool", many, kEverywhere);
  bed.add_claim("fits", {exactly("r", "gpu", 32)});
  bed.add_claim("above", {exactly("r", "gpu", 32), exactly("s", "gpu", 1)});
  k8s::DeviceRequest choice;
  choice.name = "c";
  choice.first_available = {*exactly("", "gpu", 33).exactly, *exactly("", "gpu", 2).exactly};
  choice.first_available[0].name = "many";
  choice.first_available[1].name = "few";
  bed.add_claim("choice", {choice});
  EXPECT_EQ(bed.ask({"fits"}, claim_place(1)), "");
  EXPECT_EQ(bed.ask({"above"}, claim_place(1)), "a claim asks for more than 32 devices");
  EXPECT_EQ(bed.ask({"choice"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), (Names{"c/few=d0", "c/few=d1"}));
}

TEST(Devices, TheFirstAvailableAlternativeThatLeadsToAnAnswerIsTaken) {
  // SCH-444
  DeviceBed bed;
  bed.add_class("fast", {"device.attributes['gpu.example.com'].numa == 1"});
  bed.add_slice("pool", {device("slow", numa(0)), device("fast", numa(1))}, kEverywhere);
  k8s::DeviceRequest choice;
  choice.name = "c";
  choice.first_available = {*exactly("", "fast", 1).exactly, *exactly("", "gpu", 1).exactly};
  choice.first_available[0].name = "fast";
  choice.first_available[1].name = "any";
  bed.add_claim("choice", {choice});
  bed.add_claim("both", {choice, exactly("r", "fast", 1)});
  EXPECT_EQ(bed.ask({"choice"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), Names{"c/fast=fast"});
  EXPECT_EQ(bed.ask({"both"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), (Names{"c/any=slow", "r=fast"}));
}

TEST(Devices, MatchedDevicesAgreeOnTheAttribute) {
  // SCH-460
  DeviceBed bed;
  bed.add_slice("pool",
                {device("a", numa(0)), device("b", numa(1)), device("c"), device("d", numa(1))},
                kEverywhere);
  auto& claim = bed.add_claim("c", {exactly("r", "gpu", 2)});
  claim.spec.constraints = {
      {.requests = {"r"}, .match_attribute = "gpu.example.com/numa", .distinct_attribute = ""}};
  auto& different = bed.add_claim("d", {exactly("r", "gpu", 2)});
  different.spec.constraints = {
      {.requests = {}, .match_attribute = "", .distinct_attribute = "gpu.example.com/numa"}};
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), (Names{"r=b", "r=d"}));
  EXPECT_EQ(bed.ask({"d"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), (Names{"r=a", "r=b"}));
}

TEST(Devices, AConstraintBindsTheRequestsThatItNames) {
  // SCH-460
  DeviceBed bed;
  bed.add_slice(
      "pool", {device("a", numa(0)), device("b", numa(1)), device("c", numa(1))}, kEverywhere);
  auto& claim = bed.add_claim(
      "c", {exactly("free", "gpu", 1), exactly("r", "gpu", 1), exactly("s", "gpu", 1)});
  claim.spec.constraints = {{.requests = {"r", "s"},
                             .match_attribute = "gpu.example.com/numa",
                             .distinct_attribute = ""}};
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), (Names{"free=a", "r=b", "s=c"}));
}

TEST(Devices, TypesThatBringDevicesAreKeptAndTheOthersDropped) {
  // SCH-404, SCH-440
  DeviceBed bed;
  bed.add_type({});
  bed.add_type({device("own-0"), device("own-1")});
  bed.add_type({device("own-0")});
  bed.add_claim("two", {exactly("r", "gpu", 2)});
  bed.add_claim("one", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.ask({"one"}, claim_place(1)), "");
  EXPECT_EQ(bed.rows(), (Rows{1, 2}));
  EXPECT_EQ(bed.place("two", claim_place(1)), "");
  EXPECT_EQ(bed.rows(), Rows{1});
  EXPECT_EQ(bed.devices().drivers(1), Names{kGpuDriver});
  EXPECT_EQ(bed.ask({"one"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.ask({"one"}, claim_place(3)), "");
}

TEST(Devices, PublishedDevicesComeBeforeThoseOfTheInstance) {
  // SCH-440, SCH-446
  DeviceBed bed;
  bed.add_type({});
  bed.add_type({device("own")});
  bed.add_slice("pool", {device("net")}, kEverywhere);
  bed.add_claim("a", {exactly("r", "gpu", 1)});
  bed.add_claim("b", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.place("a", claim_place(1)), "");
  EXPECT_EQ(bed.picked(), Names{"r=net"});
  EXPECT_EQ(bed.rows(), (Rows{0, 1}));
  EXPECT_EQ(bed.ask({"b"}, claim_place(3)), "");
  EXPECT_EQ(bed.rows(), Rows{1});
}

TEST(Devices, DevicesOfTypesThatAreDroppedLaterAreFreedAtOnce) {
  // SCH-447, SCH-448 improved
  DeviceBed bed;
  bed.add_type({});
  bed.add_type({device("own")});
  bed.add_slice("pool", {device("net")}, in_zone("z1"));
  bed.add_claim("a", {exactly("r", "gpu", 2)});
  bed.add_claim("b", {exactly("r", "gpu", 1, {"device.attributes['gpu.example.com'].x == 1"})});
  bed.add_claim("c", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.place("a", claim_place(1)), "");
  EXPECT_EQ(bed.rows(), Rows{1});
  EXPECT_EQ(bed.ask({"c"}, node_place(0, "n")), kNone);
  bed.devices().keep_rows(1, base::Bitset(2, false));
  EXPECT_EQ(bed.ask({"c"}, node_place(0, "n")), "");
}

TEST(Devices, BoundDevicesAgreeWithoutAValue) {
  // SCH-461
  DeviceBed bed;
  auto& type = bed.add_type({device("a"), device("b"), device("c"), device("d")});
  const auto name = [](const char* d) {
    return cloud::DeviceName{.driver = kGpuDriver, .pool = "own", .device = d};
  };
  type.device_bindings = {
      {.attribute = "example.com/root", .devices = {name("b"), name("c")}},
      {.attribute = "example.com/root", .devices = {name("c"), name("d")}},
      {.attribute = "example.com/root", .devices = {name("a")}},
  };
  auto& claim = bed.add_claim("c", {exactly("r", "gpu", 3)});
  claim.spec.constraints = {
      {.requests = {}, .match_attribute = "example.com/root", .distinct_attribute = ""}};
  auto& four = bed.add_claim("four", {exactly("r", "gpu", 4)});
  four.spec.constraints = claim.spec.constraints;
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), (Names{"r=b", "r=c", "r=d"}));
  EXPECT_EQ(bed.ask({"four"}, claim_place(1)), kNone);
}

TEST(Devices, ATypesDemandsBindTheTypesBehindIt) {
  // SCH-441: the first type goes to z1 for its second device; the other would need z2.
  DeviceBed bed;
  bed.add_type({device("own", numa(1))});
  bed.add_type({device("own", numa(2))});
  bed.add_slice("z1", {device("one", numa(1))}, in_zone("z1"));
  bed.add_slice("z2", {device("two", numa(2))}, in_zone("z2"));
  auto& claim = bed.add_claim("c", {exactly("r", "gpu", 2)});
  claim.spec.constraints = {
      {.requests = {}, .match_attribute = "gpu.example.com/numa", .distinct_attribute = ""}};
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), "");
  EXPECT_EQ(bed.rows(), Rows{0});
  EXPECT_EQ(bed.zone(), "topology.kubernetes.io/zone In [z1]");
}

}  // namespace
}  // namespace plan::testing
