#include "ops/client_metrics.h"

#include <array>
#include <vector>

#include "base/text.h"

namespace ops {

namespace {

using namespace std::string_view_literals;
using enum runtime::MetricType;

constexpr std::array kRequestLabels{"verb"sv, "group"sv, "version"sv, "kind"sv, "subresource"sv};
constexpr std::array kCodeLabels{"code"sv, "method"sv};

// 0.001 * 1.5^n.
constexpr std::array<double, 20> make_buckets() {
  std::array<double, 20> buckets{};
  double bound = 0.001;
  for (double& bucket : buckets) {
    bucket = bound;
    bound *= 1.5;
  }
  return buckets;
}

constexpr auto kBuckets = make_buckets();

constexpr runtime::MetricFacts kDuration{"client_go_request_duration_seconds",
                                         kHistogram,
                                         "Duration of requests to the API server.",
                                         kRequestLabels,
                                         kBuckets};
constexpr runtime::MetricFacts kTotal{
    "client_go_request_total", kCounter, "Requests to the API server.", kCodeLabels};

std::string verb_of(std::string_view method, bool has_name) {
  if (method == "POST") {
    return "CREATE";
  }
  if (method == "GET") {
    return has_name ? "GET" : "LIST";
  }
  if (method == "PUT") {
    return has_name ? "UPDATE" : "CREATE";
  }
  return std::string(method);
}

}  // namespace

ApiTarget parse_target(std::string_view target) {
  ApiTarget out;
  const std::string_view path = target.substr(0, target.find('?'));
  std::vector<std::string_view> parts = base::split(path, '/');
  std::size_t at = 1;
  const auto take = [&]() -> std::string {
    return at < parts.size() ? std::string(parts[at++]) : std::string();
  };
  const std::string root = take();
  if (root != "api" && root != "apis") {
    return out;
  }
  if (root == "apis") {
    out.group = take();
  }
  out.version = take();
  out.kind = take();
  if (out.kind == "namespaces" && parts.size() > at + 1) {
    ++at;
    out.kind = take();
  }
  out.name = take();
  out.subresource = take();
  return out;
}

void count_request(runtime::Metrics& metrics, const ApiRequest& request) {
  metrics.at(kTotal, {base::concat(request.code), std::string(request.method)}).add();
  const ApiTarget target = parse_target(request.target);
  if (target.kind.empty()) {
    return;
  }
  metrics
      .at(kDuration,
          {verb_of(request.method, !target.name.empty()),
           target.group,
           target.version,
           target.kind,
           target.subresource})
      .observe(base::to_seconds(request.took));
}

}  // namespace ops
