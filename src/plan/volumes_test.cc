// Volumes: where pods can go because of them, how many a node takes, which pods are refused (spec
// 02 s2.3, s2.4, s17.5).
#include "plan/volumes.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

constexpr const char* kEbs = "ebs.csi.aws.com";

using Strings = std::vector<std::string>;
using Terms = std::vector<k8s::SelectorTerm>;

// A cluster with claims, volumes and classes.
class Volumes : public ::testing::Test {
 protected:
  // One topology per zone.
  k8s::StorageClass& storage_class(const std::string& name, const Strings& zones = {}) {
    auto made = std::make_shared<k8s::StorageClass>();
    made->meta.name = name;
    made->provisioner = kEbs;
    made->binding_mode = "WaitForFirstConsumer";
    for (const std::string& zone : zones) {
      made->allowed_topologies.push_back({term(kZone, "In", {zone})});
    }
    scene_.extra().storage_classes.push_back(made);
    return *made;
  }

  k8s::PersistentVolumeClaim& claim(const std::string& name,
                                    std::optional<std::string> storage = "disk") {
    auto made = std::make_shared<k8s::PersistentVolumeClaim>();
    made->meta.name = name;
    made->meta.namespace_ = "default";
    made->storage_class = std::move(storage);
    scene_.extra().volume_claims.push_back(made);
    return *made;
  }

  // A claim that is bound to a volume of its own.
  k8s::PersistentVolume& bound_claim(const std::string& name,
                                     const std::vector<Terms>& affinity = {}) {
    k8s::PersistentVolumeClaim& made = claim(name, std::nullopt);
    made.volume_name = "pv-" + name;
    made.phase = "Bound";
    made.meta.annotations["pv.kubernetes.io/bind-completed"] = "yes";
    auto volume = std::make_shared<k8s::PersistentVolume>();
    volume->meta.name = made.volume_name;
    volume->csi_driver = kEbs;
    for (const Terms& expressions : affinity) {
      volume->node_affinity.push_back({.match_expressions = expressions});
    }
    scene_.extra().volumes.push_back(volume);
    return *volume;
  }

  void limit(const std::string& node, int count, const std::string& driver = kEbs) {
    auto limits = std::make_shared<k8s::CSINode>();
    limits->meta.name = node;
    limits->drivers.push_back({.name = driver, .node_id = "", .allocatable_count = count});
    scene_.extra().csi_nodes.push_back(limits);
  }

  std::string zone_of(const Plan& plan) {
    return plan.claims.empty() ? "" : plan.claims[0].cheapest().zone;
  }

  Scene scene_;
  k8s::NodePool& pool_ = scene_.pool("default");
};

TEST_F(Volumes, AStorageClassChoosesTheZone) {
  // SCH-49
  storage_class("disk", {"test-zone-2"});
  claim("data");
  pods(scene_, "web").volume("data");
  EXPECT_EQ(zone_of(scene_.plan()), "test-zone-2");
}

TEST_F(Volumes, TopologiesOfAStorageClassAreAlternatives) {
  // SCH-49, SCH-52
  storage_class("disk", {"nowhere", "test-zone-3"});
  claim("data");
  pods(scene_, "web").volume("data");
  EXPECT_EQ(zone_of(scene_.plan()), "test-zone-3");
}

TEST_F(Volumes, TermsOfABoundVolumeAreAlternatives) {
  // SCH-49, SCH-52
  bound_claim("data", {{term(kZone, "In", {"nowhere"})}, {term(kZone, "In", {"test-zone-2"})}});
  pods(scene_, "web").volume("data");
  EXPECT_EQ(zone_of(scene_.plan()), "test-zone-2");
}

TEST_F(Volumes, TwoVolumesMeetInTheCommonZone) {
  // SCH-50
  storage_class("disk", {"test-zone-1", "test-zone-2"});
  storage_class("other", {"test-zone-3", "test-zone-2"});
  claim("data");
  claim("logs", "other");
  pods(scene_, "web").volume("data").volume("logs");
  EXPECT_EQ(zone_of(scene_.plan()), "test-zone-2");
}

TEST_F(Volumes, TwoVolumesWithoutACommonZoneKeepThePodPending) {
  // SCH-50
  storage_class("disk", {"test-zone-1"});
  storage_class("other", {"test-zone-2"});
  claim("data");
  claim("logs", "other");
  pods(scene_, "web").volume("data").volume("logs");
  EXPECT_EQ(placed(scene_.plan()), 0);
}

TEST_F(Volumes, ContradictingZoneKeepsThePodPending) {
  // SCH-153
  storage_class("disk", {"test-zone-2"});
  claim("data");
  pods(scene_, "web").volume("data").select(kZone, "test-zone-1");
  EXPECT_EQ(scene_.reason(scene_.plan(), "web"),
            "incompatible volume requirements, key topology.kubernetes.io/zone, "
            "topology.kubernetes.io/zone In [test-zone-2] not in topology.kubernetes.io/zone In "
            "[test-zone-1]");
}

