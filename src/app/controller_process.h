// One running controller on a real cluster: the API client, the cloud provider and the controllers,
// wired for the options that were given.
//
//   auto process = TRY(ControllerProcess::create(executor, log, options, access));
//   process->start();    // Once it may act: after the lease is won.
//
// Nothing is read or written before start(). Thread rule: the loop. Borrows the executor and the
// log.
#pragma once

#include <memory>

#include "kube/client.h"
#include "ops/options.h"

#include "base/error.h"
#include "control/controllers.h"

namespace app {

class ControllerProcess {
 public:
  // Errors: a cloud provider that is not there, a broken file of instance types.
  static base::Result<std::unique_ptr<ControllerProcess>> create(runtime::Executor& executor,
                                                                 runtime::LogSink& log,
                                                                 const ops::Options& options,
                                                                 runtime::Metrics& metrics,
                                                                 kube::Access access);

  // Waits for the server to answer, then subscribes and acts.
  void start();

  kube::Client& api() { return *api_; }

  // Null after stop().
  control::Controllers* controllers() { return controllers_.get(); }

  // The cluster as it is known; null before start() and after stop().
  world::SnapshotPtr snapshot();
  // Every first list is complete, or there is nothing to list yet.
  bool is_synced() const;

  // Nothing more is decided; what was sent is left to end.
  void stop() { controllers_.reset(); }

 private:
  ControllerProcess(runtime::Executor& executor, runtime::LogSink& log)
      : executor_(executor), log_(log, "controller") {}

  // A claim or a KWOKNodeClass, as the watches have it.
  k8s::ObjectPtr find_known(const k8s::ObjectKey& key);

  runtime::Executor& executor_;
  runtime::Logger log_;
  bool is_started_ = false;
  std::unique_ptr<runtime::HttpClient> http_;
  std::unique_ptr<kube::Client> api_;
  std::unique_ptr<kube::Client> event_api_;  // With limits of its own.
  std::unique_ptr<cloud::CloudProvider> cloud_;
  std::unique_ptr<control::Controllers> controllers_;
};

}  // namespace app
