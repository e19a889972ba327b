// Two replicas that contend for one lease on the embedded API server, in virtual time.
#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "ops/leader_elector.h"

#include "runtime/log_sinks.h"
#include "sim/apiserver/cluster_testing.h"
#include "sim/apiserver/sim_kube.h"

namespace app {
namespace {

using namespace std::chrono_literals;

// An API server that can be out of reach of one replica.
struct Outage final : sim::api::KubeFaults {
  bool is_on = false;
  runtime::Duration delay{0};

  sim::api::CallFault fault() const {
    return is_on ? sim::api::CallFault{.refuse = base::Error{base::ErrorCode::kUnavailable, "down"}}
                 : sim::api::CallFault{.answer_delay = delay};
  }

  sim::api::CallFault on_write(const k8s::WriteRequest&) override { return fault(); }

  sim::api::CallFault on_read(k8s::Kind) override { return fault(); }

  runtime::Duration watch_delay(k8s::Kind) override { return {}; }

  std::optional<runtime::Duration> drop_watch(k8s::Kind) override { return std::nullopt; }
};

struct Replica {
  sim::api::TestCluster& cluster;
  Outage outage{};
  sim::api::SimKube kube{cluster.registry, cluster.executor, &outage};
  runtime::RecordingLogSink log{};
  std::string lost{};
  int starts = 0;
  std::unique_ptr<ops::LeaderElector> elector{};

  Replica(sim::api::TestCluster& where, std::string identity, std::uint64_t seed) : cluster(where) {
    elector = std::make_unique<ops::LeaderElector>(
        kube,
        cluster.executor,
        runtime::Rng(seed),
        runtime::Logger(log, "controller"),
        ops::LeaseTerms{.identity = std::move(identity), .namespace_ = "default"});
    elector->on_started = [this] { ++starts; };
    elector->on_lost = [this](const std::string& why) { lost = why; };
    elector->start();
  }

  bool leads() const { return elector != nullptr && elector->is_leading(); }
};

struct Bed {
  sim::api::TestCluster cluster;
  Replica a{cluster, "a_1", 1};
  std::optional<Replica> b;

  // Runs for that long; fails if both lead at any moment. The time at which b led first.
  std::optional<base::Duration> run(base::Duration duration) {
    const base::Instant begin = cluster.executor.now();
    std::optional<base::Duration> b_led;
    while (cluster.executor.now() < begin + duration) {
      cluster.executor.run_for(10ms);
      const bool b_leads = b && b->leads();
      EXPECT_FALSE(a.leads() && b_leads);
      if (b_leads && !b_led) {
        b_led = cluster.executor.now() - begin;
      }
    }
    return b_led;
  }

  void start_both() {
    run(1s);
    b.emplace(cluster, "b_2", 2);
    run(60s);
    ASSERT_TRUE(a.leads());
    ASSERT_FALSE(b->leads());
  }

  std::string lease(std::string_view path) const {
    return cluster.field(k8s::Kind::kLease, "default", "karpenter-leader-election", path);
  }
};

TEST(LeaderElection, OneLeadsWhileItRenews) {
  // OPR-44, OPR-46, OPR-127
  Bed bed;
  bed.start_both();
  EXPECT_EQ(bed.a.starts, 1);
  EXPECT_EQ(bed.lease("spec.holderIdentity"), "a_1");
  EXPECT_EQ(bed.lease("spec.leaseTransitions"), "");  // It never changed hands.
  const auto events = bed.cluster.call("GET", "/api/v1/namespaces/default/events").body;
  EXPECT_NE(events.find("a_1 became leader"), std::string::npos);
}

TEST(LeaderElection, ReleaseHandsOverWithinARetry) {
  // OPR-48
  Bed bed;
  bed.start_both();
  bool is_released = false;
  bed.a.elector->release([&] { is_released = true; });
  const auto took = bed.run(30s);
  EXPECT_TRUE(is_released);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 2500ms);
  EXPECT_EQ(bed.lease("spec.leaseTransitions"), "1");
}

TEST(LeaderElection, ACrashIsWaitedOut) {
  // OPR-44
  Bed bed;
  bed.start_both();
  bed.a.elector.reset();
  const auto took = bed.run(30s);
  ASSERT_TRUE(took);
  EXPECT_GE(*took, 12s);
  EXPECT_LE(*took, 20s);
}

TEST(LeaderElection, ALeaderThatCannotRenewStopsBeforeAnotherBegins) {
  // OPR-46
  Bed bed;
  bed.start_both();
  bed.a.outage.is_on = true;
  const auto took = bed.run(30s);
  EXPECT_EQ(bed.a.lost, "down");
  EXPECT_TRUE(took);
  bed.a.outage.is_on = false;
  bed.run(60s);
  EXPECT_FALSE(bed.a.leads());  // It is for its owner to exit.
  EXPECT_EQ(bed.a.log.count("error retrieving or updating the leader lease"), 1U);
}

TEST(LeaderElection, ASlowServerCostsNoLease) {
  // OPR-44: six seconds for each answer.
  Bed bed;
  bed.a.outage.delay = 6s;
  bed.run(60s);
  EXPECT_TRUE(bed.a.leads());
  bed.run(300s);
  EXPECT_EQ(bed.a.lost, "");
  EXPECT_EQ(bed.a.starts, 1);
}

TEST(LeaderElection, AFollowerThatWasCutOffComesBack) {
  Bed bed;
  bed.a.outage.is_on = true;
  bed.run(60s);
  EXPECT_FALSE(bed.a.leads());
  EXPECT_EQ(bed.a.lost, "");
  bed.a.outage.is_on = false;
  bed.run(5s);
  EXPECT_TRUE(bed.a.leads());
}

}  // namespace
}  // namespace app