TEST_F(Volumes, ALocalVolumesHostnameDoesNotMatter) {
  // SCH-49
  bound_claim("data", {{term(kHost, "In", {"gone"})}}).is_local = true;
  pods(scene_, "web").volume("data");
  EXPECT_EQ(placed(scene_.plan()), 1);
}

TEST_F(Volumes, OtherTermsOfALocalVolumeStay) {
  // SCH-49
  bound_claim("data", {{term(kHost, "In", {"gone"}), term(kZone, "In", {"test-zone-3"})}})
      .is_local = true;
  pods(scene_, "web").volume("data");
  EXPECT_EQ(zone_of(scene_.plan()), "test-zone-3");
}

TEST_F(Volumes, AnotherVolumesHostnameDoes) {
  // SCH-49
  scene_.node("node-1", "default", "test-zone-1");
  scene_.node("node-2", "default", "test-zone-1");
  bound_claim("data", {{term(kHost, "In", {"node-2"})}});
  pods(scene_, "web").volume("data");
  const Plan plan = scene_.plan();
  EXPECT_TRUE(plan.claims.empty());
  EXPECT_EQ(scene_.snapshot().nodes[plan.existing.at(0).node].name(), "node-2");
}

TEST_F(Volumes, ATermWithoutExpressionsSaysNothing) {
  // SCH-49
  bound_claim("data", {{}});
  pods(scene_, "web").volume("data");
  EXPECT_EQ(placed(scene_.plan()), 1);
}

TEST_F(Volumes, AreNeverRelaxedAwayWithPreferences) {
  // SCH-51, SCH-140
  storage_class("disk", {"test-zone-2"});
  claim("data");
  pods(scene_, "web")
      .volume("data")
      .prefer(1, term(kZone, "In", {"test-zone-1"}))
      .prefer(2, term(kType, "In", {"nothing"}));
  EXPECT_EQ(zone_of(scene_.plan()), "test-zone-2");
}

TEST_F(Volumes, DoNotNarrowTheDomainsOfASpread) {
  // SCH-51
  for (const char* zone : {"test-zone-1", "test-zone-2", "test-zone-3"}) {
    scene_.node(std::string("in-") + zone, "default", zone).status.allocatable =
        resources("100m", "128Mi");
    bound(scene_, std::string("on-") + zone, std::string("in-") + zone).app("web");
  }
  storage_class("disk", {"test-zone-1"});
  claim("data");
  pods(scene_, "web").app("web").volume("data").zone_spread().min_domains(3);
  EXPECT_EQ(where(scene_, scene_.plan(), kZone, "web"),
            (Counts{{"test-zone-1", 2}, {"test-zone-2", 1}, {"test-zone-3", 1}}));
}

TEST_F(Volumes, AnAttachLimitSendsPodsElsewhere) {
  // SCH-45, SCH-46
  storage_class("disk");
  scene_.node("node-1", "default", "test-zone-1");
  limit("node-1", 1);
  for (const char* name : {"data-0", "data-1"}) {
    claim(name);
    pods(scene_, name).volume(name);
  }
  const Plan plan = scene_.plan();
  EXPECT_EQ(plan.existing.at(0).pods.size(), 1u);
  EXPECT_EQ(plan.claims.size(), 1u);
}

TEST_F(Volumes, WhatBoundPodsUseCounts) {
  // SCH-46, SCH-48
  storage_class("disk");
  scene_.node("node-1", "default", "test-zone-1");
  limit("node-1", 1);
  claim("old");
  claim("new");
  bound(scene_, "old", "node-1").volume("old");
  pods(scene_, "web").volume("new");
  EXPECT_TRUE(scene_.plan().existing.empty());
}

TEST_F(Volumes, ASharedClaimCountsOnce) {
  // SCH-46
  storage_class("disk");
  scene_.node("node-1", "default", "test-zone-1");
  limit("node-1", 1);
  claim("shared");
  bound(scene_, "old", "node-1").volume("shared");
  pods(scene_, "web", 5).volume("shared");
  EXPECT_EQ(scene_.plan().existing.at(0).pods.size(), 5u);
}

TEST_F(Volumes, OtherDriversHaveTheirOwnLimit) {
  // SCH-43, SCH-46
  storage_class("nfs").provisioner = "nfs.example.com";
  scene_.node("node-1", "default", "test-zone-1");
  limit("node-1", 0);
  claim("data", "nfs");
  pods(scene_, "web").volume("data");
  EXPECT_EQ(scene_.plan().existing.size(), 1u);
}

