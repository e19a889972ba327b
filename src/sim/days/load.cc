#include "sim/days/load.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "k8s/conditions.h"
#include "k8s/workload.h"
#include "sim/apiserver/json.h"
#include "sim/cluster/kubelet.h"

namespace sim::days {

namespace {

namespace json = boost::json;

constexpr std::string_view kReleaseAnnotation = "simulate/release";

json::object texts(const k8s::StringMap& map) {
  json::object out;
  for (const auto& [key, value] : map) {
    out[key] = value;
  }
  return out;
}

json::object pod_template(const PodShape& shape, const std::string& app) {
  json::object labels = texts(shape.labels);
  labels["app"] = app;
  json::object spec;
  if (!shape.spec.empty()) {
    spec = json::parse(shape.spec).as_object();
  }
  if (!spec.contains("containers")) {
    spec["containers"] = json::array{json::object{
        {"name", "main"},
        {"image", "pause"},
        {"resources", {{"requests", {{"cpu", shape.cpu}, {"memory", shape.memory}}}}}}};
  }
  return {{"metadata", {{"labels", labels}, {"annotations", texts(shape.annotations)}}},
          {"spec", std::move(spec)}};
}

// "80%" is text, 3 a number.
json::value count_or_share(const std::string& text) {
  json::error_code error;
  json::value parsed = json::parse(text, error);
  return error || !parsed.is_int64() ? json::value(text) : parsed;
}

// A draw of the normal distribution (Box and Muller).
double normal(runtime::Rng& rng) {
  const double u = 1 - rng.unit();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * rng.unit());
}

k8s::DurationNs draw_duration(const JobPlan& plan, runtime::Rng& rng) {
  constexpr double kZ95 = 1.6448536269514722;
  const double sigma =
      std::log(static_cast<double>(plan.p95) / static_cast<double>(plan.median)) / kZ95;
  const double factor = std::exp(std::min(3.0, normal(rng)) * sigma);
  return static_cast<k8s::DurationNs>(static_cast<double>(plan.median) * factor);
}

void ignore(const base::Result<k8s::ObjectPtr>&) {}

}  // namespace

Load::Load(runtime::Executor& executor,
           Sandbox& sandbox,
           const Scenario& scenario,
           std::uint64_t seed)
    : env_(executor, seed), sandbox_(sandbox), scenario_(scenario) {
  for (const DeploymentPlan& plan : scenario.deployments) {
    for (std::int64_t i = 1; i <= plan.copies; ++i) {
      const double size = 1 + plan.variation * (2 * env_.rng().unit() - 1);
      followers_.push_back(
          {.plan = &plan,
           .name = plan.copies == 1 ? plan.name : fmt::format("{}-{}", plan.name, i),
           .size = plan.copies == 1 ? 1 : size});
    }
  }
}

base::Result<void> Load::start(const Calendar& calendar) {
  calendar_ = calendar;
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    TRY_VOID(create(followers_[i]));
    for (const DayTime& time : followers_[i].plan->releases) {
      for (const k8s::TimeNs at : calendar.moments(time)) {
        env_.after(at - env_.now(), [this, i] { release(i); });
      }
    }
  }
  for (const JobPlan& plan : scenario_.jobs) {
    TRY_VOID(check(plan));
    for (const DayTime& time : plan.at) {
      for (const k8s::TimeNs at : calendar.moments(time)) {
        env_.after(at - env_.now(), [this, &plan] { arrive(plan); });
      }
    }
    if (plan.per_hour > 0) {
      schedule_arrival(plan);
    }
  }
  sandbox_.kube().subscribe(k8s::Kind::kJob,
                            env_.guard([this](const k8s::ObjectEvent& event) { on_job(event); }));
  env_.after(scenario_.step, [this] { follow(); });
  return {};
}

base::Result<void> Load::create(Follower& follower) {
  const DeploymentPlan& plan = *follower.plan;
  follower.replicas = wanted(follower);
  json::object body{{"apiVersion", "apps/v1"},
                    {"kind", "Deployment"},
                    {"metadata", {{"name", follower.name}, {"namespace", plan.namespace_}}},
                    {"spec", {{"replicas", follower.replicas}}}};
  const api::ObjectRef ref{.type = api::type_of(k8s::Kind::kDeployment),
                           .namespace_ = plan.namespace_,
                           .name = follower.name,
                           .subresource = {}};
  const bool exists = sandbox_.store().find(ref.type, ref.namespace_, ref.name) != nullptr;
  if (exists != plan.is_given) {
    return base::fail(
        base::ErrorCode::kInvalid,
        fmt::format("deployment {}/{}: {}",
                    plan.namespace_,
                    follower.name,
                    exists ? "is among the manifests too: leave \"pod\" out to drive it"
                           : "has no \"pod\" and is not among the manifests"));
  }
  if (!plan.is_given) {
    json::object& spec = body["spec"].as_object();
    spec["selector"] = {{"matchLabels", {{"app", follower.name}}}};
    spec["template"] = pod_template(plan.pod, follower.name);
  }
  if (auto applied = sandbox_.apply(json::serialize(body)); !applied) {
    return base::fail(
        base::with_context(std::move(applied).error(), "deployment " + follower.name));
  }
  return create_budget(follower);
}

