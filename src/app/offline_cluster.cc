#include "app/offline_cluster.h"

#include <algorithm>
#include <set>

#include "app/expand.h"
#include "app/stand_ins.h"
#include "base/text.h"
#include "cloud/ec2/build.h"
#include "cloud/kwok/catalogue.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"
#include "k8s/schema/runtime_validation.h"
#include "plan/overlays.h"
#include "world/world.h"

namespace app {
namespace {

using base::Result;

// 2026-01-01T00:00:00Z: offline there is no "now" that matters, so runs repeat to the byte.
constexpr k8s::TimeNs kStart = 1'767'225'600'000'000'000;

// About a kilobyte each.
constexpr std::int64_t kMostPods = 2'000'000;

struct ProviderNames {
  std::string group;
  std::string kind;
  std::string plural;
};

ProviderNames names_of(const std::string& provider) {
  return provider == "kwok" ? ProviderNames{"karpenter.kwok.sh", "KWOKNodeClass", "kwoknodeclasses"}
                            : ProviderNames{"karpenter.k8s.aws", "EC2NodeClass", "ec2nodeclasses"};
}

template <typename Fn>
void for_each_pool(const std::vector<InputObject>& objects, Fn&& fn) {
  for (const InputObject& entry : objects) {
    if (entry.object && entry.object->kind == k8s::Kind::kNodePool) {
      fn(k8s::as<k8s::NodePool>(*entry.object));
    }
  }
}

class Builder {
 public:
  Builder(const ClusterInput& input, ProviderNames names, const OfflineOptions& options)
      : input_(input),
        names_(std::move(names)),
        region_(options.region),
        now_(options.now),
        overlay_schema_(options.overlay_schema),
        world_({.class_kinds = {{names_.group, names_.kind}},
                .assume_ready = true,
                .wants_overlays = overlay_schema_ != nullptr}) {}

  Result<OfflineCluster> build() {
    TRY_VOID(names_.kind == "KWOKNodeClass" ? add_kwok() : add_ec2());
    if (const std::int64_t pods = count_pods(input_); pods > kMostPods) {
      return base::fail(base::ErrorCode::kLimit,
                        base::concat("the input stands for ",
                                     std::to_string(pods),
                                     " pods; at most ",
                                     std::to_string(kMostPods),
                                     " can be planned at once: are all replicas meant?"));
    }
    const std::vector<k8s::ObjectPtr> objects = with_namespaces(with_default_classes(
        with_made_claims(expand(input_, kStart, now_ ? Expand::kPodsOnly : Expand::kAll))));
    for (const k8s::ObjectPtr& object : objects) {
      world_.apply({object->kind, k8s::EventOp::kAdded, object});
    }
    for (const k8s::ObjectPtr& buffer : resolved_buffers(*world_.snapshot(kStart))) {
      world_.apply({buffer->kind, k8s::EventOp::kModified, buffer});
    }
    apply_overlays();
    world_.mark_synced();
    warn_about_pools();
    if (!now_) {
      warn_about_pods(objects);
    }
    tell_ignored();
    result_.snapshot = with_readiness(*world_.snapshot(now_.value_or(kStart)));
    return std::move(result_);
  }

 private:
  // Pools that say so themselves are not ready (SCH-114); of the others nobody knows.
  static world::SnapshotPtr with_readiness(const world::Snapshot& snapshot) {
    auto out = std::make_shared<world::Snapshot>(snapshot);
    std::vector<std::shared_ptr<const world::PoolRow>> pools;
    for (const auto& row : snapshot.pools) {
      const k8s::Condition* ready = k8s::find_condition(row->pool->conditions, "Ready");
      auto pool = std::make_shared<world::PoolRow>(*row);
      if (pool->unready_reason.empty() && ready != nullptr && ready->status != "True") {
        pool->unready_reason =
            ready->message.empty() ? "not ready" : "not ready: " + ready->message;
      }
      pools.push_back(std::move(pool));
    }
    out->pools = std::move(pools);
    return out;
  }

  k8s::schema::Flavour flavour() const {
    return names_.kind == "KWOKNodeClass" ? k8s::schema::Flavour::kKwok
                                          : k8s::schema::Flavour::kAws;
  }

  std::set<std::string> referenced_classes() const {
    std::set<std::string> names;
    for_each_pool(input_.objects, [&](const k8s::NodePool& pool) {
      if (pool.template_spec.node_class.kind == names_.kind) {
        names.insert(pool.template_spec.node_class.name);
      }
    });
    return names;
  }

  const k8s::Object* find_class(const std::string& name) const {
    for (const InputObject& entry : input_.objects) {
      if (entry.object && k8s::kind_name(entry.object->kind) == names_.kind &&
          entry.object->meta.name == name) {
        return entry.object.get();
      }
    }
    return nullptr;
  }

  void assume_class(const std::string& name) {
    result_.assumptions.push_back(
        base::concat(names_.kind, " \"", name, "\" is not in the input: it exists and is ready"));
  }

  Result<void> add_kwok() {
    const cloud::CataloguePtr catalogue = cloud::kwok::embedded_catalogue();
    for (const std::string& name : referenced_classes()) {
      if (!find_class(name)) {
        assume_class(name);
      }
      world_.set_catalogue(names_.kind, name, catalogue);
    }
    return {};
  }

