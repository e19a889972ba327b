// The document of a scenario, field by field; docs/simulate.md is its reference.
#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "k8s/quantity.h"
#include "sim/days/scenario.h"
#include "sim/document_reader.h"

namespace sim::days {

namespace {

namespace json = boost::json;

// A mistyped number must not fill the memory.
constexpr std::int64_t kMostDays = 60;
constexpr std::int64_t kMostCopies = 2'000;
constexpr double kMostReplicas = 50'000;
constexpr double kMostPerHour = 10'000;

constexpr const char* kTimeForm =
    "expected a time in quotes like \"14:30\", or \"2 14:30\" on day 2 only";

// "HH:MM", up to 24:00.
std::optional<k8s::DurationNs> parse_clock(std::string_view text) {
  const base::TextPair parts = base::split_once(text, ':');
  if (!parts.after || parts.before.size() != 2 || parts.after->size() != 2) {
    return std::nullopt;
  }
  const auto hours = base::parse_int(parts.before);
  const auto minutes = base::parse_int(*parts.after);
  if (!hours || !minutes || *hours < 0 || *minutes < 0 || *minutes > 59) {
    return std::nullopt;
  }
  const k8s::DurationNs of_day = *hours * k8s::kHour + *minutes * k8s::kMinute;
  return of_day <= k8s::kDay ? std::optional(of_day) : std::nullopt;
}

std::optional<DayTime> parse_day_time(std::string_view text) {
  const base::TextPair parts = base::split_once(text, ' ');
  DayTime out;
  if (parts.after) {
    const auto day = base::parse_int(parts.before);
    if (!day || *day < 1 || *day > kMostDays) {
      return std::nullopt;
    }
    out.day = *day;
  }
  const auto of_day = parse_clock(parts.after ? *parts.after : parts.before);
  if (!of_day) {
    return std::nullopt;
  }
  out.of_day = *of_day;
  return out;
}

DayTime day_time(DocumentReader& in, std::string_view key) {
  const std::string text = in.text(key);
  const auto parsed = parse_day_time(text);
  if (!parsed) {
    in.complain(key, kTimeForm);
  }
  return parsed.value_or(DayTime{});
}

std::vector<DayTime> day_times(DocumentReader& in, std::string_view key) {
  std::vector<DayTime> out;
  const std::vector<std::string> texts = in.texts(key);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (const auto parsed = parse_day_time(texts[i])) {
      out.push_back(*parsed);
    } else {
      in.complain(fmt::format("{}[{}]", key, i), kTimeForm);
    }
  }
  return out;
}

Between between(DocumentReader& in) {
  Between out;
  out.from = day_time(in, "from");
  out.to = day_time(in, "to");
  if (out.from.day != 0 && out.to.day != 0 && out.to.day < out.from.day) {
    in.complain("to", "is before \"from\"");
  }
  return out;
}

std::string quantity(DocumentReader& in, std::string_view key) {
  std::string text = in.scalar(key);
  const auto parsed = k8s::Quantity::parse(text);
  if (!parsed || parsed->nano() < 0) {
    in.complain(key, "expected a quantity like 500m, 2 or 4Gi");
    return "0";
  }
  return text;
}

std::string required_name(DocumentReader& in, std::string_view key) {
  std::string name = in.text(key);
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (name.empty() || name.size() > 40 || !std::ranges::all_of(name, is_allowed) ||
      name.front() == '-' || name.back() == '-') {
    in.complain(key, "expected a name of at most 40 lower case letters, digits and dashes");
  }
  return name;
}

void pod_shape(DocumentReader& in, PodShape& pod) {
  bool has_pod = false;
  in.nested("pod", [&](DocumentReader& inner) {
    has_pod = true;
    pod.cpu = quantity(inner, "cpu");
    pod.memory = quantity(inner, "memory");
    pod.labels = inner.map_of_texts("labels");
    pod.annotations = inner.map_of_texts("annotations");
    if (const json::object* spec = inner.object("spec")) {
      pod.spec = json::serialize(*spec);
    }
  });
  if (!has_pod) {
    in.complain("pod", "is missing: say at least cpu and memory");
  }
}

void curve(DocumentReader& in, DeploymentPlan& plan) {
  const bool is_constant = in.has("replicas");
  const auto replicas = in.count("replicas", 1);
  const json::object* points = in.object("curve");
  if ((points != nullptr) == is_constant) {
    in.complain("curve", "say either curve or replicas");
  }
  if (points == nullptr) {
    plan.curve = {{.of_day = 0, .value = static_cast<double>(replicas)}};
  } else {
    for (const auto& [time, value] : *points) {
      const auto of_day = parse_clock(time);
      json::error_code error;
      const double number = value.is_number() ? value.to_number<double>(error) : -1;
      if (!of_day || error || !(number >= 0)) {
        in.complain(fmt::format("curve.{}", std::string_view(time)),
                    "expected a time and a number of replicas, like \"08:30\": 120");
        continue;
      }
      plan.curve.push_back({.of_day = *of_day, .value = number});
    }
  }
  if (plan.curve.empty()) {
    plan.curve.push_back({});
  }
  std::ranges::sort(plan.curve, {}, &CurvePoint::of_day);
  if (std::ranges::max(plan.curve, {}, &CurvePoint::value).value > kMostReplicas) {
    in.complain(points == nullptr ? "replicas" : "curve",
                fmt::format("at most {:.0f} replicas", kMostReplicas));
  }
}

void disruption_budget(DocumentReader& in, DeploymentPlan& plan) {
  in.nested("disruptionBudget", [&](DocumentReader& inner) {
    plan.min_available = inner.scalar("minAvailable");
    plan.max_unavailable = inner.scalar("maxUnavailable");
    if (plan.min_available.empty() == plan.max_unavailable.empty()) {
      inner.complain("minAvailable", "say either minAvailable or maxUnavailable");
    }
  });
}

DeploymentPlan deployment(DocumentReader& in) {
  DeploymentPlan plan;
  plan.name = required_name(in, "name");
  plan.namespace_ = in.text("namespace", "default");
  plan.copies = in.count("copies", 1, 1);
  plan.is_given = !in.has("pod");
  if (plan.is_given && plan.copies > 1) {
    in.complain("copies", "needs a pod: a Deployment of the manifests cannot be copied");
  }
  if (plan.copies > kMostCopies) {
    in.complain("copies", fmt::format("at most {}", kMostCopies));
  }
  if (!plan.is_given) {
    pod_shape(in, plan.pod);
  }
  curve(in, plan);
  plan.noise = in.number("noise", 0, 0, 1);
  plan.weekend = in.number("weekend", 1, 0, 10);
  plan.variation = in.number("variation", 0, 0, 1);
  plan.releases = day_times(in, "releases");
  disruption_budget(in, plan);
  return plan;
}

void pods_of_job(DocumentReader& in, JobPlan& plan) {
  plan.fewest_pods = in.count("pods", 1, 1);
  plan.most_pods = in.count("mostPods", plan.fewest_pods, 1);
  if (plan.most_pods < plan.fewest_pods || plan.most_pods > 10'000) {
    in.complain("mostPods", "expected at least as many as pods, at most 10000");
  }
}

JobPlan job(DocumentReader& in) {
  JobPlan plan;
  plan.name = required_name(in, "name");
  plan.namespace_ = in.text("namespace", "default");
  pod_shape(in, plan.pod);
  plan.per_hour = in.number("perHour", 0, 0, kMostPerHour);
  in.nested("hours", [&](DocumentReader& inner) { plan.hours = between(inner); });
  plan.at = day_times(in, "at");
  if (plan.at.empty() && plan.per_hour <= 0) {
    in.complain("perHour", "say when the job arrives: perHour, or at");
  }
  pods_of_job(in, plan);
  if (!in.has("duration")) {
    in.complain("duration", "is missing: expected a duration like 90s or 1h30m");
  }
  plan.median = in.duration("duration", k8s::kMinute);
  plan.p95 = in.duration("p95Duration", plan.median);
  if (plan.p95 < plan.median) {
    in.complain("p95Duration", "is shorter than duration, which is the median");
  }
  return plan;
}

OfferFilter offers(DocumentReader& in) {
  return {.zones = in.texts("zones"),
          .instance_types = in.texts("instanceTypes"),
          .capacity_types = in.texts("capacityTypes")};
}

void cloud_part(DocumentReader& in, Scenario& scenario) {
  scenario.interruptions_per_node_day = in.number("spotInterruptionsPerNodeDay", 0, 0, 1'000);
  in.each("spotReclaims", [&](DocumentReader& item) {
    Reclaim reclaim;
    reclaim.at = day_time(item, "at");
    reclaim.share = item.number("share", 1, 0, 1);
    reclaim.what = offers(item);
    scenario.reclaims.push_back(std::move(reclaim));
  });
  in.each("insufficientCapacity", [&](DocumentReader& item) {
    Shortage shortage;
    shortage.when = between(item);
    shortage.what = offers(item);
    scenario.shortages.push_back(std::move(shortage));
  });
  scenario.image_releases = day_times(in, "imageReleases");
}

k8s::TimeNs start_of(DocumentReader& in) {
  const std::string text = in.text("start", "2026-01-05T00:00:00Z");
  const auto parsed = k8s::parse_time(text);
  if (!parsed) {
    in.complain("start", "expected a time like 2026-01-05T00:00:00Z");
  } else if (*parsed % k8s::kDay != 0) {
    in.complain("start", "expected midnight, UTC: days begin there");
  }
  return parsed.value_or(0);
}

Scenario scenario_of(DocumentReader& in) {
  Scenario scenario;
  scenario.title = in.text("title");
  scenario.description = in.text("description");
  scenario.region = in.text("region", "us-east-1");
  scenario.start = start_of(in);
  scenario.days = in.count("days", 1, 1);
  if (scenario.days > kMostDays) {
    in.complain("days", fmt::format("at most {}", kMostDays));
  }
  scenario.warm_up = in.duration("warmUp", k8s::kHour);
  scenario.step = in.duration("step", 5 * k8s::kMinute);
  if (scenario.step < 10 * k8s::kSecond || scenario.step > k8s::kHour) {
    in.complain("step", "expected from 10s to 1h");
  }
  scenario.manifests = in.texts("manifests");
  in.each("deployments",
          [&](DocumentReader& item) { scenario.deployments.push_back(deployment(item)); });
  in.each("jobs", [&](DocumentReader& item) { scenario.jobs.push_back(job(item)); });
  in.nested("cloud", [&](DocumentReader& inner) { cloud_part(inner, scenario); });
  return scenario;
}

// Two plans of one name would fight over the same objects.
void check_names(const Scenario& scenario, FieldProblems& problems) {
  std::vector<std::string> names;
  const auto check = [&](std::string_view list, std::size_t i, std::string name) {
    if (std::ranges::find(names, name) != names.end()) {
      problems.push_back({.path = fmt::format("spec.{}[{}].name", list, i),
                          .text = "there is another workload of this name"});
    }
    names.push_back(std::move(name));
  };
  for (std::size_t i = 0; i < scenario.deployments.size(); ++i) {
    const DeploymentPlan& plan = scenario.deployments[i];
    check("deployments", i, plan.namespace_ + "/" + plan.name);
  }
  for (std::size_t i = 0; i < scenario.jobs.size(); ++i) {
    check("jobs", i, scenario.jobs[i].namespace_ + "/" + scenario.jobs[i].name);
  }
}

base::Error invalid(const k8s::Manifest& manifest,
                    std::string_view text,
                    const FieldProblems& problems) {
  std::vector<std::string> lines;
  for (const FieldProblem& problem : problems) {
    lines.push_back(fmt::format("{}:{}: {}",
                                manifest.file,
                                k8s::locate(text, manifest.line, problem.path),
                                problem.sentence()));
  }
  return {base::ErrorCode::kInvalid, base::join(lines, "\n")};
}

}  // namespace

bool is_scenario(const k8s::Manifest& manifest) {
  return manifest.kind == kScenarioKind && manifest.api_version.starts_with("simulate/");
}

base::Result<Scenario> parse_scenario(const k8s::Manifest& manifest, std::string_view text) {
  json::error_code error;
  const json::value document = json::parse(manifest.json, error);
  FieldProblems problems;
  Scenario scenario;
  if (error || !document.is_object()) {
    return base::fail(invalid(manifest, text, {{.path = "kind", .text = "expected a map"}}));
  }
  DocumentReader root(document.get_object(), "", problems);
  if (root.text("apiVersion") != kScenarioVersion) {
    root.complain("apiVersion", fmt::format("expected {}", kScenarioVersion));
  }
  root.text("kind");
  std::string name;
  root.nested("metadata", [&](DocumentReader& in) { name = in.text("name"); });
  bool has_spec = false;
  root.nested("spec", [&](DocumentReader& in) {
    has_spec = true;
    scenario = scenario_of(in);
  });
  if (!has_spec) {
    root.complain("spec", "is missing");
  }
  root.finish();
  check_names(scenario, problems);
  scenario.title = scenario.title.empty() ? std::move(name) : scenario.title;
  if (!problems.empty()) {
    return base::fail(invalid(manifest, text, problems));
  }
  return scenario;
}

}  // namespace sim::days
