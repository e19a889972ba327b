#include "app/demo_command.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "app/cluster_input.h"
#include "app/demo.h"
#include "app/example.h"
#include "app/exit_code.h"
#include "app/live_view.h"
#include "app/scheduling_flags.h"
#include "base/text.h"
#include "runtime/environment.h"
#include "runtime/files.h"
#include "runtime/http_server.h"
#include "runtime/log_sinks.h"
#include "runtime/process.h"
#include "runtime/real_executor.h"
#include "runtime/signals.h"
#include "sim/apiserver/kubeconfig.h"

namespace app {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr base::Duration kRepaint = std::chrono::milliseconds(200);  // Of real time.

void print(const std::string& text) {
  runtime::write_text(runtime::Stream::kOut, text);
}

// A live view needs a terminal that can move its cursor.
bool can_repaint(const runtime::Environment& environment) {
  const std::string term = environment.get("TERM").value_or("");
  return runtime::is_terminal(runtime::Stream::kOut) && !term.empty() && term != "dumb";
}

// https://no-color.org
bool wants_color(const runtime::Environment& environment) {
  return environment.get("NO_COLOR").value_or("").empty();
}

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Result<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : base::parse_int(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) {
    return fail(ErrorCode::kInvalid,
                fmt::format("--listen: \"{}\" is not HOST:PORT, e.g. 127.0.0.1:8080", text));
  }
  return Address{text.substr(0, colon), static_cast<std::uint16_t>(*port)};
}

// Everything that one demo needs while it runs.
class Session {
 public:
  explicit Session(const DemoArguments& arguments)
      : arguments_(arguments), executor_({.speed = arguments.speed}) {
    const auto environment = runtime::Environment::of_process();
    if (can_repaint(environment)) {
      view_ = std::make_unique<LiveView>(print, wants_color(environment));
    }
  }

  Result<bool> run() {
    TRY_VOID(prepare());
    runtime::TerminationSignals signals(executor_, [this](int) { stop(true); });
    std::optional<base::Error> failure;
    executor_.post([&] {
      const Result<void> started = begin();
      if (!started) {
        failure = started.error();
        executor_.stop();
      }
    });
    executor_.run();
    if (std::exchange(view_, nullptr)) {
      print(title_ + "\n");  // What was on the screen is gone.
    }
    if (failure) {
      return fail(*failure);
    }
    print("\n" + demo_->narrator().summary());
    server_.reset();
    demo_.reset();
    return is_success_;
  }

 private:
  Result<ClusterInput> read_input() const {
    const ReadOptions options{.provider = "ec2", .keep_json = true};
    return arguments_.paths.empty()
               ? read_cluster_text(std::string(example_manifests()), "example", options)
               : read_cluster(arguments_.paths, options);
  }

  Result<void> prepare() {
    const std::uint64_t seed =
        arguments_.seed != 0 ? arguments_.seed : runtime::real_seed() % 1'000'000 + 1;
    ClusterInput input = TRY(read_input());
    const plan::Packing packing = TRY(parse_packing(arguments_.packing));
    const sim::FaultPlan faults = TRY(sim::FaultPlan::parse(arguments_.faults));
    for (const std::string& warning : input.warnings) {
      runtime::complain("warning: " + warning);
    }
    log_ = runtime::make_console_log_sink(
        executor_.clock(), runtime::LogLevel::kError, false, [this](std::string_view line) {
          complain(line);
        });
    demo_ = TRY(Demo::create(
        executor_,
        *log_,
        {.input = std::move(input),
         .region = arguments_.region,
         .seed = seed,
         .faults = faults,
         .packing = packing,
         .plays_example = arguments_.paths.empty() && !arguments_.serve,
         .serves = arguments_.serve},
        [this](const std::string& line) { tell(line); },
        [this](bool is_success) { stop(is_success); }));
    title_ = fmt::format("embedded cluster in {}, seed {}, time runs {:g} times faster",
                         arguments_.region,
                         seed,
                         arguments_.speed);
    if (!view_) {
      print(title_ + "\n");
    }
    return {};
  }

  Result<void> begin() {
    if (arguments_.serve) {
      TRY_VOID(serve());
    }
    TRY_VOID(demo_->start());
    if (view_) {
      repaint();
    }
    return {};
  }

  void repaint() {
    const k8s::TimeNs now = base::to_unix_ns(executor_.clock().wall());
    view_->paint(
        {.title = title_,
         .phase = demo_->narrator().time_text(now) + "  " + std::string(demo_->phase_text()),
         .fleet = demo_->narrator().fleet(now)},
        runtime::terminal_size(runtime::Stream::kOut));
    executor_.after(std::chrono::duration_cast<base::Duration>(kRepaint * arguments_.speed),
                    [this] { repaint(); });
  }

  void tell(const std::string& line) {
    if (view_) {
      view_->remember(line);
    } else {
      print(line + "\n");
    }
  }

  void complain(std::string_view text) {
    if (view_) {
      view_->remember(std::string(base::trim(text)));
    } else {
      runtime::write_text(runtime::Stream::kErr, text);
    }
  }

  Result<void> serve() {
    const Address address = TRY(parse_address(arguments_.listen));
    server_ = TRY(runtime::HttpServer::start(executor_,
                                             {.host = address.host, .port = address.port},
                                             demo_->sandbox().rest().handler()));
    TRY_VOID(runtime::write_file(
        arguments_.kubeconfig, sim::api::make_kubeconfig(server_->url()), 0600));
    print(
        fmt::format("API server on {}; in another terminal:\n\n"
                    "  export KUBECONFIG={}\n"
                    "  kubectl scale deployment inflate --replicas=5\n"
                    "  kubectl get nodeclaims,nodes,pods --watch\n\n"
                    "Ages that kubectl computes by your clock are off unless --speed is 1.\n"
                    "Ctrl-C ends it.\n\n",
                    server_->url(),
                    absolute(arguments_.kubeconfig)));
    return {};
  }

  static std::string absolute(const std::string& path) {
    return path.starts_with('/') ? path : runtime::current_directory() + "/" + path;
  }

  void stop(bool is_success) {
    is_success_ = is_success;
    executor_.stop();
  }

  const DemoArguments& arguments_;
  runtime::RealExecutor executor_;
  std::unique_ptr<LiveView> view_;  // Null: lines.
  std::string title_;
  std::unique_ptr<runtime::LogSink> log_;
  std::unique_ptr<Demo> demo_;
  std::unique_ptr<runtime::HttpServer> server_;
  bool is_success_ = false;
};

}  // namespace

int demo_command(const DemoArguments& arguments) {
  const Result<bool> result = Session(arguments).run();
  if (!result) {
    runtime::complain(result.error().detail);
    return kExitUsage;
  }
  return *result ? kExitOk : kExitFailed;
}

}  // namespace app
