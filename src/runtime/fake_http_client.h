// An HttpClient without a network: a function answers each request. For tests and simulations.
//
//   FakeHttpClient client(executor, [](const HttpRequest& request) {
//     return HttpResponse{.status = 200, .body = "{}"};
//   });
//
// Streams deliver the body as one chunk and then end, unless they are held open: see hold_streams.
// Thread rule: as HttpClient.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/http_client.h"

namespace runtime {

class FakeHttpClient final : public HttpClient {
 public:
  using Answer = std::function<base::Result<HttpResponse>(const HttpRequest&)>;

  FakeHttpClient(Executor& executor, Answer answer);
  ~FakeHttpClient() override;

  HttpCallId send(HttpRequest request, Done done) override;
  HttpCallId stream(HttpRequest request, OnChunk on_chunk, Done done) override;
  void cancel(HttpCallId call) override;

  // Successful streams stay open after their body until end_stream().
  void hold_streams(bool hold) { hold_streams_ = hold; }

  // Bytes for an open stream; ignored when it is gone.
  void push_chunk(HttpCallId call, std::string bytes);
  void end_stream(HttpCallId call, base::Result<HttpResponse> end);

  const std::vector<HttpRequest>& requests() const { return requests_; }

  std::size_t open_calls() const;

 private:
  struct State;

  HttpCallId start(HttpRequest request, OnChunk on_chunk, Done done);

  Executor& executor_;
  Answer answer_;
  bool hold_streams_ = false;
  std::vector<HttpRequest> requests_;
  // Shared with posted tasks, which may outlive the client.
  std::shared_ptr<State> state_;
};

}  // namespace runtime
