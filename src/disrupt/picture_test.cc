// What makes disruption look again (spec 03 s5.2).
#include "disrupt/picture.h"

#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "disrupt/bed_testing.h"
#include "world/names.h"

namespace disrupt::testing {
namespace {

class Picture : public ::testing::Test {
 protected:
  Picture() {
    bed_.add_machine("a");
    bed_.add_pod("web", "a");
  }

  bool notices(const std::function<void()>& change) {
    const auto before = bed_.snapshot();
    change();
    bed_.now += k8s::kSecond;
    return !is_same_picture(*before, *bed_.snapshot());
  }

  Bed bed_;
};

TEST_F(Picture, HeartbeatsDoNotCount) {
  // DIS-77
  EXPECT_FALSE(notices([&] {
    k8s::Node node = bed_.make_node("a");
    node.meta.resource_version = "2";
    node.status.conditions[0].last_heartbeat = kNow + 1;
    bed_.put(node);
    bed_.add_pod("web", "a");
  }));
}

TEST_F(Picture, WhatDecidesCounts) {
  // DIS-77: and what upstream notices only after five minutes.
  EXPECT_TRUE(notices([&] { bed_.add_pod("second", "a"); }));
  EXPECT_TRUE(notices([&] { bed_.add_machine("b"); }));
  EXPECT_TRUE(notices([&] { bed_.put(bed_.make_pdb("pdb")); }));
  EXPECT_TRUE(notices([&] {
    k8s::NodeClaim claim = bed_.make_claim("a");
    claim.status.conditions.pop_back();
    bed_.put(claim);
  }));
  EXPECT_TRUE(notices([&] {
    k8s::Pod pod = bed_.make_pod("web", "a");
    pod.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "1h";
    bed_.put(pod);
  }));
  EXPECT_TRUE(notices([&] {
    k8s::Pod pod = bed_.make_pod("web", "a");
    pod.status.phase = "Succeeded";
    bed_.put(pod);
  }));
  EXPECT_TRUE(
      notices([&] { bed_.world().set_catalogue("EC2NodeClass", "default", small_catalogue()); }));
}

TEST_F(Picture, TimeAloneMayChangeAnAnswer) {
  // DIS-34, DIS-51, DIS-83
  EXPECT_EQ(next_change(*bed_.snapshot()), std::numeric_limits<k8s::TimeNs>::max());
  k8s::Pod pod = bed_.make_pod("web", "a");
  pod.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "10m";
  pod.status.start_time = kNow;
  bed_.put(pod);
  EXPECT_EQ(next_change(*bed_.snapshot()), kNow + 10 * k8s::kMinute);
  bed_.pool.disruption.consolidate_after = 5 * k8s::kMinute;
  bed_.put(bed_.pool);
  EXPECT_EQ(next_change(*bed_.snapshot()), kNow + 5 * k8s::kMinute);
  bed_.pool.disruption.budgets[0].schedule = "* * * * *";
  bed_.pool.disruption.budgets[0].duration = 30 * k8s::kSecond;
  bed_.put(bed_.pool);
  EXPECT_LE(next_change(*bed_.snapshot()), kNow + k8s::kMinute);
}

}  // namespace
}  // namespace disrupt::testing
