// Spread constraints for pods that have none of their own (spec 02 s10, s17.10).
#include "plan/default_spread.h"

#include <gtest/gtest.h>

#include "plan/pods_testing.h"
#include "plan/scheduler_config.h"

namespace plan::testing {
namespace {

constexpr const char* kZoneDefault =
    "podTopologySpread:\n"
    "  defaultConstraints:\n"
    "  - maxSkew: 1\n"
    "    topologyKey: topology.kubernetes.io/zone\n"
    "    whenUnsatisfiable: DoNotSchedule\n";

std::string error_of(std::string_view config) {
  const auto result = parse_scheduler_config(config);
  return result ? std::string() : result.error().detail;
}

std::string constraint(const std::string& fields) {
  return "podTopologySpread:\n  defaultConstraints:\n  - " + fields + "\n";
}

class DefaultSpreads : public ::testing::Test {
 protected:
  DefaultSpreads() { scene_.options.default_spread = *parse_scheduler_config(kZoneDefault); }

  void service(const k8s::StringMap& selector) {
    auto made = std::make_shared<k8s::Service>();
    made->meta.namespace_ = "default";
    made->selector = selector;
    scene_.extra().services.push_back(made);
  }

  void workload(k8s::Kind kind, const std::string& name, const k8s::LabelSelector& selector) {
    auto made = std::make_shared<k8s::Workload>(kind);
    made->meta.name = name;
    made->meta.namespace_ = "default";
    made->selector = selector;
    scene_.extra().workloads.push_back(made);
  }

  std::size_t zones_used() { return scene_.spread_over(scene_.plan(), kZone).size(); }

