#include "disrupt/crowd_testing.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "world/names.h"
#include "world/world_testing.h"

namespace disrupt::testing {

namespace {

using world::testing::kNow;

enum class Wish : std::uint8_t { kPlain, kZoneSpread, kHostSpread, kNear, kApart };

// Equal seeds give equal numbers everywhere (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  std::size_t below(std::size_t bound) { return next() % bound; }

  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1)));
  }

  template <typename T, std::size_t n>
  const T& pick(const std::array<T, n>& items) {
    return items[below(n)];
  }

 private:
  std::uint64_t state_;
};

struct Machine {
  std::string name;
  std::string type;
  std::string zone;
  std::int64_t cpu = 0;     // Milli-CPUs left.
  std::int64_t memory = 0;  // MiB left.
  int pods = 0;             // Left.
};

struct Workload {
  std::string name;
  Wish wish = Wish::kPlain;
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  std::size_t zone = 0;
};

struct Placed {
  std::size_t workload = 0;
  std::size_t machine = 0;
  int number = 0;
};

k8s::StringMap labels_of(const Market& market, const Machine& machine) {
  const cloud::InstanceType* type = market.catalogue->find(machine.type);
  k8s::StringMap labels;
  for (const cloud::TypeLabel& label : type->labels) {
    if (label.values.size() == 1) {
      labels.insert_or_assign(label.key, label.values.front());
    }
  }
  labels.insert_or_assign(std::string(world::kPoolLabel), "general");
  labels.insert_or_assign(std::string(world::kZoneLabel), machine.zone);
  labels.insert_or_assign(std::string(world::kCapacityTypeLabel), "on-demand");
  const k8s::NodeClassRef& ref = market.node_class;
  labels.insert_or_assign(base::concat(ref.group, "/", base::to_lower(ref.kind)), ref.name);
  return labels;
}

void put_machine(world::World& world, const Market& market, const Machine& machine) {
  const cloud::InstanceType* type = market.catalogue->find(machine.type);
  k8s::NodeClaim claim = world::testing::make_claim(machine.name, "general");
  claim.spec.node_class = market.node_class;
  claim.meta.labels = labels_of(market, machine);
  claim.status.provider_id = "kwok://" + machine.name;
  claim.status.node_name = machine.name;
  for (const char* condition : {"Launched", "Registered", "Initialized", "Consolidatable"}) {
    world::testing::set_condition(claim.status.conditions, condition, "True");
  }
  k8s::Node node;
  node.meta.name = machine.name;
  node.meta.uid = "uid-" + machine.name;
  node.provider_id = claim.status.provider_id;
  node.meta.labels = claim.meta.labels;
  node.meta.labels.insert_or_assign(std::string(world::kHostnameLabel), machine.name);
  node.meta.labels.insert_or_assign(std::string(world::kRegisteredLabel), "true");
  node.meta.labels.insert_or_assign(std::string(world::kInitializedLabel), "true");
  node.status.capacity = type->capacity;
  node.status.allocatable = type->allocatable();
  world::testing::set_condition(node.status.conditions, "Ready", "True");
  world::testing::put(world, claim);
  world::testing::put(world, node);
}

class Builder {
 public:
  Builder(const CrowdOptions& options, const Market& market, world::World& world)
      : options_(options), market_(market), world_(world), dice_(options.seed) {}

  std::size_t build() {
    put_pool();
    for (int i = 0; i < options_.machines; ++i) {
      add_machine(i);
    }
    fill();
    if (options_.is_tight) {
      top_up();
    }
    for (const Machine& machine : machines_) {
      testing::put_machine(world_, market_, machine);
    }
    std::size_t pods = 0;
    for (const Placed& placed : placed_) {
      if (options_.is_tight || dice_.below(100) >= 31) {
        put_pod(placed);
        ++pods;
      }
    }
    return pods;
  }

