#include "plan/packing_workload_testing.h"

#include <cmath>
#include <numbers>

#include "base/text.h"
#include "cloud/ec2/build.h"
#include "cloud/ec2/label_schema.h"
#include "plan/random_problem_testing.h"
#include "plan/workload_testing.h"

namespace plan::testing {
namespace {

constexpr const char* kZone = "topology.kubernetes.io/zone";
constexpr const char* kHost = "kubernetes.io/hostname";
constexpr int kDeployments = 30;

struct Deployment {
  int replicas = 0;
  std::int64_t milli_cpu = 0;
  std::int64_t mebibytes = 0;
  bool spreads_over_zones = false;
  bool spreads_over_hosts = false;
  bool keeps_apart = false;  // One per host.
};

// Even over (0, 1).
double even(Dice& dice) {
  return (static_cast<double>(dice.next() >> 11) + 0.5) / 9007199254740992.0;
}

double normal(Dice& dice) {
  const double radius = std::sqrt(-2 * std::log(even(dice)));
  return radius * std::cos(2 * std::numbers::pi * even(dice));
}

// Between low and high, even over the logarithm.
std::int64_t log_even(Dice& dice, double low, double high) {
  return std::llround(low * std::pow(high / low, even(dice)));
}

std::vector<Deployment> wide(Dice& dice, int pods) {
  std::vector<Deployment> made;
  for (int i = 0; i < kDeployments; ++i) {
    made.push_back({.replicas = pods / kDeployments + (i < pods % kDeployments ? 1 : 0),
                    .milli_cpu = log_even(dice, 225, 3800),
                    .mebibytes = log_even(dice, 300, 64 * 1024),
                    .spreads_over_zones = true,
                    .spreads_over_hosts = i >= 3 && i < 6,
                    .keeps_apart = i < 3});
  }
  return made;
}

// Zipf over 1..200 with exponent 1.2.
int zipf(Dice& dice) {
  constexpr int kMost = 200;
  double sum = 0;
  for (int k = 1; k <= kMost; ++k) {
    sum += std::pow(k, -1.2);
  }
  double left = even(dice) * sum;
  for (int k = 1; k < kMost; ++k) {
    left -= std::pow(k, -1.2);
    if (left <= 0) {
      return k;
    }
  }
  return kMost;
}

std::vector<Deployment> long_tail(Dice& dice, int pods) {
  std::vector<Deployment> made;
  for (int left = pods; left > 0; left -= made.back().replicas) {
    const double cores = std::clamp(0.2 * std::exp(1.2 * normal(dice)), 0.01, 16.0);
    const double gib = std::clamp(cores * 3 * std::exp(0.6 * normal(dice)), 0.016, 128.0);
    made.push_back({.replicas = std::min(left, zipf(dice)),
                    .milli_cpu = std::llround(cores * 1000),
                    .mebibytes = std::llround(gib * 1024),
                    .spreads_over_zones = dice.percent(15),
                    .spreads_over_hosts = false,
                    .keeps_apart = dice.percent(10)});
  }
  return made;
}

void add(Scene& scene, const std::string& app, const Deployment& deployment) {
  k8s::Resources size;
  size.set("cpu", k8s::Quantity::milli(deployment.milli_cpu));
  size.set("memory", *k8s::Quantity::parse(base::concat(deployment.mebibytes, "Mi")));
  const k8s::LabelSelector own = selector("app", app);
  for (k8s::Pod* pod : scene.pods(app, deployment.replicas)) {
    pod->meta.labels["app"] = app;
    pod->spec.containers[0].resources.requests = size;
    if (deployment.spreads_over_zones) {
      pod->spec.topology_spread.push_back(spread(kZone, own));
    }
    if (deployment.spreads_over_hosts) {
      pod->spec.topology_spread.push_back(spread(kHost, own));
    }
    if (deployment.keeps_apart) {
      pod->spec.pod_anti_affinity.required.push_back(affinity(kHost, own));
    }
  }
}

void add_pool(Scene& scene, bool has_spot) {
  k8s::NodePool& pool = scene.pool("default");
  std::vector<std::string> kinds{"on-demand"};
  if (has_spot) {
    kinds.emplace_back("spot");
  }
  pool.template_spec.requirements = {
      term("kubernetes.io/arch", "In", {"amd64"}),
      term("kubernetes.io/os", "In", {"linux"}),
      term("karpenter.sh/capacity-type", "In", kinds),
      term("karpenter.k8s.aws/instance-category", "In", {"c", "m", "r"}),
      term("karpenter.k8s.aws/instance-generation", "Gt", {"2"})};
}

}  // namespace

cloud::CataloguePtr ec2_catalogue() {
  const cloud::ec2::ClassView view = *cloud::ec2::class_view({}, {.region = "us-east-1"});
  return *cloud::ec2::build_catalogue(cloud::ec2::embedded_facts(), view);
}

Scene packing_workload(const PackingWorkload& asked) {
  Scene scene(ec2_catalogue());
  scene.options.schema = std::make_shared<const cloud::LabelSchema>(cloud::ec2::label_schema());
  add_pool(scene, asked.has_spot);
  if (asked.family == Family::kDiverse) {
    scene.extra().pods = diverse_workload(asked.pods).extra().pods;
    return scene;
  }
  Dice dice(asked.seed);
  const std::vector<Deployment> deployments =
      asked.family == Family::kWide ? wide(dice, asked.pods) : long_tail(dice, asked.pods);
  for (std::size_t i = 0; i < deployments.size(); ++i) {
    add(scene, base::concat("app-", i), deployments[i]);
  }
  return scene;
}

double price_of(const Plan& plan) {
  double price = 0;
  for (const PlannedClaim& claim : plan.claims) {
    price += claim.cheapest().price;
  }
  return price;
}

}  // namespace plan::testing
