#include "kube/credentials.h"

#include <utility>

namespace kube {

namespace {

constexpr base::Duration kShortestPause = std::chrono::seconds(2);

}  // namespace

Credentials::Credentials(runtime::Executor& executor, Load load)
    : executor_(executor), load_(std::move(load)) {}

Credentials::~Credentials() {
  *alive_ = false;
}

void Credentials::get(Done done) {
  if (current_ != nullptr && executor_.clock().wall() < current_->refresh_at) {
    executor_.post([done = std::move(done), identity = current_] { done(identity); });
    return;
  }
  waiting_.push_back(std::move(done));
  if (!std::exchange(is_loading_, true)) {
    reload_in_time();
  }
}

void Credentials::reject(const IdentityPtr& identity) {
  if (current_ == identity) {
    current_ = nullptr;
  }
}

void Credentials::reload_in_time() {
  const base::Instant now = executor_.clock().now();
  const base::Duration wait = loaded_at_ ? *loaded_at_ + kShortestPause - now : base::Duration(0);
  if (wait <= base::Duration(0)) {
    return reload();
  }
  executor_.after(wait, [this, alive = alive_] {
    if (*alive) {
      reload();
    }
  });
}

void Credentials::reload() {
  runtime::run_blocking<base::Result<IdentityPtr>>(
      executor_,
      [load = load_, now = executor_.clock().wall()] { return load(now); },
      [this, alive = alive_](base::Result<IdentityPtr> loaded) {
        if (*alive) {
          finish(std::move(loaded));
        }
      });
}

void Credentials::finish(base::Result<IdentityPtr> loaded) {
  const std::shared_ptr<bool> alive = alive_;  // A callback may destroy us.
  is_loading_ = false;
  loaded_at_ = executor_.clock().now();
  if (loaded) {
    current_ = *loaded;
  } else if (current_ != nullptr) {
    loaded = current_;
  }
  for (const Done& done : std::exchange(waiting_, {})) {
    done(loaded);
    if (!*alive) {
      return;
    }
  }
}

}  // namespace kube
