// Keeps one kind in view: lists in pages, then watches for ever, and tells the difference as events
// (k8s/kube_api.h, subscribe).
//
// - A watch that ends is resumed from the last version seen, bookmarks included; a version that the
//   server has forgotten (410) leads to a new list, of which only the differences are told.
// - Failures are followed by a pause that doubles from 0.8 s to 30 s, with jitter.
// - A watch without a byte for longer than the server was asked to keep it open is given up.
// - An object that cannot be decoded is reported and left out; everything else goes on.
//
// Memory: one object of a list is under way at a time; of what was told a few words are kept
// (kube/known_object.h). Thread rule: the loop.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "kube/known_object.h"
#include "kube/transport.h"

#include "k8s/kube_api.h"
#include "k8s/watch_reader.h"
#include "runtime/rng.h"

namespace kube {

// What went wrong, and when it is over: for one clear line in the log.
struct WatchTrouble {
  k8s::Kind kind;
  // Null: all is well again.
  const base::Error* error = nullptr;
  runtime::Duration pause{};  // Until the next attempt.
};

class Watcher {
 public:
  using Report = std::function<void(const WatchTrouble&)>;

  struct Options {
    k8s::Kind kind;
    std::size_t page_size = 500;
    runtime::Duration watch_time = std::chrono::minutes(5);  // At least; up to twice as long.
  };

  // Borrows the executor and the transport.
  Watcher(runtime::Executor& executor,
          Transport& transport,
          runtime::Rng rng,
          Options options,
          k8s::KubeApi::Sink sink,
          Report report);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void start();

 private:
  using Known = std::unordered_map<std::string, KnownObject>;

  void list_page(const std::string& continue_token);
  void finish_page(k8s::ListReader& reader, base::Result<runtime::HttpResponse> answer);
  void finish_list();
  void take_listed(const k8s::ObjectPtr& object);
  void watch();
  void finish_watch(const base::Result<runtime::HttpResponse>& answer);
  void take_event(const k8s::WatchEvent& event);
  void relist();
  void note_success();
  void fail(const base::Error& error);
  void tell(k8s::EventOp op, const k8s::ObjectPtr& object);
  void report_unreadable(const base::Error& error);
  template <typename F>
  auto guard(F callback) const;

  runtime::Executor& executor_;
  Transport& transport_;
  runtime::Rng rng_;
  Options options_;
  k8s::KubeApi::Sink sink_;
  Report report_;
  Known known_;          // Told so far, and not yet seen again while a list is under way.
  Known listed_;         // Seen in the list under way.
  std::string version_;  // Empty: a list is needed.
  int failures_ = 0;
  bool is_synced_ = false;
  std::uint64_t round_ = 0;  // Of the list or watch under way; callbacks of older ones are void.
  Transport::ExchangePtr exchange_;
  base::Result<void> stream_;           // What is wrong with the body under way.
  std::optional<base::Error> refusal_;  // The watch told us that it ends, and why.
  bool has_events_ = false;             // In the watch under way.
  runtime::Instant began_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kube
