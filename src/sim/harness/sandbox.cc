#include "sim/harness/sandbox.h"

#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "cloud/ec2/build.h"
#include "sim/apiserver/json.h"
#include "sim/cluster/raw_template.h"

namespace sim {
namespace {

// Independent dice for each part: what one draws does not shift the others.
std::uint64_t stream(std::uint64_t seed, std::string_view part) {
  return runtime::Rng(seed).split(part).next();
}

}  // namespace

base::Result<std::unique_ptr<Sandbox>> Sandbox::create(runtime::Executor& executor,
                                                       SandboxOptions options) {
  cloud::ec2::Facts facts = cloud::ec2::embedded_facts();
  cloud::ec2::ClassView everything;
  everything.region = options.region;
  cloud::CataloguePtr catalogue = TRY(cloud::ec2::build_catalogue(facts, everything));
  std::vector<ZoneName> zones;
  for (const cloud::ec2::Zone& zone : facts.find_region(options.region)->zones) {
    zones.push_back({zone.name, zone.id});
  }
  Account account = Account::built_in(options.region, zones);
  return std::unique_ptr<Sandbox>(
      new Sandbox(executor, options, std::move(facts), std::move(catalogue), std::move(account)));
}

Sandbox::Sandbox(runtime::Executor& executor,
                 const SandboxOptions& options,
                 cloud::ec2::Facts facts,
                 cloud::CataloguePtr catalogue,
                 Account account)
    : executor_(executor),
      faults_(options.faults),
      catalogues_(std::move(facts)),
      region_(options.region),
      catalogue_(std::move(catalogue)),
      store_(options.history),
      registry_(store_, executor.clock(), runtime::Rng(stream(options.seed, "apiserver"))),
      rest_(registry_, executor),
      kube_faults_(faults_, stream(options.seed, "api faults")),
      cluster_kube_(registry_, executor, nullptr, true),
      cloud_(executor,
             stream(options.seed, "cloud"),
             catalogue_,
             std::move(account),
             faults_,
             options.cloud_delays),
      cluster_(executor,
               stream(options.seed, "cluster"),
               cluster_kube_,
               {.catalogue = catalogue_,
                .raw_template = raw_templates(store_),
                .rollout = rollouts(store_)},
               faults_) {
  registry_.bootstrap();
  cloud_.watch_machines([this](const Machine& machine) { cluster_.on_machine(machine); });
  cluster_.start();
}

std::unique_ptr<api::SimKube> Sandbox::controller_kube() {
  return std::make_unique<api::SimKube>(registry_, executor_, &kube_faults_);
}

std::function<cloud::CataloguePtr(const k8s::Object&)> Sandbox::catalogue_source() {
  return [this](const k8s::Object& object) -> cloud::CataloguePtr {
    if (object.kind != k8s::Kind::kEC2NodeClass) {
      return nullptr;
    }
    const auto& node_class = static_cast<const k8s::EC2NodeClass&>(object);
    if (node_class.status_subnets.empty()) {
      return nullptr;
    }
    const auto view = cloud::ec2::class_view(node_class, {.region = region_});
    if (!view) {
      return nullptr;
    }
    return catalogues_.get(*view, none_unavailable_).value_or(nullptr);
  };
}

base::Result<void> Sandbox::apply(std::string_view text) {
  boost::json::error_code problem;
  boost::json::value document = boost::json::parse(text, problem);
  const boost::json::object* object = problem ? nullptr : document.if_object();
  if (!object) {
    return base::fail(base::ErrorCode::kInvalid, "not a JSON object");
  }
  const auto type =
      api::find_kind(api::text_at(*object, "apiVersion"), api::text_at(*object, "kind"));
  if (!type) {
    return base::fail(base::ErrorCode::kUnsupported,
                      "the embedded API server does not serve this kind");
  }
  api::ObjectRef ref{.type = *type, .name = std::string(api::text_at(*object, "metadata.name"))};
  if (api::resource_type(*type).namespaced) {
    const std::string_view given = api::text_at(*object, "metadata.namespace");
    ref.namespace_ = given.empty() ? "default" : std::string(given);
  }
  const auto written = registry_.patch(
      ref, api::PatchType::kApply, text, {.force = true, .field_manager = "karpenter-demo"});
  if (!written) {
    return base::fail(written.error().to_error());
  }
  return {};
}

}  // namespace sim
