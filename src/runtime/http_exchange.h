// One request and its answer inside the HTTP server: the responder that handlers hold, and the wire
// text of answers. Internal to the server; nothing here knows sockets.
//
// Thread rule: Exchange lives on the loop, Wire and ExchangeFlags are shared with the network
// thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/http_server.h"

namespace runtime {

// The connection as an exchange sees it. Any thread.
class Wire {
 public:
  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;

  virtual void send_bytes(std::string bytes, bool is_last) = 0;
  virtual void abort() = 0;
};

struct ExchangeFlags {
  std::atomic<bool> is_gone = false;
  std::atomic<std::size_t> backlog = 0;  // Bytes handed over and not yet given to the socket.
};

// What the request asks of the form of its answer.
struct AnswerForm {
  bool is_head = false;    // Headers only.
  bool is_chunked = true;  // False for HTTP/1.0: a stream ends with the connection.
  bool keeps_alive = true;
};

class Exchange final : public HttpResponder {
 public:
  Exchange(std::shared_ptr<Wire> wire,
           std::shared_ptr<ExchangeFlags> flags,
           AnswerForm form,
           std::size_t max_backlog);
  ~Exchange() override;

  void send(HttpResponse response) override;
  void begin_stream(int status, HttpHeaders headers) override;
  bool write(std::string chunk) override;
  void close() override;
  void on_disconnect(Task callback) override;
  bool is_open() const override;

  // On the loop, when the connection is gone.
  void disconnect();

 private:
  enum class Phase : std::uint8_t { kWaiting, kStreaming, kDone };

  void pass_on(std::string bytes, bool is_last);

  std::shared_ptr<Wire> wire_;
  std::shared_ptr<ExchangeFlags> flags_;
  AnswerForm form_;
  std::size_t max_backlog_;
  Phase phase_ = Phase::kWaiting;
  Task on_disconnect_;
};

// A whole answer as it goes over the wire.
std::string answer_text(const HttpResponse& response, const AnswerForm& form);

}  // namespace runtime
