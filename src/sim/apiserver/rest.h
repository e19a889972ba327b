// The Kubernetes REST API over the Registry: what kubectl talks to. Mount handle() on a
// runtime::HttpServer; answer() is the same without watches, a plain function for tests.
//
//   RestServer rest(registry, executor);
//   auto server = runtime::HttpServer::start(executor, {}, rest.handler());
//
// Everyone who can connect may do everything: serve it on loopback only.
// Thread rule: loop thread only. Ownership: borrows the Registry and the Executor; outlives the
// HttpServer that it is mounted on.
#pragma once

#include <map>
#include <memory>

#include "runtime/executor.h"
#include "runtime/http_server.h"
#include "sim/apiserver/watch.h"

namespace sim::api {

class RestServer {
 public:
  RestServer(Registry& registry, runtime::Executor& executor);
  ~RestServer();
  RestServer(const RestServer&) = delete;
  RestServer& operator=(const RestServer&) = delete;

  runtime::HttpServer::Handler handler();
  void handle(const runtime::HttpServerRequest& request,
              std::shared_ptr<runtime::HttpResponder> responder);
  // REQUIRES: not a watch.
  runtime::HttpResponse answer(const runtime::HttpServerRequest& request);
  // Ends all watches, as a restart of the server would.
  void drop_watches();

  std::size_t open_watches() const { return watches_.size(); }

 private:
  using Request = runtime::HttpServerRequest;
  using Response = runtime::HttpResponse;

  void begin_watch(const Request& request,
                   const RestPath& path,
                   std::shared_ptr<runtime::HttpResponder> responder);
  void end_watch(std::uint64_t id);
  void schedule_bookmarks();
  Response answer_resource(const Request& request, const RestPath& path);
  Response read(const Request& request, const RestPath& path);
  Response list(const Request& request, const RestPath& path);
  Response write(const Request& request, const RestPath& path);
  Response remove(const Request& request, const RestPath& path);
  Response remove_all(const Request& request, const RestPath& path);
  Response create(const Request& request, const RestPath& path);
  Response subresource(const Request& request, const RestPath& path);
  Response render(const Request& request, const Answer<Written>& written, int success) const;

  Registry& registry_;
  runtime::Executor& executor_;
  std::map<std::uint64_t, std::unique_ptr<WatchStream>> watches_;
  std::uint64_t next_watch_ = 1;
  runtime::TimerId bookmarks_ = runtime::TimerId::kNone;
  // Outlived by callbacks of the responders: they look here first.
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace sim::api
