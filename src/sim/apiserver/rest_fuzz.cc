// Requests to the API server: no crash, and whatever is refused is refused with a Status whose code
// is the answer's. Input: "METHOD TARGET\n", header lines, an empty line, the body.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <boost/json.hpp>

#include "base/assert.h"
#include "runtime/http.h"
#include "runtime/virtual_executor.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/rest.h"

namespace {

using sim::api::Registry;
using sim::api::Store;

class Answer final : public runtime::HttpResponder {
 public:
  void send(runtime::HttpResponse response) override {
    ASSERT(response.status >= 200 && response.status < 600);
    if (response.status >= 400) {
      const auto body = boost::json::parse(response.body).as_object();
      ASSERT(sim::api::text_at(body, "kind") == "Status");
      ASSERT(sim::api::int_at(body, "code") == response.status);
    }
  }

  void begin_stream(int status, runtime::HttpHeaders) override { ASSERT(status == 200); }

  bool write(std::string chunk) override {
    static_cast<void>(boost::json::parse(chunk));
    return true;
  }

  void close() override {}

  void on_disconnect(runtime::Task) override {}

  bool is_open() const override { return true; }
};

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view out = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return out;
}

runtime::HttpServerRequest parse(std::string_view text) {
  runtime::HttpServerRequest request;
  request.method = take_until(text, ' ');
  request.target = take_until(text, '\n');
  std::string_view target = request.target;
  request.path = take_until(target, '?');
  request.raw_query = target;
  request.query = runtime::parse_query(target);
  for (std::string_view line = take_until(text, '\n'); !line.empty();
       line = take_until(text, '\n')) {
    const std::string_view name = take_until(line, ':');
    request.headers.emplace_back(name, line);
  }
  request.body = text;
  return request;
}

// A cluster with something to read, change and delete. Copied for each input: documents are shared.
const Store& pristine(const runtime::Clock& clock) {
  static const Store store = [&clock] {
    Store fresh(64);
    Registry registry(fresh, clock, runtime::Rng(1));
    registry.bootstrap();
    const auto body = boost::json::parse(R"({"metadata":{"name":"p","labels":{"a":"b"}},
        "spec":{"containers":[{"name":"c","image":"i"}]}})");
    static_cast<void>(registry.create(
        {sim::api::type_of(k8s::Kind::kPod), "default", "", ""}, body.as_object(), {}));
    return fresh;
  }();
  return store;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  runtime::VirtualExecutor executor(
      {.seed = 1, .order = runtime::VirtualExecutorOptions::Order::kFifo});
  Store store = pristine(executor.clock());
  Registry registry(store, executor.clock(), runtime::Rng(2));
  sim::api::RestServer rest(registry, executor);
  rest.handle(parse({reinterpret_cast<const char*>(data), size}), std::make_shared<Answer>());
  return 0;
}
