// The identity that requests carry now, made anew in the background when its time is up or the
// server refuses it. One reload at a time, however many wait for it.
//
//   credentials.get([](base::Result<IdentityPtr> identity) { ... });
//   credentials.reject(identity);   // 401: the next get() makes another one.
//
// Reloads are at least two seconds apart: plugins are programs, and a server may refuse everything.
// While a reload fails, an identity that the server has not refused goes on being used: a token
// file that is away for a moment stops nobody.
// Thread rule: the loop; callbacks come on the loop, never inside the call.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "kube/identity.h"

#include "runtime/executor.h"

namespace kube {

class Credentials {
 public:
  using Done = std::function<void(base::Result<IdentityPtr>)>;
  using Load = std::function<base::Result<IdentityPtr>(base::WallTime now)>;

  // `load` runs on a blocking thread.
  Credentials(runtime::Executor& executor, Load load);
  ~Credentials();
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;

  void get(Done done);
  void reject(const IdentityPtr& identity);

 private:
  void reload_in_time();
  void reload();
  void finish(base::Result<IdentityPtr> loaded);

  runtime::Executor& executor_;
  Load load_;
  IdentityPtr current_;  // Null: none yet, or refused.
  std::vector<Done> waiting_;
  bool is_loading_ = false;
  std::optional<base::Instant> loaded_at_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kube
