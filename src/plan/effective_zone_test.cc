// In which zone pods wait (spec 02 s9.6, s17.12).
#include "plan/effective_zone.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

class EffectiveZone : public ::testing::Test {
 protected:
  EffectiveZone() {
    scene_.options.count_effective_zones = true;
    scene_.pool("default");
  }

  // A full node in the zone with pods of the app on it.
  void occupy(const std::string& zone, const std::string& app, int count = 1) {
    const std::string name = base::concat(zone, "-", app);
    scene_.node(name, "default", zone).status.allocatable = resources("1m", "1Mi");
    bound(scene_, "on-" + name, name, count).app(app);
  }

  void claim(const std::string& name, const std::vector<std::string>& zones) {
    auto storage = std::make_shared<k8s::StorageClass>();
    storage->meta.name = name;
    storage->binding_mode = "WaitForFirstConsumer";
    for (const std::string& zone : zones) {
      storage->allowed_topologies.push_back({term(kZone, "In", {zone})});
    }
    scene_.extra().storage_classes.push_back(storage);
    auto made = std::make_shared<k8s::PersistentVolumeClaim>();
    made->meta.name = name;
    made->meta.namespace_ = "default";
    made->storage_class = name;
    scene_.extra().volume_claims.push_back(made);
  }

  // Of the one pending pod.
  std::string zone() {
    const Plan plan = scene_.plan();
    return plan.effective_zones.empty() ? "" : plan.effective_zones.begin()->first;
  }

  Scene scene_;
};

TEST_F(EffectiveZone, NoOpinionIsFlexible) {
  // SCH-350
  pods(scene_, "web");
  EXPECT_EQ(zone(), "flexible");
}

TEST_F(EffectiveZone, OfASelector) {
  // SCH-350
  pods(scene_, "web").select(kZone, "test-zone-2");
  EXPECT_EQ(zone(), "test-zone-2");
}

TEST_F(EffectiveZone, PreferencesDoNotCount) {
  // SCH-350
  pods(scene_, "web")
      .app("web")
      .prefer(1, term(kZone, "In", {"test-zone-1"}))
      .rather_near(kZone, "nobody")
      .zone_spread()
      .anyway();
  EXPECT_EQ(zone(), "flexible");
}

TEST_F(EffectiveZone, OfVolumes) {
  // SCH-350
  claim("two", {"test-zone-1", "test-zone-2"});
  pods(scene_, "web").volume("two");
  EXPECT_EQ(zone(), "flexible");
  claim("one", {"test-zone-2"});
  PodsOf({&scene_.all_pods()[0]}).volume("one");
  EXPECT_EQ(zone(), "test-zone-2");
  PodsOf({&scene_.all_pods()[0]}).select(kZone, "test-zone-1");
  EXPECT_EQ(zone(), "none");
}

TEST_F(EffectiveZone, OfAffinity) {
  // SCH-350
  occupy("test-zone-1", "db");
  pods(scene_, "web").near(kZone, "db");
  EXPECT_EQ(zone(), "test-zone-1");
}

TEST_F(EffectiveZone, OfAntiAffinity) {
  // SCH-350
  occupy("test-zone-1", "db");
  occupy("test-zone-2", "db");
  pods(scene_, "web").away(kZone, "db");
  EXPECT_EQ(zone(), "test-zone-3");
}

TEST_F(EffectiveZone, OfASpread) {
  // SCH-350
  occupy("test-zone-1", "web");
  occupy("test-zone-2", "web");
  pods(scene_, "web").app("web").zone_spread();
  EXPECT_EQ(zone(), "test-zone-3");
}

TEST_F(EffectiveZone, OfTooFewDomains) {
  // SCH-350
  for (const char* full : {"test-zone-1", "test-zone-2", "test-zone-3"}) {
    occupy(full, "web");
  }
  pods(scene_, "web").app("web").zone_spread().min_domains(4);
  EXPECT_EQ(zone(), "none");
}

TEST_F(EffectiveZone, OfTheUnsatisfiable) {
  // SCH-350
  pods(scene_, "near").near(kZone, "nobody");
  EXPECT_EQ(zone(), "none");
  for (const char* full : {"test-zone-1", "test-zone-2", "test-zone-3"}) {
    occupy(full, "db");
  }
  pods(scene_, "away", 2).away(kZone, "db");
  EXPECT_EQ(scene_.plan().effective_zones, (ZoneCounts{{"none", 3}}));
}

TEST_F(EffectiveZone, OnlyPendingPodsAreCounted) {
  // SCH-350
  pods(scene_, "web", 3).select(kZone, "test-zone-1");
  pods(scene_, "odd").each([](k8s::Pod& pod) { pod.status.phase = "Unknown"; });
  EXPECT_EQ(scene_.plan().effective_zones, (ZoneCounts{{"test-zone-1", 3}}));
  scene_.options.count_effective_zones = false;
  EXPECT_TRUE(scene_.plan().effective_zones.empty());
}

}  // namespace
}  // namespace plan::testing
