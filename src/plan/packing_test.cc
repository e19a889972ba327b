// How pods share nodes and which types are chosen (spec 02 s7, s17.3).
#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

using Strings = std::vector<std::string>;

TEST(Packing, ASmallPodGetsTheSmallestType) {
  // SCH-68
  Scene scene;
  scene.pool("default");
  pods(scene, "web");
  EXPECT_EQ(scene.plan().claims.at(0).cheapest().instance_type, "fake-it-0");
}

TEST(Packing, SmallPodsShareANode) {
  // SCH-145
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 5).memory("10M");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].cheapest().instance_type, "fake-it-0");
}

TEST(Packing, ANewNodeWhenCpuIsFull) {
  // SCH-61, SCH-145
  Scene scene(fake_catalogue(5));
  scene.pool("default");
  pods(scene, "web", 40).cpu("200m").memory("10M");
  // 4.9 cores hold 24 pods.
  EXPECT_EQ(scene.plan().claims.size(), 2u);
}

TEST(Packing, ANewNodeWhenPodsAreFull) {
  // SCH-612
  Scene scene(make_catalogue({make_type("a", 16, 32, 10)}));
  scene.pool("default");
  pods(scene, "web", 25).cpu("1m").memory("1Mi");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 3u);
  EXPECT_EQ(plan.claims[0].pods.size(), 10u);
}

TEST(Packing, LargeAndSmallTogether) {
  // SCH-139
  Scene scene;
  scene.pool("default");
  pods(scene, "large", 2).cpu("4").memory("10M");
  pods(scene, "small", 8).cpu("100m").memory("10M");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].cheapest().instance_type, "fake-it-8");
}

TEST(Packing, LargestFirstWhateverTheirOrder) {
  // SCH-139
  Scene scene(fake_catalogue(5));
  scene.pool("default");
  pods(scene, "small", 4).cpu("1").memory("10M");
  pods(scene, "large").cpu("4500m").memory("10M");
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan),
            (std::vector<Strings>{{"large"}, {"small-0", "small-1", "small-2", "small-3"}}));
}

TEST(Packing, EqualPodsGoByAgeThenUid) {
  // SCH-139
  Scene scene(make_catalogue({make_type("a", 2, 4, 1)}));
  scene.pool("default").limits = {{"cpu", k8s::Quantity::units(2)}};
  scene.pod("young");
  scene.pod("old").meta.creation_time = 1;
  EXPECT_EQ(scene.claims(scene.plan()), (std::vector<Strings>{{"old"}}));
}

TEST(Packing, PriorityDoesNotReorder) {
  // SCH-139
  Scene scene(make_catalogue({make_type("a", 2, 4, 1)}));
  scene.pool("default").limits = {{"cpu", k8s::Quantity::units(2)}};
  pods(scene, "large").cpu("1");
  pods(scene, "important").each([](k8s::Pod& pod) { pod.spec.priority = 1000; });
  EXPECT_EQ(scene.claims(scene.plan()), (std::vector<Strings>{{"large"}}));
}

TEST(Packing, ZeroRequestsAreFine) {
  // SCH-61
  Scene scene;
  scene.pool("default");
  pods(scene, "web").cpu("0").memory("0").ask("vendor.com/device", "0");
  EXPECT_EQ(placed(scene.plan()), 1);
}

TEST(Packing, TooLargeIsNotPlaced) {
  // SCH-180, SCH-184
  Scene scene;
  scene.pool("default");
  pods(scene, "web").cpu("11");
  EXPECT_TRUE(
      scene.reason(scene.plan(), "web").starts_with("no instance type has enough resources, "));
}

TEST(Packing, FirstFitIntoTheEmptiestClaim) {
  // SCH-145, SCH-146
  Scene scene(make_catalogue({make_type("a", 4, 16, 10)}));
  scene.pool("default");
  pods(scene, "large", 2).cpu("3");
  pods(scene, "small", 2).cpu("100m");
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan),
            (std::vector<Strings>{{"large-0", "small-0"}, {"large-1", "small-1"}}));
}

// Requests of the pod as the claim's requests show them.
std::string cpu_of(const std::function<void(k8s::Pod&)>& change) {
  Scene scene;
  scene.pool("default");
  pods(scene, "web").cpu("1").each(change);
  const Plan plan = scene.plan();
  return plan.claims.empty() ? "none" : plan.claims[0].requests.get("cpu").text();
}