TEST_F(Volumes, ALimitWithoutCountIsNone) {
  // SCH-45
  storage_class("disk");
  scene_.node("node-1", "default", "test-zone-1");
  auto limits = std::make_shared<k8s::CSINode>();
  limits->meta.name = "node-1";
  limits->drivers.push_back({.name = kEbs, .node_id = "", .allocatable_count = {}});
  scene_.extra().csi_nodes.push_back(limits);
  claim("data");
  pods(scene_, "web").volume("data");
  EXPECT_EQ(scene_.plan().existing.size(), 1u);
}

TEST_F(Volumes, VolumesThatAreNoCsiDoNotCount) {
  // SCH-43
  scene_.node("node-1", "default", "test-zone-1");
  limit("node-1", 0);
  bound_claim("data").csi_driver = "";
  pods(scene_, "web").volume("data");
  EXPECT_EQ(scene_.plan().existing.size(), 1u);
}

TEST_F(Volumes, InTreeNamesMeanTheirDriver) {
  // SCH-43
  storage_class("disk").provisioner = "kubernetes.io/aws-ebs";
  scene_.node("node-1", "default", "test-zone-1");
  limit("node-1", 1);
  k8s::PersistentVolume& volume = bound_claim("old");
  volume.csi_driver = "";
  volume.is_aws_ebs = true;
  bound(scene_, "old", "node-1").volume("old");
  claim("new");
  pods(scene_, "web").volume("new");
  EXPECT_TRUE(scene_.plan().existing.empty());
}

TEST_F(Volumes, EphemeralVolumesHaveAClaimNamedAfterThePod) {
  // SCH-42
  storage_class("disk", {"test-zone-2"});
  claim("web-scratch");
  pods(scene_, "web").each([](k8s::Pod& pod) {
    pod.spec.volumes.push_back({.name = "scratch", .claim_name = "", .ephemeral = true});
  });
  EXPECT_EQ(zone_of(scene_.plan()), "test-zone-2");
}

TEST_F(Volumes, ABoundPodWhoseVolumeIsGoneDoesNoHarm) {
  // SCH-44, SCH-46
  storage_class("disk");
  scene_.node("node-1", "default", "test-zone-1");
  limit("node-1", 1);
  claim("lost", std::nullopt).volume_name = "gone";
  claim("new");
  bound(scene_, "old", "node-1").volume("lost").volume("nothing");
  pods(scene_, "web").volume("new");
  EXPECT_EQ(scene_.plan().existing.size(), 1u);
}

TEST_F(Volumes, APodDoesNotLendItsVolumeALabelThatTheNodeLacks) {
  // SCH-150, SCH-151
  scene_.node("old", "default", "test-zone-1").meta.labels.erase(kZone);
  bound_claim("data", {{term(kZone, "In", {"test-zone-2"})}});
  pods(scene_, "web").need(term(kZone, "NotIn", {"test-zone-1"})).volume("data");
  const Plan plan = scene_.plan();
  EXPECT_TRUE(plan.existing.empty());
  EXPECT_EQ(zone_of(plan), "test-zone-2");
}

TEST_F(Volumes, ANewNodeIsNotPlannedWithMoreThanItsTypeAttaches) {
  // SCH-47
  storage_class("disk");
  k8s::Node& known = scene_.node("node-1", "default", "test-zone-1");
  known.meta.labels[kType] = "fake-it-9";
  known.status.allocatable = resources("1m", "1Mi");
  limit("node-1", 2);
  pool_.template_spec.requirements.push_back(term(kType, "In", {"fake-it-9"}));
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    claim(name);
    pods(scene_, name).volume(name);
  }
  pods(scene_, "shares").volume("a");
  const Plan plan = scene_.plan();
  EXPECT_EQ(plan.claims.size(), 3u);
  EXPECT_EQ(placed(plan), 6);
}

TEST_F(Volumes, TypesThatNobodyHasSeenHaveNoLimit) {
  // SCH-47
  storage_class("disk");
  scene_.node("node-1", "default", "test-zone-1").meta.labels[kType] = "fake-it-9";
  limit("node-1", 0);
  for (const char* name : {"a", "b", "c"}) {
    claim(name);
    pods(scene_, name).volume(name);
  }
  const Plan plan = scene_.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(std::ranges::count(plan.claims[0].instance_types(), "fake-it-9"), 0);
}

// What is wrong with a pod's claim, and what is said of it.
struct Wrong {
  const char* name;
  std::function<void(k8s::PersistentVolumeClaim&)> change;
  const char* reason;
};

