#include "app/operator_surface.h"

#include <array>
#include <utility>

#include "kube/trouble.h"

#include "app/version.h"
#include "base/text.h"
#include "cloud/kwok/catalogue.h"
#include "control/metrics.h"
#include "runtime/files.h"
#include "runtime/process.h"

namespace app {

namespace {

using base::ErrorCode;
using base::Result;
using namespace std::string_view_literals;

constexpr std::string_view kClassLabel = "karpenter.kwok.sh/kwoknodeclass";
constexpr const char* kNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
constexpr base::Duration kCrdPause = std::chrono::seconds(5);
constexpr std::string_view kMissingCrds =
    "NodePool and NodeClaim are not installed; install them with `karpenter crds | kubectl apply "
    "--server-side -f -`";

constexpr std::array kLeaseName{"name"sv};
constexpr runtime::MetricFacts kIsLeader{"leader_election_master_status",
                                         runtime::MetricType::kGauge,
                                         "1 while this replica leads, else 0.",
                                         kLeaseName};

// OPR-49: all addresses, of both families where there are two.
Result<std::unique_ptr<runtime::HttpServer>> serve(runtime::Executor& executor,
                                                   std::string_view flag,
                                                   std::int64_t port,
                                                   const runtime::HttpServer::Handler& handler) {
  const auto number = static_cast<std::uint16_t>(port);
  if (auto server = runtime::HttpServer::start(executor, {.host = "::", .port = number}, handler)) {
    return server;
  }
  auto server = runtime::HttpServer::start(executor, {.host = "0.0.0.0", .port = number}, handler);
  if (!server) {
    return base::fail(base::with_context(
        server.error(), base::concat("cannot listen on port ", port, " (--", flag, ")")));
  }
  return server;
}

ops::ClusterMetricsShape shape_of(const ops::Options& options) {
  ops::ClusterMetricsShape shape = ops::cluster_metrics_shape(
      cloud::kwok::label_schema(*cloud::kwok::embedded_catalogue()), std::string(kClassLabel));
  shape.has_buffers = options.gates.capacity_buffer;
  shape.is_observing = !options.disable_cluster_state_observability;
  return shape;
}

}  // namespace

OperatorSurface::OperatorSurface(Parts parts)
    : parts_(std::move(parts)),
      log_(parts_.log, "controller"),
      pods_(parts_.metrics, !parts_.options.disable_cluster_state_observability),
      objects_(parts_.metrics,
               {.class_label = std::string(kClassLabel),
                .is_observing = !parts_.options.disable_cluster_state_observability},
               [this](act::PublishEvent event) {
                 if (control::Controllers* controllers = parts_.process.controllers()) {
                   controllers->actor().perform({std::move(event), "operatorpkg.status"});
                 }
               }),
      page_({.executor = parts_.executor,
             .metrics = parts_.metrics,
             .pods = &pods_,
             .snapshot = [this] { return parts_.process.snapshot(); },
             .shape = shape_of(parts_.options),
             .build = ops::build_facts(std::string(kVersion), "")}),
      probes_(parts_.executor) {}

OperatorSurface::~OperatorSurface() {
  *alive_ = false;
}

Result<std::unique_ptr<OperatorSurface>> OperatorSurface::create(Parts parts) {
  std::unique_ptr<OperatorSurface> surface(new OperatorSurface(std::move(parts)));
  for (const char* type : {"multi", "single"}) {  // OPR-60
    surface->parts_.metrics.at(control::metric::kConsolidationTimeouts, {type});
  }
  surface->add_checks();
  if (!surface->parts_.options.disable_leader_election) {
    TRY_VOID(surface->prepare_election());
  }
  TRY_VOID(surface->listen());
  surface->watch_cluster();
  return surface;
}

Result<void> OperatorSurface::listen() {
  const ops::Options& options = parts_.options;
  metrics_server_ =
      TRY(serve(parts_.executor, "metrics-port", options.metrics_port, page_.handler()));
  probe_server_ = TRY(
      serve(parts_.executor, "health-probe-port", options.health_probe_port, probes_.handler()));
  return {};
}

// OPR-44, OPR-45
Result<void> OperatorSurface::prepare_election() {
  std::string namespace_ = parts_.options.leader_election_namespace;
  if (namespace_.empty()) {
    namespace_ = std::string(base::trim(runtime::read_file(kNamespaceFile).value_or("")));
  }
  if (namespace_.empty()) {
    return base::fail(ErrorCode::kInvalid,
                      "unable to find leader election namespace: outside of a cluster set "
                      "--leader-election-namespace (for example kube-system), or "
                      "--disable-leader-election for a single replica");
  }
  runtime::Rng rng(runtime::real_seed());
  lease_http_ = runtime::make_curl_http_client(
      parts_.executor, {.user_agent = base::concat("karpenter/", kCompatibleWith)});
  lease_api_ = std::make_unique<kube::Client>(
      parts_.executor,
      *lease_http_,
      parts_.access,
      kube::ClientOptions{.log = parts_.log, .rng = rng.split("kube")});
  elector_ = std::make_unique<ops::LeaderElector>(
      *lease_api_,
      parts_.executor,
      rng.split("lease"),
      log_,
      ops::LeaseTerms{.identity = ops::lease_identity(runtime::host_name(), rng),
                      .name = parts_.options.leader_election_name,
                      .namespace_ = namespace_});
  elector_->on_started = [this] { lead(); };
  elector_->advise = [access = parts_.access](const base::Error& error) {
    return kube::advice(error, access);
  };
  elector_->on_lost = [this](const std::string& why) {
    parts_.metrics.at(kIsLeader, {parts_.options.leader_election_name}).set(0);
    parts_.on_lost("leader election lost: " + why);
  };
  return {};
}

// OPR-51. A replica that waits for the lease is ready: there is nothing to sync.
void OperatorSurface::add_checks() {
  probes_.add("/readyz",
              {.name = "manager",
               .failure =
                   [this] {
                     return parts_.process.is_synced()
                                ? std::nullopt
                                : std::optional<std::string>("failed to sync caches");
                   },
               .is_awaited = true});
  probes_.add("/readyz", {.name = "crd", .failure = [this] {
                            return has_crds_ ? std::nullopt
                                             : std::optional<std::string>(kMissingCrds);
                          }});
}

void OperatorSurface::watch_cluster() {
  control::Controllers& controllers = *parts_.process.controllers();
  const auto seen = std::move(controllers.on_event);
  controllers.on_event = [this, seen](const k8s::ObjectEvent& event) {
    const runtime::Clock& clock = parts_.executor.clock();
    const k8s::TimeNs now = base::to_unix_ns(clock.wall());
    objects_.on_event(event, now, clock.now());
    pods_.on_event(event, now, clock.now());
    if (seen) {
      seen(event);
    }
  };
  controllers.provisioner().on_plan = [this](const world::Snapshot& planned,
                                             const plan::Plan& plan) {
    pods_.on_plan(planned, plan, base::to_unix_ns(parts_.executor.clock().wall()));
  };
}

void OperatorSurface::start() {
  look_for_crds();
  if (elector_ == nullptr) {
    parts_.process.start();
    return;
  }
  parts_.metrics.at(kIsLeader, {parts_.options.leader_election_name}).set(0);
  elector_->start();
}

void OperatorSurface::lead() {
  parts_.metrics.at(kIsLeader, {parts_.options.leader_election_name}).set(1);
  parts_.process.start();
}

// OPR-33: the process waits; the probe says for what.
void OperatorSurface::look_for_crds() {
  parts_.process.api().transport().send(
      {.method = "GET", .target = "/apis/karpenter.sh/v1", .is_retried = false},
      [this, alive = alive_](const base::Result<runtime::HttpResponse>& answer) {
        if (!*alive) {
          return;
        }
        has_crds_ = answer && answer->is_success() &&
                    answer->body.find("\"nodepools\"") != std::string::npos &&
                    answer->body.find("\"nodeclaims\"") != std::string::npos;
        if (!has_crds_) {
          parts_.executor.after(kCrdPause, [this, still = alive] {
            if (*still) {
              look_for_crds();
            }
          });
        }
      });
}

void OperatorSurface::stop(std::function<void()> done) {
  if (elector_ != nullptr) {
    elector_->release(std::move(done));
  } else {
    parts_.executor.post(std::move(done));
  }
}

}  // namespace app