base::Result<void> Load::create_budget(const Follower& follower) {
  const DeploymentPlan& plan = *follower.plan;
  json::object spec{{"selector", {{"matchLabels", {{"app", follower.name}}}}}};
  if (!plan.min_available.empty()) {
    spec["minAvailable"] = count_or_share(plan.min_available);
  } else if (!plan.max_unavailable.empty()) {
    spec["maxUnavailable"] = count_or_share(plan.max_unavailable);
  } else {
    return {};
  }
  const json::object body{{"apiVersion", "policy/v1"},
                          {"kind", "PodDisruptionBudget"},
                          {"metadata", {{"name", follower.name}, {"namespace", plan.namespace_}}},
                          {"spec", std::move(spec)}};
  if (auto applied = sandbox_.apply(json::serialize(body)); !applied) {
    return base::fail(
        base::with_context(std::move(applied).error(), "disruptionBudget of " + follower.name));
  }
  return {};
}

std::int64_t Load::wanted(const Follower& follower) {
  const DeploymentPlan& plan = *follower.plan;
  const k8s::TimeNs now = env_.now();
  double value = value_at(plan.curve, of_day(now)) * follower.size;
  value *= is_weekend(now) ? plan.weekend : 1;
  if (plan.noise > 0) {
    value *= 1 + plan.noise * (2 * env_.rng().unit() - 1);
  }
  return std::llround(value);
}

void Load::follow() {
  for (Follower& follower : followers_) {
    const std::int64_t replicas = wanted(follower);
    if (replicas != follower.replicas) {
      follower.replicas = replicas;
      sandbox_.kube().write(
          scale_patch({k8s::Kind::kDeployment, follower.plan->namespace_, follower.name}, replicas),
          ignore);
    }
  }
  if (env_.now() < calendar_->end()) {
    env_.after(scenario_.step, [this] { follow(); });
  }
}

void Load::release(std::size_t index) {
  Follower& follower = followers_[index];
  ++follower.releases;
  const json::object body{
      {"spec",
       {{"template",
         {{"metadata",
           {{"annotations", {{kReleaseAnnotation, std::to_string(follower.releases)}}}}}}}}}};
  sandbox_.kube().write(
      merge_patch({k8s::Kind::kDeployment, follower.plan->namespace_, follower.name},
                  json::serialize(body)),
      ignore);
}

void Load::schedule_arrival(const JobPlan& plan) {
  const double mean = static_cast<double>(k8s::kHour) / plan.per_hour;
  const auto wait = static_cast<k8s::DurationNs>(-std::log(1 - env_.rng().unit()) * mean);
  if (env_.now() + wait >= calendar_->end()) {
    return;
  }
  env_.after(wait, [this, &plan] {
    if (!plan.hours || is_within(*plan.hours, *calendar_, env_.now())) {
      arrive(plan);
    }
    schedule_arrival(plan);
  });
}

namespace {

std::string job_body(const JobPlan& plan,
                     const std::string& name,
                     std::int64_t pods,
                     k8s::DurationNs duration) {
  json::object pod = pod_template(plan.pod, plan.name);
  pod["metadata"].as_object()["annotations"].as_object()[kRunForAnnotation] =
      k8s::format_duration(duration);
  json::object& spec = pod["spec"].as_object();
  if (!spec.contains("restartPolicy")) {
    spec["restartPolicy"] = "Never";
  }
  return json::serialize(json::object{
      {"apiVersion", "batch/v1"},
      {"kind", "Job"},
      {"metadata", {{"name", name}, {"namespace", plan.namespace_}}},
      {"spec", {{"parallelism", pods}, {"completions", pods}, {"template", std::move(pod)}}}});
}

}  // namespace

base::Result<void> Load::check(const JobPlan& plan) {
  const api::ObjectRef ref{.type = api::type_of(k8s::Kind::kJob),
                           .namespace_ = plan.namespace_,
                           .name = plan.name,
                           .subresource = {}};
  const auto tried = sandbox_.registry().create(
      ref, json::parse(job_body(plan, plan.name, 1, kSecond)).as_object(), {.dry_run = true});
  if (!tried) {
    return base::fail(base::with_context(tried.error().to_error(), "job " + plan.name));
  }
  return {};
}

void Load::arrive(const JobPlan& plan) {
  const std::string name = fmt::format("{}-{}", plan.name, ++jobs_);
  const std::int64_t pods = env_.rng().between(plan.fewest_pods, plan.most_pods);
  sandbox_.kube().write(create_request({k8s::Kind::kJob, plan.namespace_, name},
                                       job_body(plan, name, pods, draw_duration(plan, env_.rng()))),
                        ignore);
}

// As ttlSecondsAfterFinished would, had everybody set it.
void Load::on_job(const k8s::ObjectEvent& event) {
  if (event.object == nullptr || event.op == k8s::EventOp::kDeleted) {
    return;
  }
  const auto& job = k8s::as<k8s::Workload>(*event.object);
  const auto state =
      sandbox_.store().find(api::type_of(k8s::Kind::kJob), job.meta.namespace_, job.meta.name);
  if (state == nullptr || job.meta.is_deleting() ||
      !api::condition_is(state->parts(), "Complete", "True")) {
    return;
  }
  sandbox_.kube().write(delete_request(job), ignore);
}

}  // namespace sim::days
