#include "app/controller_command.h"

#include <memory>
#include <optional>
#include <utility>

#include "kube/load_access.h"

#include "app/controller_process.h"
#include "app/exit_code.h"
#include "app/operator_surface.h"
#include "app/version.h"
#include "base/text.h"
#include "runtime/log_sinks.h"
#include "runtime/process.h"
#include "runtime/real_executor.h"
#include "runtime/signals.h"

namespace app {

namespace {

using base::ErrorCode;

base::Result<int> run(const ControllerArguments& arguments) {
  const auto environment = runtime::Environment::of_process();
  const ops::Options options = TRY(ops::resolve_options(arguments.settings, environment));
  kube::Access access = TRY(kube::load_access(
      environment, {.kubeconfig = arguments.kubeconfig, .context = arguments.context}));
  runtime::RealExecutor executor;
  const std::unique_ptr<runtime::LogSink> sink = TRY(runtime::make_json_log_sink(
      executor.clock(),
      {.level = options.level(), .paths = ops::path_list(options.log_output_paths)}));
  const runtime::Logger log(*sink, "controller");
  for (const std::string& warning : options.warnings) {
    log.warn(warning);
  }
  log.info("starting",
           {{"version", kVersion},
            {"replaces", kCompatibleWith},
            {"cloud-provider", options.cloud_provider},
            {"api-server", access.cluster.server}});
  runtime::Metrics metrics;
  std::optional<base::Error> failure;
  const std::unique_ptr<ControllerProcess> process =
      TRY(ControllerProcess::create(executor, *sink, options, metrics, access));
  const std::unique_ptr<OperatorSurface> surface =
      TRY(OperatorSurface::create({.executor = executor,
                                   .log = *sink,
                                   .options = options,
                                   .metrics = metrics,
                                   .process = *process,
                                   .access = std::move(access),
                                   .on_lost = [&](const std::string& why) {
                                     failure = base::Error{ErrorCode::kUnavailable, why};
                                     executor.stop();
                                   }}));
  // OPR-48: the first signal ends in order, the second at once.
  bool is_ending = false;
  runtime::TerminationSignals signals(executor, [&](int) {
    if (std::exchange(is_ending, true)) {
      executor.stop();
      return;
    }
    log.info("stopping");
    process->stop();
    surface->stop([&] { executor.stop(); });
  });
  executor.post([&] { surface->start(); });
  executor.run();
  log.info("stopped");
  return failure ? base::Result<int>(kExitFailed) : kExitOk;
}

}  // namespace

int controller_command(const ControllerArguments& arguments) {
  const base::Result<int> result = run(arguments);
  if (!result) {
    runtime::complain(result.error().detail);
    return kExitUsage;
  }
  return *result;
}

}  // namespace app
