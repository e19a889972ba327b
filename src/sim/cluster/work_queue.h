// Runs one controller's reconciles: a key is queued once however often it is added, is not
// reconciled while writes made for it are under way, and comes back later with growing delays
// after a failed write.
//
//   WorkQueue queue(client, [this](const k8s::ObjectKey& key) { reconcile(key); });
//   queue.add(key);
//   queue.write(key, request);   // inside reconcile
//
// Thread rule: loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "k8s/kube_api.h"
#include "sim/cluster/mirror.h"

namespace sim {

// Writes, and lets the mirror know their answers.
class Client {
 public:
  using Done = std::function<void(const base::Result<k8s::ObjectPtr>&)>;

  Client(k8s::KubeApi& api, Mirror& mirror, Env& env) : api_(api), mirror_(mirror), env_(env) {}

  void write(k8s::WriteRequest request, Done done);
  // The live object, past the mirror.
  void get(const k8s::ObjectKey& key, Done done);

  Mirror& mirror() { return mirror_; }

  Env& env() { return env_; }

 private:
  k8s::KubeApi& api_;
  Mirror& mirror_;
  Env& env_;
};

class WorkQueue {
 public:
  using Reconcile = std::function<void(const k8s::ObjectKey&)>;
  using Done = Client::Done;

  // Who concludes from absence that something has to be made or removed waits until the mirror
  // knows everything.
  enum class Start : std::uint8_t { kAtOnce, kWhenSynced };

  WorkQueue(Client& client, Reconcile reconcile, Start start = Start::kAtOnce)
      : client_(client), reconcile_(std::move(reconcile)), start_(start) {}

  void add(const k8s::ObjectKey& key);
  void add_after(const k8s::ObjectKey& key, k8s::DurationNs delay);
  // After a tenth of a second, once however often it is called meanwhile: for events that come in
  // crowds, such as the pods of a set.
  void add_soon(const k8s::ObjectKey& key);
  // A write on behalf of the key. When the last one under way is answered the key is reconciled
  // again if it was added meanwhile, or after a delay if one has failed.
  void write(const k8s::ObjectKey& key, k8s::WriteRequest request, Done done = {});

  bool is_busy(const k8s::ObjectKey& key) const;

 private:
  struct Entry {
    int writes = 0;
    int failures = 0;  // In a row.
    bool is_queued = false;
    bool is_wanted = false;  // Added while writes were under way.
    bool has_failed = false;
  };

  void run(const k8s::ObjectKey& key);
  void finish(const k8s::ObjectKey& key, bool ok);

  Client& client_;
  Reconcile reconcile_;
  Start start_;
  std::map<k8s::ObjectKey, Entry> entries_;
  std::set<k8s::ObjectKey> soon_;
};

k8s::WriteRequest create_request(const k8s::ObjectKey& key, std::string body);
k8s::WriteRequest merge_patch(const k8s::ObjectKey& key, std::string body);
k8s::WriteRequest status_patch(const k8s::ObjectKey& key, std::string body);
k8s::WriteRequest scale_patch(const k8s::ObjectKey& key, std::int64_t replicas);
// Delete with the uid as precondition.
k8s::WriteRequest delete_request(const k8s::Object& object,
                                 std::optional<std::int64_t> grace_seconds = {});

}  // namespace sim