 private:
  void put_pool() {
    k8s::NodePool pool = world::testing::make_pool("general");
    pool.template_spec.node_class = market_.node_class;
    pool.disruption.budgets = {
        k8s::Budget{.reasons = {}, .nodes = "100%", .schedule = {}, .duration = {}}};
    pool.template_spec.requirements = market_.requirements;
    world::testing::put(world_, pool);
  }

  void add_machine(int number) {
    static constexpr std::array kSizes{4, 4, 8, 8, 16};
    constexpr std::size_t kFamilies = 3;
    const std::size_t family = options_.is_tight ? 0 : dice_.below(kFamilies);
    const int size = dice_.pick(kSizes);
    std::string digits = std::to_string(number);
    digits.insert(0, 5 - std::min<std::size_t>(5, digits.size()), '0');
    const std::string type = market_.type_name(family, size);
    const k8s::Resources room = market_.catalogue->find(type)->allocatable();
    machines_.push_back(
        {.name = "node-" + digits,
         .type = type,
         .zone =
             std::string(market_.zones[static_cast<std::size_t>(number) % market_.zones.size()]),
         .cpu = room.get("cpu").milli_value(),
         .memory = room.get("memory").value() >> 20,
         .pods = static_cast<int>(room.get("pods").value())});
  }

  void add_workload() {
    static constexpr std::array kCpus{100, 100, 150, 150, 200, 200, 250, 300, 400, 500, 750};
    static constexpr std::array kLean{2, 3, 4};
    static constexpr std::array kRich{2, 4, 6, 8, 12};
    Workload& made = workloads_.emplace_back();
    made.name = base::concat("app-", workloads_.size());
    // Constrained workloads are smaller than plain ones, hence more than their share of pods.
    made.wish = dice_.below(100) < 57 ? Wish::kPlain : static_cast<Wish>(dice_.between(1, 4));
    made.cpu = dice_.pick(kCpus);
    made.memory = made.cpu * (options_.is_tight ? dice_.pick(kLean) : dice_.pick(kRich)) / 4;
    made.zone = dice_.below(market_.zones.size());
  }

  bool fits(const Machine& machine, const Workload& workload) const {
    return machine.cpu >= workload.cpu && machine.memory >= workload.memory && machine.pods > 5;
  }

  // Some machine that suits; a few tries, since most do at first and few at the end.
  std::size_t find(const Workload& workload, int number, const std::vector<std::size_t>& taken) {
    for (int tries = 0; tries < 60; ++tries) {
      std::size_t at = dice_.below(machines_.size());
      if (workload.wish == Wish::kNear || workload.wish == Wish::kZoneSpread) {
        const std::size_t zone = workload.wish == Wish::kNear
                                     ? workload.zone
                                     : static_cast<std::size_t>(number) % market_.zones.size();
        at =
            std::min(at / market_.zones.size() * market_.zones.size() + zone, machines_.size() - 1);
        if (machines_[at].zone != market_.zones[zone]) {
          continue;
        }
      }
      const bool is_alone = workload.wish == Wish::kHostSpread || workload.wish == Wish::kApart;
      if (fits(machines_[at], workload) &&
          (!is_alone || std::ranges::find(taken, at) == taken.end())) {
        return at;
      }
    }
    return machines_.size();
  }

  void place(std::size_t machine, std::size_t workload, int number) {
    machines_[machine].cpu -= workloads_[workload].cpu;
    machines_[machine].memory -= workloads_[workload].memory;
    --machines_[machine].pods;
    placed_.push_back({.workload = workload, .machine = machine, .number = number});
  }

  // Workload after workload, until some dozens find no room in a row.
  void fill() {
    for (int failures = 0; failures < 40;) {
      add_workload();
      const std::size_t workload = workloads_.size() - 1;
      const int replicas = workloads_[workload].wish == Wish::kPlain
                               ? dice_.between(1, 27)
                               : dice_.between(4, std::min(20, std::max(4, options_.machines / 2)));
      std::vector<std::size_t> taken;
      for (int i = 0; i < replicas; ++i) {
        const std::size_t machine = find(workloads_[workload], i, taken);
        if (machine == machines_.size()) {
          ++failures;
          break;
        }
        failures = 0;
        taken.push_back(machine);
        place(machine, workload, i);
      }
    }
  }

