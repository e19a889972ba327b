#include "plan/workload_testing.h"

#include "base/text.h"
#include "plan/go_random_testing.h"

namespace plan::testing {
namespace {

constexpr std::string_view kZone = "topology.kubernetes.io/zone";
constexpr std::string_view kHost = "kubernetes.io/hostname";
constexpr const char* kCpus[] = {"100m", "250m", "500m", "1000m", "1500m"};
constexpr const char* kMemories[] = {"100Mi", "256Mi", "512Mi", "1024Mi", "2048Mi", "4096Mi"};
constexpr std::int64_t kSeed = 42;
constexpr int kTypes = 400;

// Draws in the order of SCH-520.
class Pods {
 public:
  explicit Pods(int pools = 1) : scene_(fake_catalogue(kTypes)) {
    for (int i = 0; i < pools; ++i) {
      k8s::NodePool& pool = scene_.pool(base::concat("pool-", i));
      pool.template_labels["testing/cluster"] = "unspecified";
      // Ten times those of SCH-510: each claim is charged with its largest type, and 100,000 pods
      // would meet them.
      pool.limits = {{"cpu", *k8s::Quantity::parse("100000000")},
                     {"memory", *k8s::Quantity::parse("100000000Gi")}};
    }
  }

  Scene take() {
    scene_.settle();
    return std::move(scene_);
  }

  void generic() {
    const std::string label = letter();
    sized().meta.labels["my-label"] = label;
  }

  void spread(std::string_view key) {
    const std::string label = letter();
    const std::string selected = letter();
    k8s::Pod& pod = sized();
    pod.meta.labels["my-label"] = label;
    pod.spec.topology_spread.push_back(
        testing::spread(std::string(key), selector("my-label", selected)));
  }

  void affinity() {
    const std::string label = letter();
    k8s::Pod& pod = sized();
    pod.meta.labels["my-affininity"] = label;
    pod.spec.pod_affinity.required.push_back(
        testing::affinity(std::string(kZone), selector("my-affininity", label)));
  }

  void anti_affinity() {
    k8s::Pod& pod = sized();
    pod.meta.labels["app"] = "nginx";
    pod.spec.pod_anti_affinity.required.push_back(
        testing::affinity(std::string(kHost), selector("app", "nginx")));
  }

  // All of one size.
  void preferring(int count) {
    letter();  // The draws of the first generic pod: 500m and 512Mi.
    const k8s::Resources size = draw_size();
    for (int i = 0; i < count; ++i) {
      k8s::Pod& pod = next();
      pod.spec.containers[0].resources.requests = size;
      pod.meta.labels["app"] = "nginx";
      pod.spec.node_affinity.preferred.push_back(
          {.weight = 1, .preference = {{term(std::string(kZone), "In", {"test-zone-1"})}}});
      for (const auto& [weight, key] : {std::pair(10, kZone), std::pair(1, kHost)}) {
        pod.spec.pod_anti_affinity.preferred.push_back(
            {.weight = weight,
             .term = testing::affinity(std::string(key), selector("app", "nginx"))});
      }
    }
  }

 private:
  std::string letter() { return std::string(1, static_cast<char>('a' + random_.below(7))); }

  k8s::Resources draw_size() {
    const char* cpu = kCpus[random_.below(std::size(kCpus))];
    return resources(cpu, kMemories[random_.below(std::size(kMemories))]);
  }

  k8s::Pod& next() {
    if (number_ % 1000 == 0) {
      scene_.settle();
    }
    k8s::Pod& pod = scene_.pod(base::concat("pod-", number_++));
    pod.meta.labels["testing/cluster"] = "unspecified";
    return pod;
  }

  k8s::Pod& sized() {
    k8s::Pod& pod = next();
    pod.spec.containers[0].resources.requests = draw_size();
    return pod;
  }

  Scene scene_;
  GoRandom random_{kSeed};
  int number_ = 0;
};

}  // namespace

Scene diverse_workload(int pods, int pools) {
  Pods made(pools);
  const int fifth = pods / 5;
  const auto repeat = [](int times, auto&& make) {
    for (int i = 0; i < times; ++i) {
      make();
    }
  };
  repeat(fifth, [&] { made.generic(); });
  repeat(fifth, [&] { made.spread(kZone); });
  repeat(fifth, [&] { made.spread(kHost); });
  repeat(fifth, [&] { made.affinity(); });
  repeat(fifth, [&] { made.anti_affinity(); });
  repeat(pods - 5 * fifth, [&] { made.generic(); });
  return made.take();
}

Scene running_workload(int machines, int pending) {
  Scene scene = diverse_workload(pending);
  for (int i = 0; i < machines; ++i) {
    const std::string name = base::concat("node-", i);
    k8s::Node& node = scene.node(name, "pool-0", base::concat("test-zone-", 1 + i % 3));
    node.status.capacity = resources("16", "32Gi");
    node.status.capacity.set("pods", k8s::Quantity::units(110));
    node.status.allocatable = node.status.capacity;
    for (int j = 0; j < 10; ++j) {
      k8s::Pod& pod = scene.bound_pod(base::concat("bound-", i, "-", j), name);
      pod.meta.labels["team"] = base::concat("team-", i % 50);
      pod.spec.containers[0].resources.requests = resources(j % 2 == 0 ? "1500m" : "1600m", "2Gi");
    }
  }
  return scene;
}

Scene generic_workload(int pods) {
  Pods made;
  for (int i = 0; i < pods; ++i) {
    made.generic();
  }
  return made.take();
}

Scene preference_workload(int pods) {
  Pods made;
  made.preferring(pods);
  return made.take();
}

}  // namespace plan::testing
