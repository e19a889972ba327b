#include "sim/cluster/bed_testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/assert.h"
#include "k8s/conditions.h"
#include "k8s/kinds.h"
#include "sim/cluster/raw_template.h"

namespace sim {

namespace {

using namespace std::chrono_literals;

const std::vector<ZoneName> kZones{{.name = "us-west-2a", .id = "usw2-az1"},
                                   {.name = "us-west-2b", .id = "usw2-az2"}};

cloud::InstanceType make_type(const std::string& name, std::int64_t cpus, double price) {
  cloud::InstanceType type;
  type.name = name;
  type.labels = {{.key = "kubernetes.io/arch", .values = {"amd64"}},
                 {.key = "kubernetes.io/os", .values = {"linux"}}};
  type.capacity.set("cpu", k8s::Quantity::units(cpus));
  type.capacity.set("memory", k8s::Quantity::units(cpus * (std::int64_t{4} << 30)));
  type.capacity.set("pods", k8s::Quantity::units(29));
  for (const ZoneName& zone : kZones) {
    for (const auto& [capacity_type, factor] : {std::pair{"on-demand", 1.0}, {"spot", 0.4}}) {
      cloud::Offering offering;
      offering.zone = zone.name;
      offering.zone_id = zone.id;
      offering.capacity_type = capacity_type;
      offering.price = price * factor;
      type.offerings.push_back(std::move(offering));
    }
  }
  return type;
}

template <typename T>
std::vector<std::shared_ptr<const T>> all(const api::Store& store, k8s::Kind kind) {
  std::vector<std::shared_ptr<const T>> objects;
  for (const auto& [key, document] : store.collection(api::type_of(kind))) {
    objects.push_back(std::static_pointer_cast<const T>(document->typed()));
  }
  return objects;
}

}  // namespace

void LoggingKube::write(k8s::WriteRequest request, WriteDone done) {
  log_.push_back(fmt::format("{} {} {}/{} {} {}",
                             clock_.now().time_since_epoch().count(),
                             static_cast<int>(request.verb),
                             k8s::kind_name(request.key.kind),
                             request.key.name,
                             request.subresource,
                             request.body));
  inner_.write(std::move(request), std::move(done));
}

cloud::CataloguePtr small_catalogue() {
  auto catalogue = std::make_shared<cloud::Catalogue>();
  catalogue->types = {make_type("m5.large", 2, 0.1), make_type("m5.xlarge", 4, 0.2)};
  return catalogue;
}

Bed::Bed(std::uint64_t seed, std::string_view fault_list)
    : executor({.seed = seed}),
      faults(*FaultPlan::parse(fault_list)),
      registry(store, executor.clock(), runtime::Rng(seed).split("server")),
      kube(registry, executor),
      logging(kube, executor.clock()),
      cloud(executor, seed, small_catalogue(), Account::built_in("us-west-2", kZones), faults),
      cluster(executor,
              seed,
              logging,
              {.catalogue = small_catalogue(),
               .raw_template = raw_templates(store),
               .rollout = rollouts(store),
               .kubelet = {},
               .nodes = {}},
              faults) {
  registry.bootstrap();
  cloud.watch_machines([this](const Machine& machine) { cluster.on_machine(machine); });
  cluster.start();
  run(1s);
}

base::Result<k8s::ObjectPtr> Bed::write(k8s::WriteRequest request) {
  std::optional<base::Result<k8s::ObjectPtr>> answer;
  kube.write(std::move(request),
             [&](base::Result<k8s::ObjectPtr> got) { answer = std::move(got); });
  executor.run_ready();
  ASSERT(answer.has_value());
  return *answer;
}

void Bed::create(k8s::Kind kind, const std::string& body) {
  const std::string ns = k8s::facts(kind).is_namespaced ? "default" : "";
  const auto answer = write(create_request({.kind = kind, .namespace_ = ns, .name = {}}, body));
  ASSERT_TRUE(answer.has_value()) << answer.error().detail;
}

void Bed::patch(k8s::Kind kind,
                const std::string& ns,
                const std::string& name,
                const std::string& body) {
  const auto answer = write(merge_patch({.kind = kind, .namespace_ = ns, .name = name}, body));
  ASSERT_TRUE(answer.has_value()) << answer.error().detail;
}

void Bed::remove(k8s::Kind kind, const std::string& ns, const std::string& name) {
  k8s::WriteRequest request = create_request({.kind = kind, .namespace_ = ns, .name = name}, {});
  request.verb = k8s::Verb::kDelete;
  const auto answer = write(std::move(request));
  ASSERT_TRUE(answer.has_value()) << answer.error().detail;
}

void Bed::deploy(const std::string& name,
                 int replicas,
                 const std::string& cpu,
                 const std::string& pod_spec) {
  create(k8s::Kind::kDeployment,
         fmt::format(R"({{"apiVersion":"apps/v1","kind":"Deployment",
           "metadata":{{"name":"{0}","namespace":"default"}},
           "spec":{{"replicas":{1},"selector":{{"matchLabels":{{"app":"{0}"}}}},
             "template":{{"metadata":{{"labels":{{"app":"{0}"}}}},
               "spec":{{"containers":[{{"name":"pause","image":"pause",
                 "resources":{{"requests":{{"cpu":"{2}"}}}}}}]{3}}}}}}}}})",
                     name,
                     replicas,
                     cpu,
                     pod_spec));
}

