// What is taken already: by claims of the cluster, by shares, by counters, by pods of this round.
#include <gtest/gtest.h>

#include "plan/devices.h"
#include "plan/devices_capacity.h"
#include "plan/devices_testing.h"

namespace plan::testing {
namespace {

using Names = std::vector<std::string>;

const k8s::DeviceReach kEverywhere{.node_name = "", .node_selector = {}, .all_nodes = true};
constexpr const char* kNone = "no instance type can satisfy the allocation";

k8s::DeviceRequest wanting(const std::string& memory) {
  k8s::DeviceRequest request = exactly("r", "gpu", 1);
  request.exactly->capacity.set("memory", *k8s::Quantity::parse(memory));
  return request;
}

TEST(DeviceUse, DevicesOfLivePodsAreTakenAndOfGoingPodsFree) {
  // SCH-403, SCH-420, SCH-278
  for (const bool is_going : {false, true}) {
    DeviceBed bed;
    bed.add_slice("pool", {device("gpu-0")}, kEverywhere);
    bed.hold(bed.add_claim("held", {exactly("r", "gpu", 1)}), "pool", "gpu-0", "pod-1");
    bed.add_claim("c", {exactly("r", "gpu", 1)});
    if (is_going) {
      bed.scope.going_pods = {"pod-1"};
    }
    EXPECT_EQ(bed.ask({"c"}, claim_place(1)), is_going ? "" : kNone);
    EXPECT_EQ(bed.ask({"held"}, claim_place(1)), "");
    EXPECT_EQ(bed.picked().empty(), !is_going);
  }
}

TEST(DeviceUse, AllocatedClaimsKeepTheirPlace) {
  // SCH-421
  DeviceBed bed;
  auto& zonal = bed.add_claim("zonal", {exactly("r", "gpu", 1)});
  zonal.allocation = k8s::DeviceAllocation{.results = {}, .node_selector = {zone_term("z1")}};
  auto& local = bed.add_claim("local", {exactly("r", "gpu", 1)});
  local.allocation.emplace().node_selector.emplace_back().match_fields = {
      {.key = "metadata.name", .op = "In", .values = {"a"}, .min_values = {}}};
  EXPECT_EQ(bed.ask({"zonal"}, claim_place(1)), "");
  EXPECT_EQ(bed.zone(), "topology.kubernetes.io/zone In [z1]");
  EXPECT_EQ(bed.ask({"zonal"}, node_place(0, "n", "z2")),
            "in-cluster allocation topology is incompatible with NodeClaim requirements");
  EXPECT_EQ(bed.ask({"local"}, node_place(0, "a")), "");
  EXPECT_NE(bed.ask({"local"}, node_place(2, "b")), "");
  EXPECT_NE(bed.ask({"local"}, claim_place(1)), "");
}

TEST(DeviceUse, ZonesOfSettledClaimsNarrowTheSearchForTheOthers) {
  // SCH-423, improved: both demands reach the place.
  DeviceBed bed;
  auto& zonal = bed.add_claim("zonal", {exactly("r", "gpu", 1)});
  zonal.allocation = k8s::DeviceAllocation{.results = {}, .node_selector = {zone_term("z2")}};
  bed.add_claim("fresh", {exactly("r", "gpu", 1)});
  bed.add_slice("pool",
                {device("a")},
                {.node_name = "", .node_selector = {zone_term("z1")}, .all_nodes = false});
  bed.add_slice("z2",
                {device("b")},
                {.node_name = "", .node_selector = {zone_term("z2")}, .all_nodes = false});
  EXPECT_EQ(bed.ask({"zonal", "fresh"}, claim_place(1)), "");
  EXPECT_EQ(bed.picked(), Names{"r=b"});
  EXPECT_EQ(bed.zone(), "topology.kubernetes.io/zone In [z2]");
}

TEST(DeviceUse, SharedClaimsFollowTheirDevices) {
  // SCH-422
  DeviceBed bed;
  bed.add_type({device("own")});
  bed.add_slice("net",
                {device("nic")},
                {.node_name = "", .node_selector = {zone_term("z1")}, .all_nodes = false});
  bed.add_class("nic", {"device.attributes['gpu.example.com'].x != 1"});
  bed.add_claim("zonal", {exactly("r", "gpu", 1)});
  bed.add_claim("bound", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.place("zonal", claim_place(1)), "");
  EXPECT_EQ(bed.place("bound", claim_place(1)), "");
  EXPECT_EQ(bed.ask({"zonal"}, claim_place(3)), "");
  EXPECT_EQ(bed.zone(), "topology.kubernetes.io/zone In [z1]");
  EXPECT_EQ(bed.ask({"zonal"}, node_place(0, "n", "z2")),
            "in-memory allocation topology is incompatible with NodeClaim requirements");
  EXPECT_EQ(bed.ask({"bound"}, claim_place(3)),
            "claim is bound to a different in-flight NodeClaim");
  EXPECT_EQ(bed.ask({"bound"}, claim_place(1)), "");
}

TEST(DeviceUse, SlicesOfNodesThatDoNotTakePartAreLeftOut) {
  // SCH-402
  DeviceBed bed;
  auto& slice = bed.add_slice("pool", {device("a")}, kEverywhere);
  slice.meta.owners = {{.api_version = "v1", .kind = "Node", .name = "young"}};
  bed.add_claim("c", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), kNone);
  DeviceBed other;
  other.add_slice("pool", {device("a")}, kEverywhere).meta.owners = slice.meta.owners;
  other.add_claim("c", {exactly("r", "gpu", 1)});
  other.scope.nodes = {"young"};
  EXPECT_EQ(other.ask({"c"}, claim_place(1)), "");
}

TEST(DeviceUse, SharedDevicesAreFilledUp) {
  // SCH-450, T-161: packing, exhaustion
  DeviceBed bed;
  bed.add_slice("pool", {shared_device("gpu", "40Gi")}, kEverywhere);
  for (const char* name : {"a", "b", "c"}) {
    bed.add_claim(name, {wanting("15Gi")});
  }
  bed.add_claim("huge", {wanting("41Gi")});
  bed.add_claim("unknown", {exactly("r", "gpu", 1)})
      .spec.requests[0]
      .exactly->capacity.set("cores", k8s::Quantity::units(1));
  EXPECT_EQ(bed.ask({"huge"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.ask({"unknown"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.place("a", claim_place(1)), "");
  EXPECT_EQ(bed.place("b", claim_place(3)), "");
  EXPECT_EQ(bed.ask({"c"}, claim_place(5)), kNone);
}

TEST(DeviceUse, SharesOfTheClusterCountAndThoseOfGoingPodsDoNot) {
  // SCH-403, LIF-226
  for (const bool is_going : {false, true}) {
    DeviceBed bed;
    bed.add_slice("pool", {shared_device("gpu", "40Gi")}, kEverywhere);
    auto& stays = bed.add_claim("stays", {wanting("10Gi")});
    bed.hold(stays, "pool", "gpu", "pod-1");
    stays.allocation->results[0].consumed_capacity.set("memory", *k8s::Quantity::parse("10Gi"));
    auto& goes = bed.add_claim("goes", {wanting("25Gi")});
    bed.hold(goes, "pool", "gpu", "pod-2");
    goes.allocation->results[0].consumed_capacity.set("memory", *k8s::Quantity::parse("25Gi"));
    bed.add_claim("c", {wanting("30Gi")});
    if (is_going) {
      bed.scope.going_pods = {"pod-2"};
    }
    EXPECT_EQ(bed.ask({"c"}, claim_place(1)), is_going ? "" : kNone);
  }
}

TEST(DeviceUse, PoliciesRoundRequestsUpOrRefuseThem) {
  // SCH-450
  const auto q = [](const char* text) { return *k8s::Quantity::parse(text); };
  const auto taken = [&](const k8s::DeviceCapacity& capacity, const char* request) {
    const auto asked = q(request);
    const auto amount = consumed(capacity, &asked);
    return amount ? amount->text() : "refused";
  };
  k8s::DeviceCapacity plain{.value = q("10"), .policy = {}};
  EXPECT_EQ(consumed(plain, nullptr)->text(), "10");
  EXPECT_EQ(taken(plain, "3"), "3");
  k8s::DeviceCapacity range{.value = q("10"), .policy = k8s::CapacityPolicy{}};
  range.policy->default_value = q("1");
  range.policy->valid_range = k8s::CapacityRange{.min = q("2"), .max = q("8"), .step = q("3")};
  EXPECT_EQ(consumed(range, nullptr)->text(), "1");
  EXPECT_EQ(taken(range, "1"), "1");
  EXPECT_EQ(taken(range, "1500m"), "2");
  EXPECT_EQ(taken(range, "3"), "5");
  EXPECT_EQ(taken(range, "8"), "8");
  EXPECT_EQ(taken(range, "9"), "refused");
  k8s::DeviceCapacity values{.value = q("10"), .policy = k8s::CapacityPolicy{}};
  values.policy->valid_values = {q("2"), q("4")};
  EXPECT_EQ(taken(values, "3"), "4");
  EXPECT_EQ(taken(values, "5"), "refused");
}

TEST(DeviceUse, PartitionsDrawOnTheirCard) {
  // SCH-452: packing, exhaustion
  DeviceBed bed;
  auto& counters = bed.add_slice("pool", {}, kEverywhere);
  counters.shared_counters = {
      {.name = "card", .counters = {{"memory", *k8s::Quantity::parse("40Gi")}}}};
  counters.slice_count = 2;
  bed.add_slice(
         "pool",
         {partition("whole", "40Gi"), partition("half-0", "20Gi"), partition("half-1", "20Gi")},
         kEverywhere)
      .slice_count = 2;
  bed.add_claim("two", {exactly("r", "gpu", 2)});
  bed.add_claim("three", {exactly("r", "gpu", 3)});
  bed.add_claim("one", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.ask({"three"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.place("two", claim_place(1)), "");
  EXPECT_EQ(bed.picked(), (Names{"r=half-0", "r=half-1"}));
  EXPECT_EQ(bed.ask({"one"}, claim_place(3)), kNone);
}

TEST(DeviceUse, PartitionsInUseLeaveLessOfTheCardWhereverTheyAre) {
  // SCH-452: non-targeting devices count.
  DeviceBed bed;
  auto& counters = bed.add_slice("pool", {}, kEverywhere);
  counters.shared_counters = {
      {.name = "card", .counters = {{"memory", *k8s::Quantity::parse("40Gi")}}}};
  counters.slice_count = 3;
  bed.add_slice("pool", {partition("far", "30Gi")}, {.node_name = "a", .node_selector = {}})
      .slice_count = 3;
  bed.add_slice("pool", {partition("near", "20Gi")}, {.node_name = "b", .node_selector = {}})
      .slice_count = 3;
  bed.hold(bed.add_claim("held", {exactly("r", "gpu", 1)}), "pool", "far", "pod-1");
  bed.add_claim("c", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.ask({"c"}, node_place(0, "b")), kNone);
}

TEST(DeviceUse, PartitionsOfAnInstanceAreItsOwn) {
  // SCH-453: each claim and type has its own budget.
  DeviceBed bed;
  auto& type = bed.add_type({partition("half-0", "20Gi"), partition("half-1", "20Gi")});
  type.device_slices.push_back(
      {.driver = kGpuDriver,
       .pool = "own",
       .devices = {},
       .shared_counters = {
           {.name = "card", .counters = {{"memory", *k8s::Quantity::parse("30Gi")}}}}});
  for (const char* name : {"a", "b", "c"}) {
    bed.add_claim(name, {exactly("r", "gpu", 1)});
  }
  EXPECT_EQ(bed.place("a", claim_place(1)), "");
  EXPECT_EQ(bed.ask({"b"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.place("b", claim_place(3)), "");
}

TEST(DeviceUse, DevicesThatAreNotSharedAreTakenWhole) {
  // SCH-451
  DeviceBed bed;
  k8s::Device whole = shared_device("gpu", "40Gi");
  whole.allows_multiple = false;
  bed.add_slice("pool", {whole}, kEverywhere);
  bed.add_claim("a", {wanting("15Gi")});
  bed.add_claim("b", {wanting("15Gi")});
  EXPECT_EQ(bed.place("a", claim_place(1)), "");
  EXPECT_TRUE(bed.trial().picks.at(0).picks.at(0).charge.dimensions.empty());
  EXPECT_EQ(bed.ask({"b"}, claim_place(3)), kNone);
}

TEST(DeviceUse, EachRequestHasItsOwnShare) {
  // SCH-434
  DeviceBed bed;
  bed.add_slice("pool", {shared_device("gpu", "40Gi")}, kEverywhere);
  k8s::DeviceRequest small = wanting("10Gi");
  small.name = "small";
  bed.add_claim("c", {wanting("30Gi"), small});
  bed.add_claim("d", {wanting("31Gi"), small});
  EXPECT_EQ(bed.ask({"d"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), "");
}

TEST(DeviceUse, OthersSeeTheMostThatAnyTypeMayTake) {
  // SCH-447: the second type is given its own device, the first a share of the published one.
  DeviceBed bed;
  bed.add_type({});
  bed.add_type({device("own")});
  bed.add_class("shared", {"device.allowMultipleAllocations"});
  bed.add_slice("pool", {shared_device("gpu", "40Gi")}, kEverywhere);
  bed.add_claim("a", {wanting("30Gi")});
  bed.add_claim("b", {wanting("20Gi")});
  EXPECT_EQ(bed.place("a", claim_place(1)), "");
  EXPECT_EQ(bed.ask({"b"}, claim_place(3)), kNone);
  base::Bitset first(2, false);
  first.set(0);
  bed.devices().keep_rows(1, first);
  EXPECT_EQ(bed.ask({"b"}, claim_place(3)), kNone);
  bed.devices().keep_rows(1, base::Bitset(2, false));
  EXPECT_EQ(bed.ask({"b"}, claim_place(3)), "");
}

TEST(DeviceUse, AdminsLookAtWhatOthersUse) {
  // Not in the rules of upstream; Kubernetes' adminAccess.
  DeviceBed bed;
  bed.add_slice("pool", {device("gpu-0")}, kEverywhere);
  bed.hold(bed.add_claim("held", {exactly("r", "gpu", 1)}), "pool", "gpu-0", "pod-1");
  bed.add_claim("admin", {exactly("r", "gpu", 1)}).spec.requests[0].exactly->admin_access = true;
  bed.add_claim("two", {exactly("r", "gpu", 2)}).spec.requests[0].exactly->admin_access = true;
  bed.add_claim("user", {exactly("r", "gpu", 1)});
  EXPECT_EQ(bed.ask({"user"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.place("admin", claim_place(1)), "");
  EXPECT_EQ(bed.ask({"two"}, claim_place(1)), kNone);
}

TEST(DeviceUse, TaintedDevicesAreForThoseWhoTolerateThem) {
  // Not in the rules of upstream; Kubernetes' device taints.
  DeviceBed bed;
  k8s::Device broken = device("gpu-0");
  broken.taints = {{.key = "broken", .value = "", .effect = "NoExecute"}};
  bed.add_slice("pool", {broken}, kEverywhere);
  bed.add_claim("c", {exactly("r", "gpu", 1)});
  bed.add_claim("bold", {exactly("r", "gpu", 1)}).spec.requests[0].exactly->tolerations = {
      {.key = "", .op = "Exists", .value = "", .effect = "", .seconds = {}}};
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), kNone);
  EXPECT_EQ(bed.ask({"bold"}, claim_place(1)), "");
}

TEST(DeviceUse, ASearchWithoutEndIsGivenUp) {
  // SCH-445: twelve pairs out of twenty-four, all different, with a last request that nobody meets.
  DeviceBed bed;
  std::vector<k8s::Device> devices;
  for (int i = 0; i < 24; ++i) {
    devices.push_back(device("d" + std::to_string(i), {{"n", std::int64_t{i}}}));
  }
  bed.add_slice("pool", devices, kEverywhere);
  std::vector<k8s::DeviceRequest> requests;
  for (int i = 0; i < 12; ++i) {
    requests.push_back(exactly("r" + std::to_string(i), "gpu", 2));
  }
  requests.push_back(exactly("last", "gpu", 1));
  bed.add_claim("c", requests);
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)),
            "the search for devices was given up after 100000 steps");
}

TEST(DeviceUse, EqualDevicesAreTriedOnce) {
  // The same, of equal devices, ends at once.
  DeviceBed bed;
  std::vector<k8s::Device> devices;
  for (int i = 0; i < 24; ++i) {
    devices.push_back(device("d" + std::to_string(i)));
  }
  bed.add_slice("pool", devices, kEverywhere);
  std::vector<k8s::DeviceRequest> requests;
  for (int i = 0; i < 12; ++i) {
    requests.push_back(exactly("r" + std::to_string(i), "gpu", 2));
  }
  requests.push_back(exactly("last", "gpu", 1));
  bed.add_claim("c", requests);
  EXPECT_EQ(bed.ask({"c"}, claim_place(1)), kNone);
}

}  // namespace
}  // namespace plan::testing
