#include "app/controller_process.h"

#include <algorithm>
#include <utility>

#include "kube/probe.h"
#include "ops/client_metrics.h"

#include "app/version.h"
#include "base/text.h"
#include "cloud/kwok/catalogue.h"
#include "cloud/kwok/provider.h"
#include "runtime/files.h"

namespace app {

namespace {

using base::ErrorCode;
using base::Result;

// Events must not take the place of what they tell about.
constexpr double kEventsPerSecond = 50;
constexpr double kEventBurst = 300;

// LIF-237; unlike upstream a broken file ends the program.
Result<cloud::CataloguePtr> read_catalogue(const std::string& path) {
  if (path.empty()) {
    return cloud::kwok::embedded_catalogue();
  }
  const Result<std::string> text = runtime::read_file(path);
  if (!text) {
    return base::fail(
        base::with_context(text.error(), "could not read custom instance types file"));
  }
  Result<cloud::CataloguePtr> catalogue = cloud::kwok::parse_catalogue(*text);
  if (!catalogue) {
    return base::fail(base::with_context(catalogue.error(), "could not parse JSON data: " + path));
  }
  return catalogue;
}

// OPR-74
std::function<void(const kube::Call&, int, base::Duration)> count_answers(
    runtime::Metrics& metrics) {
  return [&metrics](const kube::Call& call, int status, base::Duration took) {
    ops::count_request(
        metrics, {.method = call.method, .target = call.target, .code = status, .took = took});
  };
}

}  // namespace

Result<std::unique_ptr<ControllerProcess>> ControllerProcess::create(runtime::Executor& executor,
                                                                     runtime::LogSink& log,
                                                                     const ops::Options& options,
                                                                     runtime::Metrics& metrics,
                                                                     kube::Access access) {
  if (options.cloud_provider != "kwok") {
    return base::fail(ErrorCode::kUnsupported,
                      "the aws cloud provider is not there yet: --cloud-provider=kwok, or try "
                      "`karpenter demo` for an embedded EC2");
  }
  const cloud::CataloguePtr catalogue = TRY(read_catalogue(options.instance_types_file_path));
  const runtime::Rng rng(runtime::real_seed());
  std::unique_ptr<ControllerProcess> process(new ControllerProcess(executor, log));
  process->http_ = runtime::make_curl_http_client(
      executor, {.user_agent = base::concat("karpenter/", kCompatibleWith)});
  process->event_api_ = std::make_unique<kube::Client>(
      executor,
      *process->http_,
      access,
      kube::ClientOptions{
          .log = log,
          .rng = rng.split("events"),
          .limits = {
              .qps = kEventsPerSecond, .burst = kEventBurst, .on_answer = count_answers(metrics)}});
  process->api_ = std::make_unique<kube::Client>(
      executor,
      *process->http_,
      std::move(access),
      kube::ClientOptions{.log = log,
                          .rng = rng.split("kube"),
                          .limits = {.qps = static_cast<double>(options.kube_client_qps),
                                     .burst = static_cast<double>(options.kube_client_burst),
                                     .on_answer = count_answers(metrics)}});
  process->cloud_ = std::make_unique<cloud::kwok::Provider>(
      executor,
      *process->api_,
      cloud::kwok::Provider::Options{
          .catalogue = catalogue,
          .log = log,
          .find_known = [self = process.get()](const auto& key) { return self->find_known(key); }});
  control::Config config = ops::controller_config(options);
  config.plan.schema =
      std::make_shared<const cloud::LabelSchema>(cloud::kwok::label_schema(*catalogue));
  process->controllers_ = std::make_unique<control::Controllers>(
      control::Dependencies{.executor = executor,
                            .api = *process->api_,
                            .cloud = *process->cloud_,
                            .catalogue = [catalogue](const k8s::Object&) { return catalogue; },
                            .log = log,
                            .rng = rng.split("control"),
                            .world = {.class_kinds = {{"karpenter.kwok.sh", "KWOKNodeClass"}}},
                            .events = process->event_api_.get(),
                            .metrics = &metrics,
                            .extended_consolidation = options.consolidation == "extended"},
      std::move(config));
  return process;
}

void ControllerProcess::start() {
  kube::probe_server(api_->transport(),
                     executor_,
                     log_,
                     runtime::Rng(runtime::real_seed()),
                     [this](const kube::ServerFacts& facts) {
                       log_.info("connected to the API server",
                                 {{"kubernetes-version", facts.version}});
                       if (controllers_ != nullptr) {
                         is_started_ = true;
                         controllers_->start();
                       }
                     });
}

world::SnapshotPtr ControllerProcess::snapshot() {
  return is_started_ && controllers_ != nullptr
             ? controllers_->world().snapshot(base::to_unix_ns(executor_.clock().wall()))
             : nullptr;
}

k8s::ObjectPtr ControllerProcess::find_known(const k8s::ObjectKey& key) {
  const world::SnapshotPtr now = snapshot();
  if (now == nullptr) {
    return nullptr;
  }
  if (key.kind == k8s::Kind::kNodeClaim) {
    const auto id = controllers_->world().find_claim(key.name);
    return id ? now->nodes[*id].claim.share() : nullptr;
  }
  const auto found = std::ranges::find_if(
      now->kwok_classes, [&](const auto& one) { return one->meta.name == key.name; });
  const bool is_found = key.kind == k8s::Kind::kKWOKNodeClass && found != now->kwok_classes.end();
  return is_found ? *found : nullptr;
}

bool ControllerProcess::is_synced() const {
  if (!is_started_ || controllers_ == nullptr) {
    return true;
  }
  const world::World& world = controllers_->world();
  return std::ranges::all_of(world.kinds(), [&](k8s::Kind kind) { return world.has_list(kind); });
}

}  // namespace app
