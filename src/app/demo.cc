#include "app/demo.h"

#include <utility>

#include <fmt/format.h>

#include "app/last_applied.h"
#include "k8s/kinds.h"
#include "k8s/time.h"

namespace app {
namespace {

constexpr k8s::DurationNs kTick = k8s::kSecond / 2;
// How long nothing may happen before a cluster counts as settled: 45 s, in ticks, because the clock
// also runs while a busy machine lets nothing happen.
constexpr int kQuietTicks = 90;
// While pods wait, something may still be on its way: 10 minutes.
constexpr int kStuckTicks = 1200;
// How long a phase may take.
constexpr k8s::DurationNs kPatience = 1800 * k8s::kSecond;
constexpr k8s::DurationNs kHold = 20 * k8s::kSecond;
constexpr std::int64_t kExampleReplicas = 5;

}  // namespace

base::Result<std::unique_ptr<Demo>> Demo::create(runtime::Executor& executor,
                                                 runtime::LogSink& log,
                                                 Options options,
                                                 Narrator::Say say,
                                                 Finished finished) {
  auto sandbox = TRY(sim::Sandbox::create(
      executor, {.region = options.region, .seed = options.seed, .faults = options.faults}));
  return std::unique_ptr<Demo>(new Demo(
      executor, log, std::move(options), std::move(sandbox), std::move(say), std::move(finished)));
}

Demo::Demo(runtime::Executor& executor,
           runtime::LogSink& log,
           Options options,
           std::unique_ptr<sim::Sandbox> sandbox,
           Narrator::Say say,
           Finished finished)
    : executor_(executor),
      log_(log),
      options_(std::move(options)),
      sandbox_(std::move(sandbox)),
      narrator_(base::to_unix_ns(executor.clock().wall()), std::move(say)),
      finished_(std::move(finished)) {
  narrator_.set_catalogue(sandbox_->catalogue());
}

k8s::TimeNs Demo::now() const {
  return base::to_unix_ns(executor_.clock().wall());
}

base::Result<void> Demo::start() {
  for (const k8s::Kind kind :
       {k8s::Kind::kNodeClaim, k8s::Kind::kNode, k8s::Kind::kPod, k8s::Kind::kEvent}) {
    sandbox_->kube().subscribe(kind, [this](const k8s::ObjectEvent& event) {
      quiet_ticks_ = 0;
      narrator_.on_event(event, now());
    });
  }
  for (const InputObject& entry : options_.input.objects) {
    const bool is_namespaced = entry.object && k8s::facts(entry.object->kind).is_namespaced;
    auto applied = sandbox_->apply(with_last_applied(entry.json, is_namespaced ? "default" : ""));
    if (!applied) {
      return base::fail(
          base::with_context(applied.error(), fmt::format("{}:{}", entry.file, entry.line)));
    }
    if (!entry.object) {
      continue;
    }
    narrator_.note(
        fmt::format("{} {} applied", k8s::kind_name(entry.object->kind), entry.object->meta.name),
        now());
    if (entry.object->kind == k8s::Kind::kDeployment && workload_.name.empty()) {
      workload_ = {entry.object->kind, entry.object->meta.namespace_, entry.object->meta.name};
    }
  }
  start_controllers();
  phase_began_ = now();
  executor_.after(base::Duration(kTick), [this] { tick(); });
  return {};
}

void Demo::start_controllers() {
  kube_ = sandbox_->controller_kube();
  controllers_ = std::make_unique<control::Controllers>(
      control::Dependencies{.executor = executor_,
                            .api = *kube_,
                            .cloud = sandbox_->cloud(),
                            .resolver = &sandbox_->cloud(),
                            .catalogue = sandbox_->catalogue_source(),
                            .log = log_,
                            .rng = runtime::Rng(options_.seed).split("control")},
      control::Config{.plan = {.packing = options_.packing, .schema = sandbox_->schema()}});
  controllers_->start();
}

std::string_view Demo::phase_text() const {
  switch (phase_) {
    case Phase::kStarting:
      return "the cluster starts";
    case Phase::kGrowing:
    case Phase::kHolding:
      if (narrator_.waiting_pods() > 0) {
        return "pods wait for nodes";
      }
      return options_.serves ? "serving, Ctrl-C ends it" : "all pods have a node";
    case Phase::kShrinking:
      return "scaled to zero, nodes are being removed";
    case Phase::kDone:
      return "done";
  }
  return "";
}

void Demo::tick() {
  ++quiet_ticks_;
  ++phase_ticks_;
  narrator_.flush(now());
  advance();
  if (phase_ != Phase::kDone) {
    executor_.after(base::Duration(kTick), [this] { tick(); });
  }
}

bool Demo::is_settled() const {
  return narrator_.waiting_pods() == 0 ? quiet_ticks_ > kQuietTicks : phase_ticks_ > kStuckTicks;
}

void Demo::advance() {
  const k8s::DurationNs elapsed = now() - phase_began_;
  const Phase before = phase_;
  switch (phase_) {
    case Phase::kStarting:
      if (elapsed > 5 * k8s::kSecond) {
        if (options_.plays_example) {
          scale(kExampleReplicas);
        }
        phase_ = Phase::kGrowing;
      }
      break;
    case Phase::kGrowing:
      if (options_.plays_example ? narrator_.running_pods() >= kExampleReplicas : is_settled()) {
        phase_ = Phase::kHolding;
      }
      break;
    case Phase::kHolding:
      if (elapsed > kHold && !options_.serves) {
        if (!options_.plays_example) {
          finish(narrator_.waiting_pods() == 0);
          return;
        }
        scale(0);
        phase_ = Phase::kShrinking;
      }
      break;
    case Phase::kShrinking:
      if (narrator_.claims() == 0 && narrator_.nodes() == 0 && narrator_.running_pods() == 0) {
        finish(true);
        return;
      }
      break;
    case Phase::kDone:
      return;
  }
  if (phase_ != before) {
    phase_began_ = now();
    phase_ticks_ = 0;
  } else if (elapsed > kPatience && !options_.serves) {
    narrator_.note("gave up waiting", now());
    finish(false);
  }
}

void Demo::scale(std::int64_t replicas) {
  narrator_.note(fmt::format("Deployment {} scaled to {}", workload_.name, replicas), now());
  sandbox_->kube().write({.verb = k8s::Verb::kMergePatch,
                          .key = workload_,
                          .body = fmt::format(R"({{"spec":{{"replicas":{}}}}})", replicas)},
                         [](const base::Result<k8s::ObjectPtr>&) {});
}

void Demo::finish(bool is_success) {
  phase_ = Phase::kDone;
  finished_(is_success);
}

}  // namespace app