k8s::Container container(const std::string& cpu, const std::string& restart_policy = "") {
  k8s::Container made;
  made.resources.requests = resources(cpu, "1Mi");
  made.restart_policy = restart_policy;
  return made;
}

TEST(Packing, OverheadAndInitContainersCount) {
  // SCH-58
  EXPECT_EQ(cpu_of([](k8s::Pod& p) { p.spec.overhead = resources("500m", "1Mi"); }), "1500m");
  EXPECT_EQ(cpu_of([](k8s::Pod& p) { p.spec.init_containers = {container("3")}; }), "3");
  EXPECT_EQ(cpu_of([](k8s::Pod& p) { p.spec.init_containers = {container("500m")}; }), "1");
  EXPECT_EQ(cpu_of([](k8s::Pod& p) { p.spec.init_containers = {container("11")}; }), "none");
}

TEST(Packing, SidecarsAddUpInTheirOrder) {
  // SCH-58
  const auto with = [](std::vector<k8s::Container> init) {
    return cpu_of([&](k8s::Pod& p) { p.spec.init_containers = init; });
  };
  EXPECT_EQ(with({container("2", "Always"), container("1")}), "3");
  EXPECT_EQ(with({container("1"), container("2", "Always")}), "3");
  EXPECT_EQ(with({container("2", "Always"), container("4")}), "6");
  EXPECT_EQ(with({container("4"), container("2", "Always")}), "4");
  EXPECT_EQ(with({container("1", "Always"), container("4"), container("2", "Always")}), "5");
}

TEST(Packing, PodLevelResourcesOverride) {
  // SCH-58
  EXPECT_EQ(cpu_of([](k8s::Pod& p) {
              p.spec.resources = k8s::ResourceRequirements();
              p.spec.resources->requests = resources("4", "1Gi");
            }),
            "4");
}

TEST(Packing, EqualPodsOfEverySizeShareANode) {
  // SCH-61, SCH-180
  const cloud::CataloguePtr catalogue = fake_catalogue(100);
  for (const char* cpu : {"0.1", "1", "2", "2.5", "4", "8", "16"}) {
    for (const char* memory : {"0.1Gi", "1Gi", "2Gi", "4Gi", "8Gi", "16Gi", "32Gi"}) {
      Scene scene(catalogue);
      scene.pool("default");
      pods(scene, "web", 3).cpu(cpu).memory(memory);
      const Plan plan = scene.plan();
      ASSERT_EQ(plan.claims.size(), 1u) << cpu << " " << memory;
      for (const std::string& name : plan.claims[0].instance_types()) {
        const cloud::InstanceType& type = *catalogue->find(name);
        for (const auto& [resource, wanted] : plan.claims[0].requests) {
          EXPECT_LE(wanted, type.allocatable().get(resource)) << name;
          EXPECT_TRUE(resource == "pods" || wanted < type.capacity.get(resource)) << name;
        }
      }
    }
  }
}

// Types over architecture, system and size, each sold in some zones and ways at its own price.
cloud::CataloguePtr mixed_catalogue() {
  std::vector<cloud::InstanceType> types;
  int number = 0;
  for (const char* arch : {"amd64", "arm64"}) {
    for (const char* os : {"linux", "windows"}) {
      for (const int cpu : {2, 8}) {
        cloud::InstanceType type =
            make_type(base::concat("t", number), cpu, cpu * 2, 20, {"z1", "z2", "z3"}, arch);
        std::ranges::find(type.labels, kOs, &cloud::TypeLabel::key)->values = {os};
        for (cloud::Offering& offering : type.offerings) {
          ++number;
          offering.price = 0.1 * cpu + 0.01 * (number * 7 % 31);
          offering.available =
              number % 5 != 0 && !(std::string(arch) == "arm64" && offering.zone == "z3");
        }
        types.push_back(std::move(type));
      }
    }
  }
  return make_catalogue(std::move(types));
}

bool says(const cloud::InstanceType& type, const std::string& key, const std::string& value) {
  const auto label = std::ranges::find(type.labels, key, &cloud::TypeLabel::key);
  return label != type.labels.end() &&
         std::ranges::find(label->values, value) != label->values.end();
}