  Result<void> add_ec2() {
    const cloud::ec2::Facts facts = cloud::ec2::embedded_facts();
    const cloud::ec2::RegionFacts* region = facts.find_region(region_);
    for (const std::string& name : referenced_classes()) {
      const k8s::Object* object = find_class(name);
      if (!object) {
        assume_class(name);
      }
      const k8s::EC2NodeClass assumed;
      const auto& node_class = object ? k8s::as<k8s::EC2NodeClass>(*object) : assumed;
      cloud::ec2::ClassView view = TRY(cloud::ec2::class_view(node_class, {.region = region_}));
      if (!object) {
        view.family = cloud::ec2::AmiFamily::kAL2023;
      }
      world_.set_catalogue(names_.kind, name, TRY(cloud::ec2::build_catalogue(facts, view)));
    }
    if (region) {
      result_.assumptions.push_back(base::concat(
          "no account is asked: subnets, security groups and images match in every zone of ",
          region_));
      if (region->has_borrowed_prices) {
        result_.assumptions.push_back(
            base::concat("on-demand prices are those of us-east-1, not of ", region_));
      }
      result_.assumptions.emplace_back("spot prices are estimates");
    }
    return {};
  }

  // What the controller's NodeOverlays would make of the catalogues, and those that it would
  // refuse.
  void apply_overlays() {
    if (overlay_schema_ == nullptr) {
      warn_about_overlays();
      return;
    }
    const world::SnapshotPtr snapshot = world_.snapshot(kStart);
    plan::OverlayInput input{
        .overlays = {snapshot->node_overlays.begin(), snapshot->node_overlays.end()},
        .schema = *overlay_schema_,
        .flavour = flavour()};
    for (const auto& [name, pool] : world_.pools()) {
      input.pools.push_back({pool, world_.find_catalogue(pool->template_spec.node_class)});
    }
    plan::OverlayResult result = plan::apply_overlays(input);
    for (const plan::OverlayVerdict& verdict : result.verdicts) {
      if (!verdict.reason.empty()) {
        result_.warnings.push_back(base::concat(
            "NodeOverlay \"", verdict.overlay->meta.name, "\" does not count: ", verdict.message));
      }
    }
    world_.set_pool_catalogues(std::move(result.catalogues));
  }

  void warn_about_overlays() {
    if (std::ranges::any_of(input_.objects, [](const InputObject& entry) {
          return entry.object && entry.object->kind == k8s::Kind::kNodeOverlay;
        })) {
      result_.warnings.emplace_back(
          "NodeOverlays play no part while their gate is off: --feature-gates NodeOverlay=true");
    }
  }

  void warn_about_pools() {
    std::size_t usable = 0;
    for_each_pool(input_.objects, [&](const k8s::NodePool& pool) {
      // API-123: admitted, and then never ready.
      if (const auto problems = k8s::schema::validate_node_pool(pool, flavour());
          !problems.empty()) {
        result_.warnings.push_back(base::concat("NodePool \"",
                                                pool.meta.name,
                                                "\": the controller will not use it: ",
                                                k8s::schema::joined(problems)));
      }
      const k8s::NodeClassRef& ref = pool.template_spec.node_class;
      if (ref.kind == names_.kind) {
        ++usable;
        return;
      }
      result_.warnings.push_back(base::concat("NodePool \"",
                                              pool.meta.name,
                                              "\" refers to ",
                                              ref.kind,
                                              " \"",
                                              ref.name,
                                              "\", which this provider does not serve: ignored"));
    });
    if (usable == 0) {
      result_.warnings.push_back(
          base::concat("the input has no NodePool for ",
                       names_.kind,
                       ": no node can be launched; add yours, e.g. of `kubectl get nodepools,",
                       names_.plural,
                       " -o yaml`"));
    }
  }

  // A plan without pods is empty: say so, and why.
  void warn_about_pods(const std::vector<k8s::ObjectPtr>& objects) {
    const bool has_pods = std::ranges::any_of(
        objects, [](const k8s::ObjectPtr& object) { return object->kind == k8s::Kind::kPod; });
    if (has_pods) {
      return;
    }
    const bool has_workloads = std::ranges::any_of(
        objects, [](const k8s::ObjectPtr& object) { return !workload_kind(object->kind).empty(); });
    result_.warnings.emplace_back(
        has_workloads ? "the workloads of the input have 0 replicas: there is no pod to place"
                      : "the input has no pods and no workloads: there is nothing to place");
  }

  void tell_ignored() {
    if (input_.ignored.empty()) {
      return;
    }
    std::vector<std::string> kinds;
    for (const auto& [kind, count] : input_.ignored) {
      kinds.push_back(base::concat(std::to_string(count), " ", kind));
    }
    result_.assumptions.push_back("objects that play no part: " + base::join(kinds, ", "));
  }

  const ClusterInput& input_;
  ProviderNames names_;
  std::string region_;
  std::optional<k8s::TimeNs> now_;
  std::shared_ptr<const cloud::LabelSchema> overlay_schema_;
  world::World world_;
  OfflineCluster result_;
};

}  // namespace

Result<OfflineCluster> offline_cluster(const ClusterInput& input, const OfflineOptions& options) {
  return Builder(input, names_of(input.provider), options).build();
}

}  // namespace app
