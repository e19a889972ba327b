#include "kube/probe.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <boost/json.hpp>

#include "kube/refusal.h"
#include "kube/trouble.h"

#include "base/text.h"
#include "k8s/time.h"

namespace kube {

namespace {

constexpr runtime::Duration kFirstProbePause = std::chrono::seconds(1);
constexpr runtime::Duration kLongestProbePause = std::chrono::seconds(30);
constexpr runtime::Duration kSayAgain = std::chrono::minutes(1);
// Leases and timestamps begin to suffer; a Date header counts whole seconds.
constexpr runtime::Duration kMuchSkew = std::chrono::seconds(10);

struct Probe {
  Transport& transport;
  runtime::Executor& executor;
  runtime::Logger log;
  runtime::Rng rng;
  std::function<void(const ServerFacts&)> found;
  std::string said = {};
  runtime::Instant said_at = {};
  int failures = 0;
};

std::string version_in(std::string_view body) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(body, error);
  const boost::json::object* object = error ? nullptr : value.if_object();
  const boost::json::value* version =
      object == nullptr ? nullptr : object->if_contains("gitVersion");
  return version != nullptr && version->is_string()
             ? std::string(version->get_string().data(), version->get_string().size())
             : "unknown";
}

void ask(const std::shared_ptr<Probe>& probe);

void try_again(const std::shared_ptr<Probe>& probe, const base::Error& error) {
  const runtime::Instant now = probe->executor.clock().now();
  const runtime::Duration pause =
      std::min(kLongestProbePause, kFirstProbePause * (1 << std::min(probe->failures++, 10)));
  if (probe->said != error.detail || now - probe->said_at >= kSayAgain) {
    probe->said = error.detail;
    probe->said_at = now;
    probe->log.error("cannot use the API server, trying again",
                     {{"error", explain_trouble(error, probe->transport.access())}});
  }
  probe->transport.after(probe->rng.between(pause, pause + pause / 4), [probe] { ask(probe); });
}

void take(const Probe& probe, const runtime::HttpResponse& answer) {
  ServerFacts facts{.version = version_in(answer.body), .ahead = std::nullopt};
  const std::string* date = runtime::find_header(answer.headers, "Date");
  if (const auto time = date == nullptr ? std::nullopt : parse_http_date(*date)) {
    facts.ahead = *time - probe.executor.clock().wall();
  }
  if (facts.ahead && std::chrono::abs(*facts.ahead) > kMuchSkew) {
    probe.log.warn("the API server's clock and ours differ: correct them",
                   {{"server-ahead-by", *facts.ahead}});
  }
  probe.found(facts);
}

void ask(const std::shared_ptr<Probe>& probe) {
  probe->transport.send({.target = "/version", .timeout = std::chrono::seconds(15)},
                        [probe](const base::Result<runtime::HttpResponse>& answer) {
                          if (!answer) {
                            return try_again(probe, answer.error());
                          }
                          if (!answer->is_success()) {
                            return try_again(probe,
                                             refusal(answer->status, answer->body, "/version"));
                          }
                          take(*probe, *answer);
                        });
}

}  // namespace

void probe_server(Transport& transport,
                  runtime::Executor& executor,
                  runtime::Logger log,
                  runtime::Rng rng,
                  std::function<void(const ServerFacts&)> found) {
  ask(std::make_shared<Probe>(Probe{.transport = transport,
                                    .executor = executor,
                                    .log = std::move(log),
                                    .rng = std::move(rng),
                                    .found = std::move(found)}));
}

std::optional<base::WallTime> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::vector<std::string_view> words = base::split(text, ' ');
  if (words.size() != 6 || words[5] != "GMT") {
    return std::nullopt;
  }
  const auto month = std::ranges::find(kMonths, words[2]);
  if (month == kMonths.end()) {
    return std::nullopt;
  }
  const std::int64_t number = month - kMonths.begin() + 1;
  const auto time = k8s::parse_time(base::concat(
      words[3], "-", number < 10 ? "0" : "", number, "-", words[1], "T", words[4], "Z"));
  return time ? std::optional(base::from_unix_ns(*time)) : std::nullopt;
}

}  // namespace kube
