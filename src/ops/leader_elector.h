// Leader election over the API server: reads the lease every two seconds, writes what the rules
// decide, and tells when we lead and when we no longer do (OPR-44 to OPR-48).
//
//   LeaderElector elector(api, executor, rng, log, {.identity = ..., .namespace_ = "kube-system"});
//   elector.on_started = [&] { controllers.start(); };
//   elector.on_lost = [&](const std::string& why) { exit_with(why); };
//   elector.start();
//   elector.release([&] { executor.stop(); });      // At the end.
//
// Use a KubeApi of its own, so that a busy client cannot cost the lease (OPR-45).
// Thread rule: the loop. Ownership: borrows the api and the executor; callbacks may destroy neither
// of them, nor the elector, before they return.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ops/leader_election.h"

#include "k8s/kube_api.h"
#include "runtime/executor.h"
#include "runtime/log.h"
#include "runtime/rng.h"

namespace ops {

class LeaderElector {
 public:
  LeaderElector(k8s::KubeApi& api,
                runtime::Executor& executor,
                runtime::Rng rng,
                runtime::Logger log,
                LeaseTerms terms);
  ~LeaderElector();
  LeaderElector(const LeaderElector&) = delete;
  LeaderElector& operator=(const LeaderElector&) = delete;

  // At most once each. After on_lost nothing more happens.
  std::function<void()> on_started;
  std::function<void(const std::string& why)> on_lost;
  // What to do about an error, for the log.
  std::function<std::string(const base::Error& error)> advise;

  void start();

  bool is_leading() const { return rules_.is_leading(); }

  const LeaseRules& rules() const { return rules_; }

  // Stops, and gives the lease away if it is ours. `done` is called in any case, after
  // three seconds at the latest.
  void release(std::function<void()> done);

 private:
  void attempt();
  void on_read(std::uint64_t attempt, const base::Result<k8s::ObjectPtr>& answer);
  void write(std::uint64_t attempt, const LeaseMove& move);
  void on_written(const k8s::Lease& lease, base::Instant sent);
  void finish(std::uint64_t attempt);
  void complain(const base::Error& error);
  void schedule(base::Duration delay);
  void watch_deadline();
  void lose(const std::string& why);
  void record_event(std::string_view what);

  template <typename T>
  auto guarded(T callback) {
    return [alive = alive_, callback = std::move(callback)](const auto&... arguments) {
      if (*alive) {
        callback(arguments...);
      }
    };
  }

  k8s::KubeApi& api_;
  runtime::Executor& executor_;
  runtime::Rng rng_;
  runtime::Logger log_;
  LeaseRules rules_;
  std::uint64_t attempt_ = 0;  // Answers to an older one are too late.
  base::Instant started_;      // When the attempt began.
  bool has_led_ = false;
  bool must_read_ = true;  // Somebody else has written the lease, or may have.
  bool is_stopped_ = false;
  std::string last_error_;
  std::string last_holder_;
  runtime::TimerId timer_ = runtime::TimerId::kNone;
  runtime::TimerId deadline_timer_ = runtime::TimerId::kNone;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// "<host name>_<uuid>" (OPR-44, OPR-127).
std::string lease_identity(std::string_view host_name, runtime::Rng& rng);

}  // namespace ops
