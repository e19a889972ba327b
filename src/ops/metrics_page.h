// The text behind GET /metrics: what was counted, what follows from the cluster's picture, and what
// the process says about itself (OPR-49, OPR-60).
//
//   MetricsPage page({.executor = executor, .metrics = metrics, .snapshot = [&] { ... }});
//   page.render([responder](std::string text) { responder->send({.status = 200, .body = text}); });
//
// Counters are written on the loop; the part that grows with the cluster on a worker thread, from a
// snapshot. Thread rule: the loop. Ownership: borrows what it is given.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ops/cluster_metrics.h"
#include "ops/pod_metrics.h"

#include "runtime/executor.h"
#include "runtime/http_server.h"
#include "runtime/metrics.h"
#include "runtime/process.h"

namespace ops {

struct BuildFacts {
  std::string version = "unspecified";
  std::string commit;
  std::string compiler;      // Stands in goversion, which must exist (spec 05 B.1).
  std::string architecture;  // "amd64", "arm64".
};

// What the compiler knows.
BuildFacts build_facts(std::string version, std::string commit);

class MetricsPage {
 public:
  struct Sources {
    runtime::Executor& executor;
    const runtime::Metrics& metrics;
    const PodMetrics* pods = nullptr;
    // The cluster's picture; null: there is none, as on a replica that does not lead.
    std::function<world::SnapshotPtr()> snapshot;
    ClusterMetricsShape shape = {};
    BuildFacts build = {};
  };

  explicit MetricsPage(Sources sources);

  void render(std::function<void(std::string)> done);

  // /metrics, and everything under /debug/pprof (OPR-50, OPR-130). The page must outlive the
  // server.
  runtime::HttpServer::Handler handler();

 private:
  Sources sources_;
  base::WallTime started_;
  base::Instant synced_at_;  // When the picture was last seen complete.
};

// process_* as the Prometheus clients name them (spec 05 B.4).
void write_process_metrics(const runtime::ProcessUsage& usage,
                           base::WallTime started,
                           runtime::MetricWriter& out);

}  // namespace ops
