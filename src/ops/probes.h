// /healthz and /readyz as Kubernetes components answer them: 200 "ok" or 500, a path per check,
// ?verbose and ?exclude=NAME (OPR-51).
//
//   Probes probes(executor);
//   probes.add("/readyz", {"crd", [&] { return missing_crd(); }});
//   auto server = HttpServer::start(executor, {.port = 8081}, probes.handler());
//
// A check says why it fails, so that `curl .../readyz?verbose` explains a pod that is not ready.
// Thread rule: the loop. Ownership: the probes must outlive the server.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/executor.h"
#include "runtime/http_server.h"

namespace ops {

struct ProbeCheck {
  std::string name;
  // nullopt: all is well.
  std::function<std::optional<std::string>()> failure;
  // The answer waits while this fails, as long as the client does (OPR-52).
  bool is_awaited = false;
};

class Probes {
 public:
  // "/healthz" and "/readyz" have a check of their own name that never fails.
  explicit Probes(runtime::Executor& executor);
  ~Probes();
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  void add(const std::string& path, ProbeCheck check);

  runtime::HttpServer::Handler handler();

 private:
  struct Question;

  void answer(std::shared_ptr<Question> question);

  runtime::Executor& executor_;
  std::map<std::string, std::vector<ProbeCheck>, std::less<>> checks_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ops