  Scene scene_;
  k8s::NodePool& pool_ = scene_.pool("default");
};

TEST_F(DefaultSpreads, ByTheServiceThatSelectsThePods) {
  // SCH-362, SCH-363
  service({{"app", "web"}});
  pods(scene_, "web", 3).app("web");
  EXPECT_EQ(scene_.spread_over(scene_.plan(), kZone),
            (Counts{{"test-zone-1", 1}, {"test-zone-2", 1}, {"test-zone-3", 1}}));
}

TEST_F(DefaultSpreads, ByTheOwner) {
  // SCH-363
  workload(k8s::Kind::kReplicaSet, "rs", selector("app", "web"));
  workload(k8s::Kind::kStatefulSet, "sts", selector("app", "db"));
  pods(scene_, "web", 3).app("web").owner("apps/v1", "ReplicaSet", "rs");
  EXPECT_EQ(zones_used(), 3u);
  Scene other;
  pods(scene_, "db", 3).app("db").owner("apps/v1", "StatefulSet", "sts");
  EXPECT_EQ(where(scene_, scene_.plan(), kZone, "db").size(), 3u);
}

TEST_F(DefaultSpreads, ByTheLabelsOfAReplicationController) {
  // SCH-363: they overwrite what a service contributes.
  service({{"app", "web"}, {"tier", "front"}});
  workload(k8s::Kind::kReplicationController, "rc", selector("app", "web"));
  pods(scene_, "web", 3).app("web").owner("v1", "ReplicationController", "rc");
  EXPECT_EQ(zones_used(), 3u);
}

TEST_F(DefaultSpreads, ExpressionsOfTheOwnerCount) {
  // SCH-363, SCH-364
  workload(k8s::Kind::kReplicaSet,
           "rs",
           {.match_labels = {}, .match_expressions = {term("app", "In", {"web", "api"})}});
  pods(scene_, "web", 3).app("web").owner("apps/v1", "ReplicaSet", "rs");
  EXPECT_EQ(zones_used(), 3u);
}

TEST_F(DefaultSpreads, OtherOwnersDeduceNothing) {
  // SCH-363
  workload(k8s::Kind::kReplicaSet, "rs", selector("app", "web"));
  pods(scene_, "job", 3).app("web").owner("batch/v1", "Job", "rs");
  pods(scene_, "gone", 3).app("web").owner("apps/v1", "ReplicaSet", "unknown");
  pods(scene_, "loose", 3).app("web").owner("apps/v1", "ReplicaSet", "rs").each([](k8s::Pod& pod) {
    pod.meta.owners[0].controller = false;
  });
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST_F(DefaultSpreads, NoOwnerAndNoServiceMeansNoDefault) {
  // SCH-363
  pods(scene_, "web", 3).app("web");
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST_F(DefaultSpreads, ServicesWithoutSelectorDeduceNothing) {
  // SCH-363
  service({});
  pods(scene_, "web", 3).app("web");
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST_F(DefaultSpreads, ServicesOfOtherNamespacesDoNotCount) {
  // SCH-363
  service({{"app", "web"}});
  pods(scene_, "web", 3).app("web").in("elsewhere");
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST_F(DefaultSpreads, AnOwnConstraintReplacesThemAll) {
  // SCH-362
  service({{"app", "web"}});
  pods(scene_, "web", 3).app("web").spread(kCapacity);
  EXPECT_LE(scene_.plan().claims.size(), 2u);
}

TEST_F(DefaultSpreads, WithoutConfigurationNothingHappens) {
  // SCH-360, SCH-368
  scene_.options.default_spread.clear();
  service({{"app", "web"}});
  pods(scene_, "web", 3).app("web");
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST_F(DefaultSpreads, SeveralConstraintsApplyTogether) {
  // SCH-366
  scene_.options.default_spread = *parse_scheduler_config(
      std::string(kZoneDefault) +
      "  - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule}\n");
  service({{"app", "web"}});
  pods(scene_, "web", 6).app("web");
  const Plan plan = scene_.plan();
  EXPECT_EQ(plan.claims.size(), 6u);
  EXPECT_EQ(skew(scene_.spread_over(plan, kZone)), 0);
}

TEST_F(DefaultSpreads, MinDomainsAreCarried) {
  // SCH-366
  scene_.options.default_spread[0].min_domains = 4;
  service({{"app", "web"}});
  pods(scene_, "web", 4).app("web");
  const Plan plan = scene_.plan();
  EXPECT_EQ(placed(plan), 3);
  EXPECT_EQ(plan.unplaced.size(), 1u);
}

TEST_F(DefaultSpreads, AnUnsatisfiableOneBlocks) {
  // SCH-362
  scene_.options.default_spread[0].topology_key = "unknown";
  service({{"app", "web"}});
  pods(scene_, "web").app("web");
  EXPECT_EQ(placed(scene_.plan()), 0);
}

TEST_F(DefaultSpreads, ASoftOneIsRelaxed) {
  // SCH-140, SCH-366
  scene_.options.default_spread[0].topology_key = "unknown";
  scene_.options.default_spread[0].when_unsatisfiable = "ScheduleAnyway";
  service({{"app", "web"}});
  pods(scene_, "web").app("web");
  EXPECT_EQ(placed(scene_.plan()), 1);
}

TEST_F(DefaultSpreads, PodsThatRunAlreadyAreCounted) {
  // SCH-315, SCH-363
  service({{"app", "web"}});
  scene_.node("node-1", "default", "test-zone-1").status.allocatable = resources("100m", "128Mi");
  bound(scene_, "old", "node-1").app("web");
  pods(scene_, "web", 2).app("web");
  EXPECT_EQ(scene_.spread_over(scene_.plan(), kZone),
            (Counts{{"test-zone-2", 1}, {"test-zone-3", 1}}));
}

TEST_F(DefaultSpreads, WorkloadsAndRevisionsSpreadByThemselves) {
  // SCH-363
  for (const char* revision : {"1", "2"}) {
    k8s::LabelSelector both = selector("app", "web");
    both.match_labels["pod-template-hash"] = revision;
    workload(k8s::Kind::kReplicaSet, revision, both);
    pods(scene_, std::string("web-") + revision, 2)
        .app("web")
        .label("pod-template-hash", revision)
        .owner("apps/v1", "ReplicaSet", revision);
  }
  EXPECT_EQ(where(scene_, scene_.plan(), kZone, "web"),
            (Counts{{"test-zone-1", 2}, {"test-zone-2", 2}}));
}

TEST_F(DefaultSpreads, AServiceThatContradictsTheOwnerSelectsNobody) {
  // SCH-364
  service({{"tier", "front"}});
  workload(k8s::Kind::kReplicaSet, "rs", selector("tier", "back"));
  pods(scene_, "web", 3).label("tier", "front").owner("apps/v1", "ReplicaSet", "rs");
  // The pods do not count each other, so nothing pushes them apart.
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST(SchedulerConfig, EmptyIsOff) {
  // SCH-360
  for (const char* text : {"", "  \n", "{}", "podTopologySpread: {}"}) {
    EXPECT_TRUE(parse_scheduler_config(text).value().empty()) << text;
  }
  EXPECT_EQ(
      parse_scheduler_config(R"({"podTopologySpread":{"defaultConstraints":[{"maxSkew":2,)"
                             R"("topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway"}]}})")
          .value()
          .at(0)
          .max_skew,
      2);
}

TEST(SchedulerConfig, UnknownFieldsAreErrors) {
  // SCH-360
  EXPECT_EQ(error_of("other: {}"),
            "parsing scheduler config, decoding scheduler config, unknown field \"other\"");
  EXPECT_EQ(error_of("podTopologySpread: {other: 1}"),
            "parsing scheduler config, decoding scheduler config, unknown field \"other\"");
  EXPECT_NE(error_of(constraint(
                "{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, x: 1}")),
            "");
}

TEST(SchedulerConfig, EveryFieldIsChecked) {
  // SCH-361
  constexpr std::string_view kPlace =
      "parsing scheduler config, validating scheduler config, "
      "podTopologySpread.defaultConstraints[0]";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{maxSkew: 0, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}",
       ".maxSkew must be greater than 0"},
      {"{maxSkew: 1, whenUnsatisfiable: DoNotSchedule}", ".topologyKey must be set"},
      {"{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: Never}",
       ".whenUnsatisfiable must be DoNotSchedule or ScheduleAnyway"},
      {"{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: "
       "{matchLabels: {a: b}}}",
       ".labelSelector must not be set, as selectors are deduced for each pod"},
  };
  for (const auto& [fields, error] : cases) {
    EXPECT_EQ(error_of(constraint(fields)), std::string(kPlace) + error);
  }
  EXPECT_TRUE(
      error_of(constraint("{maxSkew: 1, topologyKey: \"a b\", whenUnsatisfiable: DoNotSchedule}"))
          .starts_with(std::string(kPlace) + ".topologyKey \"a b\" is not a valid label name, "));
  EXPECT_TRUE(
      error_of(constraint("{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, "
                          "matchLabelKeys: [a]}"))
          .starts_with(std::string(kPlace) + ".matchLabelKeys"));
}

TEST(SchedulerConfig, DuplicatesAreErrors) {
  // SCH-361
  const std::string one = "  - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}\n";
  EXPECT_EQ(error_of("podTopologySpread:\n  defaultConstraints:\n" + one + one),
            "parsing scheduler config, validating scheduler config, "
            "podTopologySpread.defaultConstraints[1] is a duplicate of [0], {zone, DoNotSchedule}");
}

}  // namespace
}  // namespace plan::testing
