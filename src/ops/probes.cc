#include "ops/probes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"

namespace ops {

namespace {

// How often an awaited check is asked again.
constexpr base::Duration kPause = std::chrono::milliseconds(200);
// Longer than any probe waits (OPR-96).
constexpr base::Duration kPatience = std::chrono::seconds(30);

void send(runtime::HttpResponder& responder, int status, std::string body) {
  responder.send({.status = status,
                  .headers = {{"Content-Type", "text/plain; charset=utf-8"},
                              {"X-Content-Type-Options", "nosniff"}},
                  .body = std::move(body)});
}

}  // namespace

struct Probes::Question {
  std::shared_ptr<runtime::HttpResponder> responder;
  std::string name;  // "readyz"
  std::vector<ProbeCheck> checks;
  std::set<std::string, std::less<>> excluded;
  bool is_verbose = false;
  base::Instant patience_ends;
};

Probes::Probes(runtime::Executor& executor) : executor_(executor) {
  const auto fine = [] { return std::optional<std::string>(); };
  add("/healthz", {"healthz", fine});
  add("/readyz", {"readyz", fine});
}

Probes::~Probes() {
  *alive_ = false;
}

void Probes::add(const std::string& path, ProbeCheck check) {
  checks_[path].push_back(std::move(check));
}

runtime::HttpServer::Handler Probes::handler() {
  return [this](const runtime::HttpServerRequest& request,
                std::shared_ptr<runtime::HttpResponder> responder) {
    std::string_view path = request.path;
    if (path.size() > 1 && path.ends_with('/')) {
      path.remove_suffix(1);
    }
    const std::size_t slash = path.find('/', 1);
    const auto found = checks_.find(path.substr(0, slash));
    if (found == checks_.end()) {
      send(*responder, 404, "404 page not found; try /healthz or /readyz\n");
      return;
    }
    auto question = std::make_shared<Question>();
    question->name = found->first.substr(1);
    question->checks = found->second;
    if (slash != std::string_view::npos) {
      const std::string_view only = path.substr(slash + 1);
      std::erase_if(question->checks, [&](const ProbeCheck& check) { return check.name != only; });
      if (question->checks.empty()) {
        send(*responder, 404, base::concat("there is no check \"", only, "\"\n"));
        return;
      }
    }
    for (const auto& [key, value] : request.query) {
      if (key == "exclude") {
        question->excluded.insert(value);
      }
    }
    question->is_verbose = request.parameter("verbose") != nullptr;
    question->responder = std::move(responder);
    question->patience_ends = executor_.clock().now() + kPatience;
    answer(std::move(question));
  };
}

void Probes::answer(std::shared_ptr<Question> question) {
  std::string lines;
  bool is_failed = false;
  bool must_wait = false;
  for (const ProbeCheck& check : question->checks) {
    if (question->excluded.contains(check.name)) {
      lines += base::concat("[+]", check.name, " excluded: ok\n");
      continue;
    }
    const auto failure = check.failure();
    is_failed |= failure.has_value();
    must_wait |= failure.has_value() && check.is_awaited;
    lines += failure ? base::concat("[-]", check.name, " failed: ", *failure, "\n")
                     : base::concat("[+]", check.name, " ok\n");
  }
  if (must_wait && question->responder->is_open() &&
      executor_.clock().now() < question->patience_ends) {
    executor_.after(kPause, [this, alive = alive_, question] {
      if (*alive) {
        answer(question);
      }
    });
    return;
  }
  if (is_failed) {
    send(*question->responder, 500, base::concat(lines, question->name, " check failed\n"));
  } else {
    send(*question->responder,
         200,
         question->is_verbose ? base::concat(lines, question->name, " check passed\n") : "ok");
  }
}

}  // namespace ops