TEST_F(Volumes, UnusableClaimsRefuseThePod) {
  // SCH-54, SCH-55, SCH-56
  k8s::StorageClass& immediate = storage_class("immediate");
  immediate.binding_mode = "Immediate";
  storage_class("disk");
  using Claim = k8s::PersistentVolumeClaim;
  const std::vector<Wrong> all{
      {"deleting",
       [](Claim& c) { c.meta.deletion_time = 1; },
       "persistentvolumeclaim is being deleted"},
      {"lost",
       [](Claim& c) { c.phase = "Lost"; },
       "persistentvolumeclaim bound to non-existent persistentvolume"},
      {"no-volume",
       [](Claim& c) { c.volume_name = "gone"; },
       "failed to validate pvc, persistentvolume \"gone\" not found"},
      {"no-class",
       [](Claim& c) { c.storage_class.reset(); },
       "unbound pvc must define a storage class"},
      {"empty-class",
       [](Claim& c) { c.storage_class = ""; },
       "unbound pvc must define a storage class"},
      {"unknown-class",
       [](Claim& c) { c.storage_class = "gone"; },
       "failed to validate pvc, failed to get storage class, storageclass.storage.k8s.io \"gone\" "
       "not "
       "found"},
      {"immediate",
       [](Claim& c) { c.storage_class = "immediate"; },
       "failed to validate pvc, pvc with immediate volume binding mode must be bound"},
  };
  for (const Wrong& wrong : all) {
    wrong.change(claim(wrong.name));
    pods(scene_, wrong.name).volume(wrong.name);
  }
  pods(scene_, "missing").volume("missing");
  pods(scene_, "fine");
  const Plan plan = scene_.plan();
  for (const Wrong& wrong : all) {
    EXPECT_EQ(scene_.reason(plan, wrong.name), std::string("ignoring pod, ") + wrong.reason);
  }
  EXPECT_EQ(scene_.reason(plan, "missing"),
            "ignoring pod, persistentvolumeclaim \"missing\" not found");
  EXPECT_EQ(placed(plan), 1);  // Valid pods of the same batch are placed.
}

TEST_F(Volumes, UnusableVolumesRefuseThePod) {
  // SCH-55
  bound_claim("deleting").meta.deletion_time = 1;
  pods(scene_, "deleting").volume("deleting");
  bound_claim("unbound");
  auto unfinished = std::make_shared<k8s::PersistentVolumeClaim>();
  claim("half", std::nullopt).volume_name = "pv-unbound";
  pods(scene_, "half").volume("half");
  const Plan plan = scene_.plan();
  EXPECT_EQ(scene_.reason(plan, "deleting"),
            "ignoring pod, failed to validate pvc, persistentvolume is being deleted");
  EXPECT_EQ(scene_.reason(plan, "half"),
            "ignoring pod, pvc is considered unbound because it does not contain annotation");
}

TEST_F(Volumes, BoundClaimsNeedNoClass) {
  // SCH-55
  for (const char* name : {"none", "empty", "unknown"}) {
    bound_claim(name);
    pods(scene_, name).volume(name);
  }
  EXPECT_EQ(placed(scene_.plan()), 3);
}

TEST_F(Volumes, WhatTheProviderCannotServeRefusesThePod) {
  // SCH-56, SCH-57
  scene_.options.unsupported_provisioners = {"other.csi.example.com"};
  scene_.options.unsupported_topology_keys = {"example.com/rack"};
  storage_class("disk");
  storage_class("other").provisioner = "other.csi.example.com";
  storage_class("racks").allowed_topologies = {{term("example.com/rack", "In", {"r1"})}};
  claim("unbound", "other");
  claim("rack", "racks");
  bound_claim("bound").csi_driver = "other.csi.example.com";
  for (const char* name : {"unbound", "bound", "rack"}) {
    pods(scene_, name).volume(name);
  }
  const Plan plan = scene_.plan();
  EXPECT_EQ(scene_.reason(plan, "unbound"),
            "ignoring pod, failed to validate pvc, provisioner is not supported");
  EXPECT_EQ(scene_.reason(plan, "bound"),
            "ignoring pod, failed to validate pvc, provisioner is not supported");
  EXPECT_EQ(scene_.reason(plan, "rack"),
            "ignoring pod, failed to validate pvc, storage class uses unsupported topology key");
}

TEST_F(Volumes, AVolumeLostAfterAdmissionIsTheReason) {
  // SCH-53, SCH-147
  scene_.node("node-1", "default", "test-zone-1");
  storage_class("disk", {"test-zone-2"});
  claim("data").storage_class = "gone";
  pods(scene_, "web").volume("data");
  scene_.build();
  const std::vector<world::PodId> ids{0};
  const Plan plan = compute_plan({.snapshot = scene_.snapshot(), .pods = ids, .options = {}});
  EXPECT_EQ(scene_.reason(plan, "web"),
            "failed getting volume topology requirements, storageclass.storage.k8s.io \"gone\" not "
            "found");
  EXPECT_EQ(placed(plan), 0);
}

}  // namespace
}  // namespace plan::testing
