// What the people who operate the controller see and rely on: metrics, probes, and the lease that
// keeps a second replica waiting (spec 05 A.7, A.10, A.11).
//
//   auto surface = TRY(OperatorSurface::create({.executor = ..., .process = ...}));
//   surface->start();                          // Serves, then contends for the lease.
//   surface->stop([&] { executor.stop(); });   // Gives the lease away.
//
// Metrics and probes are served by every replica; the process is started when it may lead (OPR-47).
// Thread rule: the loop. Borrows the executor, the log and the process.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ops/leader_elector.h"
#include "ops/metrics_page.h"
#include "ops/object_metrics.h"
#include "ops/options.h"
#include "ops/pod_metrics.h"
#include "ops/probes.h"

#include "app/controller_process.h"
#include "runtime/http_server.h"
#include "runtime/metrics.h"

namespace app {

class OperatorSurface {
 public:
  struct Parts {
    runtime::Executor& executor;
    runtime::LogSink& log;
    const ops::Options& options;
    runtime::Metrics& metrics;
    ControllerProcess& process;
    kube::Access access;
    // The controllers may not go on, and why.
    std::function<void(const std::string& why)> on_lost;
  };

  // Listening when it returns. Errors: a port that is taken; no namespace for the lease.
  static base::Result<std::unique_ptr<OperatorSurface>> create(Parts parts);

  ~OperatorSurface();
  OperatorSurface(const OperatorSurface&) = delete;
  OperatorSurface& operator=(const OperatorSurface&) = delete;

  void start();
  void stop(std::function<void()> done);

 private:
  explicit OperatorSurface(Parts parts);

  base::Result<void> listen();
  base::Result<void> prepare_election();
  void add_checks();
  void lead();
  void watch_cluster();
  void look_for_crds();

  Parts parts_;
  runtime::Logger log_;
  ops::PodMetrics pods_;
  ops::ObjectMetrics objects_;
  ops::MetricsPage page_;
  ops::Probes probes_;
  std::unique_ptr<runtime::HttpServer> metrics_server_;
  std::unique_ptr<runtime::HttpServer> probe_server_;
  std::unique_ptr<runtime::HttpClient> lease_http_;
  std::unique_ptr<kube::Client> lease_api_;
  std::unique_ptr<ops::LeaderElector> elector_;
  bool has_crds_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace app
