#include "runtime/http_exchange.h"

#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/text.h"

namespace runtime {

namespace {

// A line break inside a header would let its value write further headers.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::erase_if(line, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return line;
}

std::string head_text(int status, const HttpHeaders& headers, const AnswerForm& form) {
  std::string text = base::concat("HTTP/1.1 ", status, " ", status_text(status), "\r\n");
  for (const auto& [name, value] : headers) {
    text += base::concat(one_line(name), ": ", one_line(value), "\r\n");
  }
  if (!form.keeps_alive) {
    text += "Connection: close\r\n";
  }
  return text;
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string hex(std::size_t number) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kHex[number & 0xfU]);
    number >>= 4U;
  } while (number != 0);
  return text;
}

}  // namespace

std::string answer_text(const HttpResponse& response, const AnswerForm& form) {
  std::string text = head_text(response.status, response.headers, form);
  if (has_body(response.status)) {
    text += base::concat("Content-Length: ", response.body.size(), "\r\n");
  }
  text += "\r\n";
  if (has_body(response.status) && !form.is_head) {
    text += response.body;
  }
  return text;
}

Exchange::Exchange(std::shared_ptr<Wire> wire,
                   std::shared_ptr<ExchangeFlags> flags,
                   AnswerForm form,
                   std::size_t max_backlog)
    : wire_(std::move(wire)), flags_(std::move(flags)), form_(form), max_backlog_(max_backlog) {}

Exchange::~Exchange() {
  if (phase_ == Phase::kWaiting) {
    send({.status = 500, .headers = {}, .body = {}});
  } else {
    close();
  }
}

void Exchange::send(HttpResponse response) {
  ASSERT(phase_ == Phase::kWaiting);
  phase_ = Phase::kDone;
  on_disconnect_ = nullptr;
  pass_on(answer_text(response, form_), true);
}

void Exchange::begin_stream(int status, HttpHeaders headers) {
  ASSERT(phase_ == Phase::kWaiting);
  phase_ = Phase::kStreaming;
  if (form_.is_chunked) {
    headers.emplace_back("Transfer-Encoding", "chunked");
  }
  pass_on(head_text(status, headers, form_) + "\r\n", false);
}

bool Exchange::write(std::string chunk) {
  if (phase_ != Phase::kStreaming || flags_->is_gone) {
    return false;
  }
  if (chunk.empty() || form_.is_head) {
    return true;
  }
  if (flags_->backlog + chunk.size() > max_backlog_) {
    // A client that does not read must not hold our memory.
    flags_->is_gone = true;
    wire_->abort();
    return false;
  }
  if (form_.is_chunked) {
    chunk = base::concat(hex(chunk.size()), "\r\n", chunk, "\r\n");
  }
  pass_on(std::move(chunk), false);
  return true;
}

void Exchange::close() {
  if (phase_ != Phase::kStreaming) {
    return;
  }
  phase_ = Phase::kDone;
  on_disconnect_ = nullptr;
  pass_on(form_.is_chunked && !form_.is_head ? "0\r\n\r\n" : "", true);
}

void Exchange::on_disconnect(Task callback) {
  on_disconnect_ = std::move(callback);
}

bool Exchange::is_open() const {
  return phase_ != Phase::kDone && !flags_->is_gone;
}

void Exchange::disconnect() {
  if (phase_ == Phase::kDone) {
    return;
  }
  if (Task callback = std::exchange(on_disconnect_, nullptr)) {
    callback();
  }
}

void Exchange::pass_on(std::string bytes, bool is_last) {
  if (!flags_->is_gone) {
    flags_->backlog += bytes.size();
    wire_->send_bytes(std::move(bytes), is_last);
  }
}

}  // namespace runtime
