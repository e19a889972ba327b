// The KubeApi over HTTP: a real API server (k8s/kube_api.h).
//
//   auto http = runtime::make_curl_http_client(executor, {.user_agent = "karpenter/1.14"});
//   Client api(executor, *http, TRY(load_access(environment, {})), {.log = sink, .rng = rng});
//   api.subscribe(Kind::kPod, sink);
//
// Rate limits, identity and retries: kube/transport.h. Watches: kube/watcher.h. What goes wrong
// with a watch is said once in the log, and again each minute while it lasts.
// Thread rule: the loop. Borrows the executor, the HTTP client and the log.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kube/transport.h"
#include "kube/watcher.h"

#include "k8s/kube_api.h"
#include "runtime/log.h"
#include "runtime/rng.h"

namespace kube {

struct ClientOptions {
  runtime::LogSink& log;
  runtime::Rng rng;
  Transport::Options limits = {};
  std::size_t page_size = 500;
};

class Client final : public k8s::KubeApi {
 public:
  Client(runtime::Executor& executor,
         runtime::HttpClient& http,
         Access access,
         ClientOptions options);
  ~Client() override;

  void subscribe(k8s::Kind kind, Sink sink) override;
  void get(const k8s::ObjectKey& key, ReadDone done) override;
  void list(k8s::Kind kind, ListDone done) override;
  void write(k8s::WriteRequest request, WriteDone done) override;

  // For what is not in the port: /version, probes.
  Transport& transport() { return transport_; }

 private:
  struct Listing;

  void list_page(const std::shared_ptr<Listing>& listing, const std::string& continue_token);
  void report(const WatchTrouble& trouble);

  // The last word about a topic, to say it once. A server that is away, or that does not know us,
  // is one topic for all kinds.
  struct Said {
    std::string text;
    runtime::Instant at{};
  };

  static std::string topic_of(const WatchTrouble& trouble);

  runtime::Executor& executor_;
  ClientOptions options_;
  runtime::Logger log_;
  Transport transport_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::map<std::string, Said> said_;  // By topic.
};

}  // namespace kube
