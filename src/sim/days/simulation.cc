#include "sim/days/simulation.h"

#include <memory>

#include <boost/json.hpp>

#include "control/controllers.h"
#include "runtime/log_sinks.h"
#include "runtime/virtual_executor.h"
#include "sim/apiserver/json.h"
#include "sim/days/calendar.h"
#include "sim/days/ledger.h"
#include "sim/days/load.h"
#include "sim/days/weather.h"
#include "sim/harness/sandbox.h"

namespace sim::days {

namespace {

// Events are news for people; nobody reads them here, and a day has a hundred thousand.
class DroppedEvents final : public k8s::KubeApi {
 public:
  void subscribe(k8s::Kind, Sink) override {}

  void get(const k8s::ObjectKey&, ReadDone) override {}

  void list(k8s::Kind, ListDone) override {}

  void write(k8s::WriteRequest, WriteDone) override {}
};

// The claim that the line of the effect log says is created to replace others.
std::string replacement_of(std::string_view line) {
  constexpr std::string_view kBegin = "disruption.queue: create NodeClaim ";
  if (!line.starts_with(kBegin)) {
    return {};
  }
  line.remove_prefix(kBegin.size());
  return std::string(line.substr(0, line.find(' ')));
}

// Empty: none, or not an object.
std::string namespace_of(const std::string& text) {
  boost::json::error_code error;
  const boost::json::value document = boost::json::parse(text, error);
  return error || !document.is_object()
             ? std::string()
             : std::string(api::text_at(document.get_object(), "metadata.namespace"));
}

class Run {
 public:
  Run(const Simulation& simulation, std::unique_ptr<runtime::VirtualExecutor> executor)
      : simulation_(simulation),
        executor_(std::move(executor)),
        rng_(simulation.seed),
        calendar_{.start = simulation.scenario.start, .days = simulation.scenario.days} {}

  base::Result<Report> run() {
    const Scenario& scenario = simulation_.scenario;
    sandbox_ = TRY(Sandbox::create(*executor_,
                                   {.region = scenario.region,
                                    .seed = simulation_.seed,
                                    .faults = simulation_.faults,
                                    .history = 1}));
    TRY_VOID(apply_manifests());
    Ledger ledger(*executor_, *sandbox_, calendar_);
    Weather weather(*executor_,
                    *sandbox_,
                    scenario,
                    rng_.split("weather").next(),
                    {.on_interruption = [&](const auto& claim) { ledger.on_interruption(claim); },
                     .on_news = [&](const auto& text) { ledger.on_news(text); }});
    Load load(*executor_, *sandbox_, scenario, rng_.split("load").next());
    ledger.start();
    weather.start(calendar_);
    TRY_VOID(load.start(calendar_));
    start_controllers(ledger);
    executor_->run_for(base::Duration(calendar_.end() - now()));
    Report report = ledger.finish();
    report.title = scenario.title;
    report.description = scenario.description;
    report.seed = simulation_.seed;
    return report;
  }

 private:
  k8s::TimeNs now() const { return base::to_unix_ns(executor_->clock().wall()); }

  base::Result<void> apply_manifests() {
    for (const std::string& json : simulation_.manifests) {
      TRY_VOID(make_namespace(namespace_of(json)));
      TRY_VOID(sandbox_->apply(json));
    }
    for (const DeploymentPlan& plan : simulation_.scenario.deployments) {
      TRY_VOID(make_namespace(plan.namespace_));
    }
    for (const JobPlan& plan : simulation_.scenario.jobs) {
      TRY_VOID(make_namespace(plan.namespace_));
    }
    return {};
  }

  base::Result<void> make_namespace(const std::string& name) {
    if (name.empty() ||
        sandbox_->store().find(api::type_of(k8s::Kind::kNamespace), "", name) != nullptr) {
      return {};
    }
    const boost::json::object body{
        {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
    return sandbox_->apply(boost::json::serialize(body));
  }

  void start_controllers(Ledger& ledger) {
    control::Config config = simulation_.config;
    config.plan.schema = sandbox_->schema();
    kube_ = sandbox_->controller_kube();
    controllers_ = std::make_unique<control::Controllers>(
        control::Dependencies{.executor = *executor_,
                              .api = *kube_,
                              .cloud = sandbox_->cloud(),
                              .resolver = &sandbox_->cloud(),
                              .catalogue = sandbox_->catalogue_source(),
                              .log = log_,
                              .rng = rng_.split("control"),
                              .effect_log =
                                  [&ledger](k8s::TimeNs, std::string_view line) {
                                    if (std::string claim = replacement_of(line); !claim.empty()) {
                                      ledger.on_replacement(claim);
                                    }
                                  },
                              .events = &events_,
                              .extended_consolidation = simulation_.extended_consolidation},
        config);
    controllers_->on_command = [&ledger](const disrupt::Command& command) {
      ledger.on_command(command);
    };
    controllers_->start();
  }

  const Simulation& simulation_;
  std::unique_ptr<runtime::VirtualExecutor> executor_;
  runtime::Rng rng_;
  Calendar calendar_;
  runtime::NullLogSink log_;
  DroppedEvents events_;
  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<api::SimKube> kube_;
  std::unique_ptr<control::Controllers> controllers_;
};

}  // namespace

base::Result<Report> simulate(const Simulation& simulation) {
  const k8s::TimeNs begin = simulation.scenario.start - simulation.scenario.warm_up;
  auto executor = std::make_unique<runtime::VirtualExecutor>(
      runtime::VirtualExecutorOptions{.seed = simulation.seed,
                                      .order = runtime::VirtualExecutor::Order::kFifo,
                                      .start = base::from_unix_ns(begin)});
  return Run(simulation, std::move(executor)).run();
}

}  // namespace sim::days
