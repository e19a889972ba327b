// What the parts of the embedded cluster and cloud get of the outside: time, chance, and later.
// Tasks and guarded callbacks of an Env die with it, so a part that owns its Env may be destroyed
// while its timers are still pending.
//
//   Env env(executor, seed);
//   env.after(seconds(2), [this] { join(); });
//
// Thread rule: loop thread. Owns its Rng: each part draws from its own stream, so that one part's
// dice do not depend on how often another throws.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "k8s/meta.h"
#include "k8s/time.h"
#include "runtime/executor.h"
#include "runtime/rng.h"

namespace sim {

using k8s::kMillisecond;
using k8s::kMinute;
using k8s::kSecond;

constexpr k8s::DurationNs seconds(std::int64_t n) {
  return n * kSecond;
}

class Env {
 public:
  using Task = std::function<void()>;

  // The executor is borrowed and outlives the Env.
  Env(runtime::Executor& executor, std::uint64_t seed);

  // Wall time.
  k8s::TimeNs now() const;
  void post(Task task);
  void after(k8s::DurationNs delay, Task task);

  runtime::Rng& rng() { return rng_; }

  // Uniform in [low, high].
  k8s::DurationNs between(k8s::DurationNs low, k8s::DurationNs high);
  // `length` characters of the alphabet that Kubernetes uses for generated names.
  std::string suffix(std::size_t length);

  // The callback, made harmless once this Env is gone.
  template <typename F>
  auto guard(F callback) const {
    return
        [alive = std::weak_ptr<const int>(alive_), callback = std::move(callback)](auto&&... args) {
          if (!alive.expired()) {
            callback(std::forward<decltype(args)>(args)...);
          }
        };
  }

 private:
  runtime::Executor& executor_;
  runtime::Rng rng_;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

}  // namespace sim
