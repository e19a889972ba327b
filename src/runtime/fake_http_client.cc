#include "runtime/fake_http_client.h"

#include <utility>

namespace runtime {

struct FakeHttpClient::State {
  struct Call {
    OnChunk on_chunk;
    Done done;
  };

  std::map<HttpCallId, std::shared_ptr<Call>> calls;
  std::uint64_t next_id = 1;

  // Ends the call first: the callback may start or cancel others.
  void finish(HttpCallId id, base::Result<HttpResponse> answer) {
    if (const auto node = calls.extract(id)) {
      node.mapped()->done(std::move(answer));
    }
  }

  void deliver(HttpCallId id, const std::string& bytes) {
    const auto it = calls.find(id);
    if (it != calls.end() && it->second->on_chunk) {
      const std::shared_ptr<Call> call = it->second;  // Survives a cancel from within.
      call->on_chunk(bytes);
    }
  }
};

FakeHttpClient::FakeHttpClient(Executor& executor, Answer answer)
    : executor_(executor), answer_(std::move(answer)), state_(std::make_shared<State>()) {}

FakeHttpClient::~FakeHttpClient() {
  state_->calls.clear();
}

HttpCallId FakeHttpClient::send(HttpRequest request, Done done) {
  return start(std::move(request), {}, std::move(done));
}

HttpCallId FakeHttpClient::stream(HttpRequest request, OnChunk on_chunk, Done done) {
  return start(std::move(request), std::move(on_chunk), std::move(done));
}

void FakeHttpClient::cancel(HttpCallId call) {
  state_->calls.erase(call);
}

void FakeHttpClient::push_chunk(HttpCallId call, std::string bytes) {
  executor_.post([state = state_, call, bytes = std::move(bytes)] { state->deliver(call, bytes); });
}

void FakeHttpClient::end_stream(HttpCallId call, base::Result<HttpResponse> end) {
  executor_.post([state = state_, call, end = std::move(end)]() mutable {
    state->finish(call, std::move(end));
  });
}

std::size_t FakeHttpClient::open_calls() const {
  return state_->calls.size();
}

HttpCallId FakeHttpClient::start(HttpRequest request, OnChunk on_chunk, Done done) {
  const HttpCallId id{state_->next_id++};
  const bool is_stream = static_cast<bool>(on_chunk);
  state_->calls.emplace(
      id, std::make_shared<State::Call>(State::Call{std::move(on_chunk), std::move(done)}));
  base::Result<HttpResponse> answer = answer_(request);
  requests_.push_back(std::move(request));
  if (!is_stream || !answer || !answer->is_success()) {
    end_stream(id, std::move(answer));
    return id;
  }
  push_chunk(id, std::exchange(answer->body, {}));
  if (!hold_streams_) {
    end_stream(id, std::move(answer));
  }
  return id;
}

}  // namespace runtime
