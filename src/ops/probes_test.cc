#include "ops/probes.h"

#include <gtest/gtest.h>

#include "runtime/virtual_executor.h"

namespace ops {
namespace {

using namespace std::chrono_literals;

struct Answer final : runtime::HttpResponder {
  runtime::HttpResponse response;
  bool is_gone = false;

  void send(runtime::HttpResponse sent) override { response = std::move(sent); }

  void begin_stream(int, runtime::HttpHeaders) override {}

  bool write(std::string) override { return false; }

  void close() override {}

  void on_disconnect(runtime::Task) override {}

  bool is_open() const override { return !is_gone && response.status == 0; }
};

struct Bed {
  runtime::VirtualExecutor executor;
  Probes probes{executor};
  std::optional<std::string> missing_crd;
  bool is_synced = true;

  Bed() {
    probes.add("/readyz",
               {"manager",
                [this] {
                  return is_synced ? std::nullopt
                                   : std::optional<std::string>("failed to sync caches");
                },
                true});
    probes.add("/readyz", {"crd", [this] { return missing_crd; }});
  }

  std::shared_ptr<Answer> ask(const std::string& path, const std::string& query = "") {
    auto answer = std::make_shared<Answer>();
    probes.handler()(
        {.method = "GET", .path = path, .raw_query = query, .query = runtime::parse_query(query)},
        answer);
    return answer;
  }
};

TEST(Probes, AreOkWhenNothingFails) {
  // OPR-51
  Bed bed;
  EXPECT_EQ(bed.ask("/healthz")->response.body, "ok");
  EXPECT_EQ(bed.ask("/readyz/")->response.status, 200);
  EXPECT_EQ(bed.ask("/readyz", "verbose=1")->response.body,
            "[+]readyz ok\n[+]manager ok\n[+]crd ok\nreadyz check passed\n");
  EXPECT_EQ(bed.ask("/other")->response.status, 404);
}

TEST(Probes, SayWhatFails) {
  // OPR-51
  Bed bed;
  bed.missing_crd = "NodePool is not installed";
  const auto answer = bed.ask("/readyz");
  EXPECT_EQ(answer->response.status, 500);
  EXPECT_NE(answer->response.body.find("[-]crd failed: NodePool is not installed\n"),
            std::string::npos);
  EXPECT_EQ(bed.ask("/readyz/crd")->response.status, 500);
  EXPECT_EQ(bed.ask("/readyz/manager")->response.status, 200);
  EXPECT_EQ(bed.ask("/readyz/none")->response.status, 404);
  EXPECT_EQ(bed.ask("/readyz", "exclude=crd")->response.status, 200);
  EXPECT_EQ(bed.ask("/healthz")->response.status, 200);
}

TEST(Probes, ReadinessWaitsForThePicture) {
  // OPR-52
  Bed bed;
  bed.is_synced = false;
  const auto answer = bed.ask("/readyz");
  bed.executor.run_for(5s);
  EXPECT_EQ(answer->response.status, 0);
  bed.is_synced = true;
  bed.executor.run_for(1s);
  EXPECT_EQ(answer->response.status, 200);
}

TEST(Probes, WaitingEnds) {
  // OPR-52
  Bed bed;
  bed.is_synced = false;
  const auto answer = bed.ask("/readyz");
  bed.executor.run_for(31s);
  EXPECT_EQ(answer->response.status, 500);
  EXPECT_NE(answer->response.body.find("failed to sync caches"), std::string::npos);
  const auto gone = bed.ask("/readyz");
  gone->is_gone = true;
  EXPECT_TRUE(bed.executor.run_until_idle(1000));
}

}  // namespace
}  // namespace ops
