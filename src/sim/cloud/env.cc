#include "sim/cloud/env.h"

namespace sim {

Env::Env(runtime::Executor& executor, std::uint64_t seed) : executor_(executor), rng_(seed) {}

k8s::TimeNs Env::now() const {
  return base::to_unix_ns(executor_.clock().wall());
}

void Env::post(Task task) {
  executor_.post(guard(std::move(task)));
}

void Env::after(k8s::DurationNs delay, Task task) {
  executor_.after(base::Duration(delay), guard(std::move(task)));
}

k8s::DurationNs Env::between(k8s::DurationNs low, k8s::DurationNs high) {
  return rng_.between(low, high);
}

std::string Env::suffix(std::size_t length) {
  return runtime::make_name_suffix(rng_, length);
}

}  // namespace sim