std::optional<double> cheapest(const cloud::Catalogue& catalogue,
                               const k8s::StringMap& wanted,
                               const k8s::Quantity& cpu) {
  std::optional<double> best;
  for (const cloud::InstanceType& type : catalogue.types) {
    for (const cloud::Offering& offering : type.offerings) {
      const bool matches = std::ranges::all_of(wanted, [&](const auto& one) {
        return one.first == kZone       ? offering.zone == one.second
               : one.first == kCapacity ? offering.capacity_type == one.second
                                        : says(type, one.first, one.second);
      });
      if (matches && offering.available && cpu <= type.allocatable().get("cpu")) {
        best = std::min(best.value_or(std::numeric_limits<double>::max()), offering.price);
      }
    }
  }
  return best;
}

TEST(Packing, TheCheapestOfferingUnderEveryCombinationOfConstraints) {
  // SCH-67, SCH-68, SCH-180
  const cloud::CataloguePtr catalogue = mixed_catalogue();
  const std::vector<std::pair<std::string, Strings>> keys{{kArch, {"", "amd64", "arm64"}},
                                                          {kOs, {"", "linux", "windows"}},
                                                          {kZone, {"", "z1", "z3"}},
                                                          {kCapacity, {"", "spot", "on-demand"}}};
  for (int number = 0; number < 81 * 2; ++number) {
    Scene scene(catalogue);
    k8s::NodePool& pool = scene.pool("default");
    k8s::StringMap wanted;
    PodsOf web = pods(scene, "web").cpu(number % 2 == 0 ? "1" : "3");
    int rest = number / 2;
    for (std::size_t i = 0; i < keys.size(); ++i, rest /= 3) {
      const std::string& value = keys[i].second[static_cast<std::size_t>(rest % 3)];
      if (value.empty()) {
        continue;
      }
      wanted[keys[i].first] = value;
      if ((static_cast<std::size_t>(number) + i) % 2 == 0) {
        pool.template_spec.requirements.push_back(term(keys[i].first, "In", {value}));
      } else {
        web.select(keys[i].first, value);
      }
    }
    const Plan plan = scene.plan();
    const auto expected =
        cheapest(*catalogue, wanted, k8s::Quantity::units(number % 2 == 0 ? 1 : 3));
    ASSERT_EQ(plan.claims.size(), expected ? 1u : 0u) << number;
    if (expected) {
      EXPECT_DOUBLE_EQ(plan.claims[0].cheapest().price, *expected) << number;
    }
  }
}

TEST(Packing, OnDemandPoolsOrderByTheOnDemandPrice) {
  // SCH-68
  cloud::InstanceType cheap_spot = make_type("cheap-spot", 4, 8, 10, {"z"});
  cheap_spot.offerings[0].price = 2;
  cheap_spot.offerings[1].price = 0.1;
  cloud::InstanceType cheap_on_demand = make_type("cheap-on-demand", 4, 8, 10, {"z"});
  cheap_on_demand.offerings[0].price = 1;
  cheap_on_demand.offerings[1].price = 0.5;
  Scene scene(make_catalogue({cheap_spot, cheap_on_demand}));
  scene.pool("default").template_spec.requirements.push_back(term(kCapacity, "In", {"on-demand"}));
  pods(scene, "web");
  EXPECT_EQ(scene.plan().claims.at(0).instance_types(), (Strings{"cheap-on-demand", "cheap-spot"}));
}

TEST(Packing, ATypeThatIsAllOverheadNeverFits) {
  // SCH-600
  cloud::InstanceType bad = make_type("bad", 1, 1, 10);
  bad.system_reserved = {{"memory", *k8s::Quantity::parse("2Gi")}};
  Scene scene(make_catalogue({bad}));
  scene.pool("default");
  pods(scene, "web").cpu("0").memory("0");
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(Packing, HugePagesAreTakenFromMemory) {
  // SCH-64
  cloud::InstanceType type = make_type("a", 4, 8, 10);
  type.capacity.set("hugepages-2Mi", *k8s::Quantity::parse("6Gi"));
  Scene scene(make_catalogue({type}));
  scene.pool("default");
  pods(scene, "web").memory("4Gi");
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(Packing, PlanningChangesNoCatalogue) {
  // SCH-66
  const cloud::CataloguePtr catalogue = fake_catalogue(3);
  const k8s::Resources before = catalogue->types[0].allocatable();
  Scene scene(catalogue);
  scene.pool("default");
  pods(scene, "web", 20).zone_spread();
  scene.plan();
  EXPECT_EQ(catalogue->types[0].allocatable().get("cpu"), before.get("cpu"));
  EXPECT_EQ(catalogue->types.size(), 3u);
}

}  // namespace
}  // namespace plan::testing
