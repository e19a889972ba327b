// The embedded cluster as a k8s::KubeApi: the controller under test or demonstration talks to the
// Registry through the same port as to a real cluster. Objects are shared, decoded once per
// version. Faults come from a plan that is asked at each call; without one nothing goes wrong.
//
//   SimKube kube(registry, executor);
//   kube.subscribe(Kind::kPod, sink);
//
// Order: within one kind, events arrive in the order of their versions; between kinds there is no
// order once delays differ. Answers come no earlier than the next turn of the loop.
// Thread rule: loop thread only. Ownership: borrows the Registry, the Executor and the faults;
// callbacks that are pending when it is destroyed are dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "k8s/kube_api.h"
#include "runtime/executor.h"
#include "sim/apiserver/registry.h"

namespace sim::api {

// What goes wrong with one call.
struct CallFault {
  runtime::Duration delay{0};         // Before the call reaches the server.
  runtime::Duration answer_delay{0};  // Before the answer reaches the caller.
  std::optional<base::Error> refuse;  // The server answers this and does nothing.
  bool lose_answer = false;           // Done, but the caller is told kTimeout.
};

// Asked once per call or event. Implementations draw from their own Rng.
class KubeFaults {
 public:
  KubeFaults() = default;
  KubeFaults(const KubeFaults&) = delete;
  KubeFaults& operator=(const KubeFaults&) = delete;
  virtual ~KubeFaults() = default;

  virtual CallFault on_write(const k8s::WriteRequest& request) = 0;
  virtual CallFault on_read(k8s::Kind kind) = 0;
  // How long an event of the kind travels.
  virtual runtime::Duration watch_delay(k8s::Kind kind) = 0;
  // Asked per event: a value breaks the watch here. The event and all later ones are missed until
  // the watch is made again after that time; it then sees the difference as a relist does.
  virtual std::optional<runtime::Duration> drop_watch(k8s::Kind kind) = 0;

  // How long the first list of a subscription takes.
  virtual runtime::Duration list_delay(k8s::Kind) { return runtime::Duration(0); }
};

class SimKube : public k8s::KubeApi {
 public:
  // Trusted: WriteOptions::is_trusted.
  SimKube(Registry& registry,
          runtime::Executor& executor,
          KubeFaults* faults = nullptr,
          bool is_trusted = false);
  ~SimKube() override;
  SimKube(const SimKube&) = delete;
  SimKube& operator=(const SimKube&) = delete;

  void subscribe(k8s::Kind kind, Sink sink) override;
  void get(const k8s::ObjectKey& key, ReadDone done) override;
  void list(k8s::Kind kind, ListDone done) override;
  void write(k8s::WriteRequest request, WriteDone done) override;

  // The client has died: what it has sent still arrives, answers and events reach nobody.
  void hang_up();

  // Told of every write that the server is about to perform (checkers).
  std::function<void(const k8s::WriteRequest&)> on_arrival;

  // Counts of what was asked; part of a run's statistics.
  std::uint64_t writes() const { return writes_; }

 private:
  struct Subscription;

  CallFault read_fault(k8s::Kind kind);
  void send_initial(const std::shared_ptr<Subscription>& subscription);
  void on_change(const std::shared_ptr<Subscription>& subscription, const Change& change);
  void deliver(const std::shared_ptr<Subscription>& subscription,
               k8s::EventOp op,
               DocumentPtr document);
  void drain(const std::shared_ptr<Subscription>& subscription);
  void break_watch(const std::shared_ptr<Subscription>& subscription, runtime::Duration pause);
  void relist(const std::shared_ptr<Subscription>& subscription);
  // After the delay, unless this object is gone by then.
  void later(runtime::Duration delay, runtime::Task task);
  void perform(const k8s::WriteRequest& request, const CallFault& fault, WriteDone done);

  Registry& registry_;
  runtime::Executor& executor_;
  KubeFaults* faults_;
  bool is_trusted_;
  std::vector<std::shared_ptr<Subscription>> subscriptions_;
  std::uint64_t writes_ = 0;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
  std::shared_ptr<bool> is_connected_ = std::make_shared<bool>(true);
};

// One write, at once: the Registry's answer to a request of the port.
base::Result<DocumentPtr> perform_write(Registry& registry,
                                        const k8s::WriteRequest& request,
                                        bool is_trusted = false);

}  // namespace sim::api
