#include "sim/cluster/kubelet.h"

#include <algorithm>

#include "k8s/conditions.h"
#include "sim/cluster/status_bodies.h"

namespace sim {

namespace {

constexpr std::string_view kUnregistered = "karpenter.sh/unregistered";

std::string label_of(const cloud::InstanceType* type, std::string_view key, std::string fallback) {
  if (type != nullptr) {
    for (const cloud::TypeLabel& label : type->labels) {
      if (label.key == key && !label.values.empty()) {
        return label.values.front();
      }
    }
  }
  return fallback;
}

k8s::Condition node_condition(std::string type,
                              std::string status,
                              std::string reason,
                              std::string message) {
  return {.type = std::move(type),
          .status = std::move(status),
          .reason = std::move(reason),
          .message = std::move(message)};
}

std::vector<k8s::Condition> first_conditions(k8s::TimeNs now) {
  std::vector<k8s::Condition> conditions{
      node_condition("MemoryPressure",
                     "False",
                     "KubeletHasSufficientMemory",
                     "kubelet has sufficient memory available"),
      node_condition(
          "DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      node_condition("PIDPressure",
                     "False",
                     "KubeletHasSufficientPID",
                     "kubelet has sufficient PID available"),
      node_condition("Ready",
                     "False",
                     "KubeletNotReady",
                     "container runtime network not ready: NetworkReady=false"),
  };
  for (k8s::Condition& condition : conditions) {
    condition.last_transition = now;
    condition.last_heartbeat = now;
  }
  return conditions;
}

k8s::ObjectKey node_key(const std::string& name) {
  return {.kind = k8s::Kind::kNode, .namespace_ = {}, .name = name};
}

}  // namespace

NodeAgent::NodeAgent(Client& client,
                     Machines& machines,
                     cloud::CataloguePtr catalogue,
                     const FaultPlan& faults,
                     KubeletDelays delays)
    : client_(client),
      machines_(machines),
      catalogue_(std::move(catalogue)),
      faults_(faults),
      delays_(delays),
      queue_(client, [this](const auto& key) { reconcile(key); }) {
  machines_.listen([this](const Machines::Entry& entry) { on_machine(entry.machine); });
  client_.mirror().listen(k8s::Kind::kNode,
                          [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
}

void NodeAgent::on_machine(const Machine& machine) {
  if (machine.state > MachineState::kRunning) {
    boots_.erase(machine.node_name);
    return;
  }
  Boot& boot = boots_[machine.node_name];
  boot.machine = machine;
  if (!boot.user_data) {
    read_user_data(boot);
  }
  if (machine.state != MachineState::kRunning || boot.has_begun) {
    return;
  }
  boot.has_begun = true;
  runtime::Rng& rng = client_.env().rng();
  if (faults_.strikes(Fault::kNeverJoin, rng)) {
    return;
  }
  const bool is_slow = faults_.strikes(Fault::kSlowJoin, rng);
  this->boot(machine.node_name,
             is_slow ? client_.env().between(delays_.slow_boot_least, delays_.slow_boot_most)
                     : client_.env().between(delays_.boot_least, delays_.boot_most));
}

void NodeAgent::boot(const std::string& node_name, k8s::DurationNs delay) {
  client_.env().after(delay, [this, node_name] {
    if (const auto found = boots_.find(node_name); found != boots_.end()) {
      found->second.has_booted = true;
      queue_.add(node_key(node_name));
    }
  });
}

// User data is baked into the launch: what the claim says then is what the node says later.
void NodeAgent::read_user_data(Boot& boot) {
  const auto claim = client_.mirror().find_as<k8s::NodeClaim>(
      {.kind = k8s::Kind::kNodeClaim, .namespace_ = {}, .name = boot.machine.claim_name});
  if (claim == nullptr) {
    return;
  }
  UserData data{.labels = claim->meta.labels, .taints = claim->spec.taints};
  data.taints.insert(
      data.taints.end(), claim->spec.startup_taints.begin(), claim->spec.startup_taints.end());
  boot.user_data = std::move(data);
}

void NodeAgent::reconcile(const k8s::ObjectKey& key) {
  const auto node = client_.mirror().find_as<k8s::Node>(key);
  Boot* boot = find_boot(key);
  if (node == nullptr) {
    // A Node that somebody deleted stays deleted: kubelets register once.
    if (boot != nullptr && boot->has_booted && !boot->has_registered) {
      register_node(key, *boot);
    }
    return;
  }
  if (!machines_.is_alive(*node)) {
    return;
  }
  if (boot != nullptr && reported_.insert(node->meta.uid).second) {
    report_capacity(key, *boot);
    return;
  }
  if (!node->status.capacity.empty() && !k8s::is_true(node->status.conditions, "Ready")) {
    report(key, *node);
  }
}

void NodeAgent::register_node(const k8s::ObjectKey& key, Boot& boot) {
  if (!boot.user_data) {
    read_user_data(boot);
  }
  const Machine& machine = boot.machine;
  const cloud::InstanceType* type = catalogue_->find(machine.instance_type);
  UserData data = boot.user_data.value_or(UserData{});
  k8s::StringMap labels = std::move(data.labels);
  labels["kubernetes.io/hostname"] = machine.node_name;
  labels["kubernetes.io/arch"] = label_of(type, "kubernetes.io/arch", "amd64");
  labels["kubernetes.io/os"] = label_of(type, "kubernetes.io/os", "linux");
  labels["node.kubernetes.io/instance-type"] = machine.instance_type;
  labels["topology.kubernetes.io/zone"] = machine.zone;
  labels["topology.kubernetes.io/region"] = machine.region;
  if (!machine.zone_id.empty()) {
    labels["topology.k8s.aws/zone-id"] = machine.zone_id;
  }
  std::vector<k8s::Taint> taints = std::move(data.taints);
  taints.push_back({.key = std::string(kUnregistered), .value = {}, .effect = "NoExecute"});
  // The API server's admission gives it to every new node.
  taints.push_back({.key = "node.kubernetes.io/not-ready", .value = {}, .effect = "NoSchedule"});
  queue_.write(
      key,
      create_request(key, node_body(machine, labels, taints)),
      [this, name = machine.node_name](const auto& answer) {
        const bool exists = !answer && answer.error().code == base::ErrorCode::kAlreadyExists;
        if (const auto found = boots_.find(name); found != boots_.end() && (answer || exists)) {
          found->second.has_registered = true;
        }
      });
}

void NodeAgent::report_capacity(const k8s::ObjectKey& key, const Boot& boot) {
  const cloud::InstanceType* type = catalogue_->find(boot.machine.instance_type);
  NodeReport report{.capacity = {},
                    .allocatable = {},
                    .conditions = first_conditions(client_.env().now()),
                    .arch = label_of(type, "kubernetes.io/arch", "amd64"),
                    .os = label_of(type, "kubernetes.io/os", "linux")};
  // The claim says what the class's kubelet settings make of the type.
  const auto claim = client_.mirror().find_as<k8s::NodeClaim>(
      {.kind = k8s::Kind::kNodeClaim, .namespace_ = {}, .name = boot.machine.claim_name});
  if (claim != nullptr && !claim->status.capacity.empty()) {
    report.capacity = claim->status.capacity;
    report.allocatable = claim->status.allocatable;
  } else if (type != nullptr) {
    report.capacity = type->capacity;
    report.allocatable = type->allocatable();
  }
  const auto node = client_.mirror().find(key);
  queue_.write(key,
               status_patch(key, node_report_body(boot.machine, report)),
               [this, uid = node->meta.uid](const auto& answer) {
                 if (!answer) {
                   reported_.erase(uid);
                 }
               });
}

void NodeAgent::report(const k8s::ObjectKey& key, const k8s::Node& node) {
  const k8s::TimeNs now = client_.env().now();
  const auto [due, is_new] = ready_at_.try_emplace(node.meta.uid, now + delays_.ready);
  if (now < due->second) {
    if (is_new) {
      queue_.add_after(key, due->second - now);
    }
    return;
  }
  std::vector<k8s::Condition> conditions = node.status.conditions;
  k8s::Condition ready =
      node_condition("Ready", "True", "KubeletReady", "kubelet is posting ready status");
  ready.last_heartbeat = now;
  k8s::upsert_condition(conditions, std::move(ready), now);
  queue_.write(key, status_patch(key, conditions_body(conditions)));
}

NodeAgent::Boot* NodeAgent::find_boot(const k8s::ObjectKey& key) {
  const auto found = boots_.find(key.name);
  return found == boots_.end() ? nullptr : &found->second;
}

}  // namespace sim
