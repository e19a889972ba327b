// An HttpClient whose other end is a RestServer in the same process: the real Kubernetes client
// against the embedded API server in virtual time, without sockets.
//
//   RestClient http(cluster.rest, cluster.executor);
//   kube::Client api(cluster.executor, http, access, options);
//   http.tamper = [](std::string& chunk) { chunk.resize(chunk.size() / 2); return Tamper::kCut; };
//
// Thread rule: as HttpClient.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/http_client.h"
#include "sim/apiserver/rest.h"

namespace sim::api {

class RestClient final : public runtime::HttpClient {
 public:
  RestClient(RestServer& rest, runtime::Executor& executor);
  ~RestClient() override;

  runtime::HttpCallId send(runtime::HttpRequest request, Done done) override;
  runtime::HttpCallId stream(runtime::HttpRequest request, OnChunk on_chunk, Done done) override;
  void cancel(runtime::HttpCallId call) override;

  // Answers instead of the server when it returns something.
  std::function<std::optional<base::Result<runtime::HttpResponse>>(const runtime::HttpRequest&)>
      intercept;
  // Sees each request that reaches the server.
  std::function<void(const runtime::HttpRequest&)> on_request;

  // Sends the next `bytes` bytes of each open stream, then breaks it.
  void break_streams_after(std::size_t bytes);

  const std::vector<std::string>& targets() const { return targets_; }

 private:
  struct Exchange;
  class Responder;

  runtime::HttpCallId start(runtime::HttpRequest request, OnChunk on_chunk, Done done);

  RestServer& rest_;
  runtime::Executor& executor_;
  std::map<runtime::HttpCallId, std::shared_ptr<Exchange>> calls_;
  std::uint64_t next_id_ = 1;
  std::vector<std::string> targets_;
};

}  // namespace sim::api
