#include "sim/harness/rig.h"

#include <utility>

#include "base/assert.h"
#include "base/hash.h"
#include "base/text.h"

namespace sim {

Rig::Rig(RigOptions options)
    : options_(std::move(options)),
      executor_({.seed = options_.seed}),
      rng_(runtime::Rng(options_.seed).split("rig")),
      crashes_(rng_.split("crashes")) {
  auto sandbox = Sandbox::create(executor_, {.seed = options_.seed, .faults = options_.faults});
  ASSERT(sandbox.has_value());
  sandbox_ = std::move(*sandbox);
  options_.config.plan.schema = sandbox_->schema();
  crash();
}

void Rig::apply(std::string_view json) {
  if (const auto applied = sandbox_->apply(json); !applied) {
    problem("refused: " + applied.error().detail);
  }
}

void Rig::patch(const k8s::ObjectKey& key, std::string body, std::string subresource) {
  sandbox_->kube().write({.verb = k8s::Verb::kMergePatch,
                          .key = key,
                          .subresource = std::move(subresource),
                          .body = std::move(body)},
                         [](const base::Result<k8s::ObjectPtr>&) {});
}

void Rig::remove(const k8s::ObjectKey& key) {
  sandbox_->kube().write({.verb = k8s::Verb::kDelete, .key = key},
                         [](const base::Result<k8s::ObjectPtr>&) {});
}

void Rig::stop_faults() {
  options_.restarts = 0;
  sandbox_->faults().stop();
}

// Loses everything in memory; what counts is in the API.
void Rig::crash() {
  controllers_.reset();
  kube_ = sandbox_->controller_kube();
  controllers_ = std::make_unique<control::Controllers>(
      control::Dependencies{
          .executor = executor_,
          .api = *kube_,
          .cloud = sandbox_->cloud(),
          .resolver = &sandbox_->cloud(),
          .catalogue = sandbox_->catalogue_source(),
          .log = log_,
          .rng = rng_.split(base::concat("life ", restarts_)),
          .effect_log = [this](k8s::TimeNs time, std::string_view line) { record(time, line); }},
      options_.config);
  controllers_->start();
  ++restarts_;
}

// The crash comes between this effect and whatever was to follow it.
void Rig::record(k8s::TimeNs time, std::string_view line) {
  if (line.find(": event ") == std::string_view::npos) {
    ++effects_;
    last_effect_ = line;
  }
  digest_ = base::hash64(base::concat(digest_, " ", time, " ", line));
  if (options_.restarts > 0 && !crash_is_due_ && crashes_.chance(options_.restarts)) {
    crash_is_due_ = true;
    executor_.post([this] {
      crash_is_due_ = false;
      crash();
    });
  }
}

void Rig::problem(std::string text) {
  constexpr std::size_t kMost = 10;
  if (problems_.size() < kMost) {
    problems_.push_back(base::concat(
        "after ", executor_.now().time_since_epoch() / std::chrono::seconds(1), " s: ", text));
  }
}

}  // namespace sim
