#include "app/controller_command.h"

#include <memory>
#include <utility>

#include "kube/load_access.h"

#include "app/controller_process.h"
#include "app/exit_code.h"
#include "app/version.h"
#include "base/text.h"
#include "runtime/log_sinks.h"
#include "runtime/process.h"
#include "runtime/real_executor.h"
#include "runtime/signals.h"

namespace app {

namespace {

base::Result<void> run(const ControllerArguments& arguments) {
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
  std::unique_ptr<ControllerProcess> process =
      TRY(ControllerProcess::create(executor, *sink, options, std::move(access)));
  runtime::TerminationSignals signals(executor, [&](int) { executor.stop(); });
  executor.post([&] { process->start(); });
  executor.run();
  process.reset();
  log.info("stopped");
  return {};
}

}  // namespace

int controller_command(const ControllerArguments& arguments) {
  const base::Result<void> result = run(arguments);
  if (!result) {
    runtime::write_text(runtime::Stream::kErr, result.error().detail + "\n");
    return kExitUsage;
  }
  return kExitOk;
}

}  // namespace app
