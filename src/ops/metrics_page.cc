#include "ops/metrics_page.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace ops {

namespace {

using namespace std::string_view_literals;
using runtime::MetricFacts;
using enum runtime::MetricType;

constexpr std::array kBuildLabels{"version"sv, "goversion"sv, "goarch"sv, "commit"sv};

constexpr MetricFacts kBuildInfo{
    "karpenter_build_info", kGauge, "1; its labels say what this program is.", kBuildLabels};
constexpr MetricFacts kCpu{
    "process_cpu_seconds_total", kCounter, "Total user and system CPU time spent in seconds."};
constexpr MetricFacts kResident{
    "process_resident_memory_bytes", kGauge, "Resident memory size in bytes."};
constexpr MetricFacts kVirtual{
    "process_virtual_memory_bytes", kGauge, "Virtual memory size in bytes."};
constexpr MetricFacts kFiles{"process_open_fds", kGauge, "Number of open file descriptors."};
constexpr MetricFacts kMaxFiles{
    "process_max_fds", kGauge, "Maximum number of open file descriptors."};
constexpr MetricFacts kThreads{"process_threads", kGauge, "Number of threads."};
constexpr MetricFacts kStart{"process_start_time_seconds",
                             kGauge,
                             "Start time of the process since the Unix epoch in seconds."};

constexpr MetricFacts kUnsynced{"karpenter_cluster_state_unsynced_time_seconds",
                                kGauge,
                                "How long the picture of the cluster has been incomplete."};

constexpr std::string_view kTextFormat = "text/plain; version=0.0.4; charset=utf-8";

void write_build_info(const BuildFacts& build, runtime::MetricWriter& out) {
  out.begin(kBuildInfo);
  out.sample(
      std::array<std::string_view, 4>{
          build.version, build.compiler, build.architecture, build.commit},
      1);
}

}  // namespace

BuildFacts build_facts(std::string version, std::string commit) {
#if defined(__x86_64__)
  constexpr std::string_view kArchitecture = "amd64";
#elif defined(__aarch64__)
  constexpr std::string_view kArchitecture = "arm64";
#else
  constexpr std::string_view kArchitecture = "unknown";
#endif
#if defined(__clang__)
  const std::string compiler = base::concat("clang", __clang_major__, ".", __clang_minor__);
#else
  const std::string compiler = base::concat("gcc", __GNUC__, ".", __GNUC_MINOR__);
#endif
  return {.version = std::move(version),
          .commit = std::move(commit),
          .compiler = compiler,
          .architecture = std::string(kArchitecture)};
}

void write_process_metrics(const runtime::ProcessUsage& usage,
                           base::WallTime started,
                           runtime::MetricWriter& out) {
  const auto write = [&](const MetricFacts& facts, double value) {
    out.begin(facts);
    out.sample({}, value);
  };
  write(kCpu, base::to_seconds(usage.cpu_time));
  write(kResident, static_cast<double>(usage.resident_bytes));
  write(kVirtual, static_cast<double>(usage.virtual_bytes));
  write(kFiles, static_cast<double>(usage.open_files));
  write(kMaxFiles, static_cast<double>(usage.max_open_files));
  write(kThreads, static_cast<double>(usage.threads));
  write(kStart, static_cast<double>(base::to_unix_ns(started)) / 1e9);
}

MetricsPage::MetricsPage(Sources sources)
    : sources_(std::move(sources)),
      started_(sources_.executor.clock().wall()),
      synced_at_(sources_.executor.clock().now()) {}

void MetricsPage::render(std::function<void(std::string)> done) {
  const runtime::Clock& clock = sources_.executor.clock();
  world::SnapshotPtr snapshot = sources_.snapshot ? sources_.snapshot() : nullptr;
  if (snapshot == nullptr || snapshot->is_synced) {
    synced_at_ = clock.now();
  }
  runtime::MetricWriter writer;
  write_build_info(sources_.build, writer);
  if (sources_.pods != nullptr) {
    sources_.pods->write(writer, base::to_unix_ns(clock.wall()));
  }
  writer.begin(kUnsynced);
  writer.sample({}, base::to_seconds(clock.now() - synced_at_));
  std::string counted = sources_.metrics.text(clock.now()) + std::move(writer).text();
  runtime::run_blocking<std::string>(
      sources_.executor,
      [counted = std::move(counted),
       snapshot = std::move(snapshot),
       shape = sources_.shape,
       started = started_] {
        runtime::MetricWriter process;
        write_process_metrics(runtime::process_usage(), started, process);
        std::string text = counted + process.text();
        if (snapshot != nullptr) {
          text += cluster_metrics_text(*snapshot, shape);
        }
        return text;
      },
      std::move(done));
}

runtime::HttpServer::Handler MetricsPage::handler() {
  return [this](const runtime::HttpServerRequest& request,
                std::shared_ptr<runtime::HttpResponder> responder) {
    if (request.path == "/metrics" && request.method == "GET") {
      render([responder = std::move(responder)](std::string text) {
        if (responder->is_open()) {
          responder->send({.status = 200,
                           .headers = {{"Content-Type", std::string(kTextFormat)}},
                           .body = std::move(text)});
        }
      });
      return;
    }
    const bool is_profile = request.path.starts_with("/debug/pprof");
    responder->send({.status = 404,
                     .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
                     .body = is_profile ? "no profiles here: this is no Go program; use perf\n"
                                        : "404 page not found; try /metrics\n"});
  };
}

}  // namespace ops