std::string Bed::join(const std::string& claim, const std::string& type, const std::string& zone) {
  create(k8s::Kind::kNodeClaim,
         fmt::format(R"({{"apiVersion":"karpenter.sh/v1","kind":"NodeClaim",
           "metadata":{{"name":"{}","labels":{{"karpenter.sh/nodepool":"general"}}}},
           "spec":{{"nodeClassRef":{{"group":"karpenter.k8s.aws","kind":"EC2NodeClass",
             "name":"default"}},"requirements":[],
             "startupTaints":[{{"key":"example.com/agent","effect":"NoSchedule"}}]}}}})",
                     claim));
  std::string address;
  cloud.launch({.claim_name = claim,
                .claim_uid = "uid-" + claim,
                .class_name = "default",
                .offerings = {{.instance_type = type, .zone = zone, .capacity_type = "on-demand"}},
                .tags = {}},
               [&](const auto& instance) {
                 ASSERT_TRUE(instance.has_value()) << instance.error().error.detail;
                 address = instance->provider_id;
               });
  run(60s);
  for (const auto& node : nodes()) {
    if (node->provider_id == address) {
      register_node(node->meta.name);
      return node->meta.name;
    }
  }
  return {};
}

void Bed::register_node(const std::string& node) {
  patch(k8s::Kind::kNode, "", node, R"({"spec":{"taints":null}})");
}

std::vector<std::shared_ptr<const k8s::Pod>> Bed::pods() const {
  return all<k8s::Pod>(store, k8s::Kind::kPod);
}

std::vector<std::shared_ptr<const k8s::Pod>> Bed::pods(std::string_view phase) const {
  auto found = pods();
  std::erase_if(found, [&](const auto& pod) { return pod->status.phase != phase; });
  return found;
}

std::vector<std::shared_ptr<const k8s::Node>> Bed::nodes() const {
  return all<k8s::Node>(store, k8s::Kind::kNode);
}

std::shared_ptr<const k8s::Pod> Bed::pod(const std::string& name) const {
  const auto document = store.find(api::type_of(k8s::Kind::kPod), "default", name);
  return document == nullptr ? nullptr
                             : std::static_pointer_cast<const k8s::Pod>(document->typed());
}

std::string Bed::scheduling_message(const std::string& prefix) const {
  for (const auto& candidate : pods()) {
    const auto* scheduled = k8s::find_condition(candidate->status.conditions, "PodScheduled");
    if (candidate->meta.name.starts_with(prefix) && scheduled != nullptr) {
      return scheduled->message;
    }
  }
  return {};
}

}  // namespace sim