  // Leaves less than the smallest pod asks for.
  void top_up() {
    for (std::size_t machine = 0; machine < machines_.size(); ++machine) {
      while (machines_[machine].cpu >= 100 && machines_[machine].pods > 1) {
        const std::int64_t left = machines_[machine].cpu / 10 * 10;
        workloads_.push_back({.name = base::concat("fill-", workloads_.size()),
                              .wish = Wish::kPlain,
                              .cpu = std::min<std::int64_t>(left, 200 + 100 * dice_.between(0, 2)),
                              .memory = 64});
        place(machine, workloads_.size() - 1, 0);
      }
    }
  }

  void put_pod(const Placed& placed) {
    const Workload& workload = workloads_[placed.workload];
    k8s::Pod pod;
    pod.meta.name = base::concat(workload.name, "-", placed.number);
    pod.meta.namespace_ = base::concat("team-", placed.workload % 10);
    pod.meta.uid = "uid-" + pod.meta.name;
    pod.meta.creation_time = kNow;
    pod.meta.labels["app"] = workload.name;
    pod.meta.owners.push_back({.api_version = "apps/v1",
                               .kind = "ReplicaSet",
                               .name = workload.name,
                               .uid = workload.name,
                               .controller = true});
    pod.spec.node_name = machines_[placed.machine].name;
    k8s::Container container;
    container.name = "main";
    container.resources.requests.set("cpu", k8s::Quantity::milli(workload.cpu));
    container.resources.requests.set("memory", k8s::Quantity::units(workload.memory << 20));
    pod.spec.containers.push_back(container);
    add_wish(workload, pod);
    pod.status.phase = "Running";
    pod.status.start_time = kNow;
    world::testing::put(world_, pod);
  }

  static void add_wish(const Workload& workload, k8s::Pod& pod) {
    k8s::LabelSelector own;
    own.match_labels["app"] = workload.name;
    const auto spread = [&](std::string_view key) {
      k8s::TopologySpreadConstraint constraint;
      constraint.topology_key = std::string(key);
      constraint.max_skew = 1;
      constraint.when_unsatisfiable = "DoNotSchedule";
      constraint.selector = own;
      pod.spec.topology_spread.push_back(constraint);
    };
    k8s::PodAffinityTerm term;
    term.selector = own;
    switch (workload.wish) {
      case Wish::kPlain:
        break;
      case Wish::kZoneSpread:
        spread(world::kZoneLabel);
        break;
      case Wish::kHostSpread:
        spread(world::kHostnameLabel);
        break;
      case Wish::kNear:
        term.topology_key = std::string(world::kZoneLabel);
        pod.spec.pod_affinity.required.push_back(term);
        break;
      case Wish::kApart:
        term.topology_key = std::string(world::kHostnameLabel);
        pod.spec.pod_anti_affinity.required.push_back(term);
        break;
    }
  }

  const CrowdOptions options_;
  const Market& market_;
  world::World& world_;
  Dice dice_;
  std::vector<Machine> machines_;
  std::vector<Workload> workloads_;
  std::vector<Placed> placed_;
};

}  // namespace

Crowd::Crowd(const CrowdOptions& options) : market_(options.is_ec2 ? ec2_market() : kwok_market()) {
  world_.set_catalogue(market_.node_class.kind, market_.node_class.name, market_.catalogue);
  pods_ = Builder(options, market_, world_).build();
  world_.mark_synced();
}

void Crowd::add_machine(const std::string& name, const std::string& type, const std::string& zone) {
  put_machine(world_, market_, {.name = name, .type = type, .zone = zone});
}

world::SnapshotPtr Crowd::snapshot() {
  return world_.snapshot(world::testing::kNow);
}

}  // namespace disrupt::testing
