#include "app/live_cluster.h"

#include <memory>
#include <optional>
#include <utility>

#include "kube/client.h"
#include "kube/load_access.h"

#include "app/version.h"
#include "base/text.h"
#include "k8s/kinds.h"
#include "model/pod_shape.h"
#include "runtime/log_sinks.h"
#include "runtime/process.h"
#include "runtime/real_executor.h"
#include "world/world.h"

namespace app {
namespace {

using base::ErrorCode;
using base::Result;

// Asks for one kind after the other, each in pages, until all are there or one fails.
class Reading {
 public:
  Reading(runtime::Executor& executor, k8s::KubeApi& api) : executor_(executor), api_(api) {}

  void next() {
    if (at_ == kinds_.size()) {
      return executor_.stop();
    }
    const k8s::Kind kind = kinds_[at_++];
    api_.list(kind, [this, kind](Result<std::vector<k8s::ObjectPtr>> objects) {
      if (objects) {
        for (k8s::ObjectPtr& object : *objects) {
          keep(std::move(object));
        }
      } else if (!is_unknown(objects.error())) {
        return give_up(std::move(objects).error());
      } else if (kind == k8s::Kind::kNodePool) {
        return give_up({ErrorCode::kUnsupported,
                        "the server knows no NodePools: install Karpenter's definitions "
                        "(`karpenter crds | kubectl apply -f -`)"});
      }
      next();
    });
  }

  Result<ClusterInput> finish() && {
    if (failure_) {
      return base::fail(*std::move(failure_));
    }
    return std::move(input_);
  }

 private:
  void give_up(base::Error error) {
    failure_ = std::move(error);
    executor_.stop();
  }

  // The definition of the kind is not installed, or the server is too old for it.
  static bool is_unknown(const base::Error& error) {
    return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kUnsupported;
  }

  // What replicas have in common is held once.
  void keep(k8s::ObjectPtr object) {
    if (object->kind == k8s::Kind::kPod) {
      object = shapes_.adopt(std::static_pointer_cast<const k8s::Pod>(std::move(object))).pod;
    }
    if (object->kind == k8s::Kind::kNodePool && input_.provider.empty()) {
      const auto& pool = k8s::as<k8s::NodePool>(*object);
      input_.provider = pool.template_spec.node_class.kind == "KWOKNodeClass" ? "kwok" : "ec2";
    }
    input_.objects.push_back(
        {.object = std::move(object), .json = {}, .file = "the cluster", .line = 0});
  }

  runtime::Executor& executor_;
  k8s::KubeApi& api_;
  const std::vector<k8s::Kind> kinds_ = world::World({.wants_devices = true,
                                                      .wants_buffers = true,
                                                      .wants_overlays = true,
                                                      .wants_services = true})
                                            .kinds();
  std::size_t at_ = 0;
  model::PodShapes shapes_;
  ClusterInput input_;
  std::optional<base::Error> failure_;
};

}  // namespace

Result<ClusterInput> read_live_cluster(const LiveAccess& access, const std::string& provider) {
  kube::Access found =
      TRY(kube::load_access(runtime::Environment::of_process(),
                            {.kubeconfig = access.kubeconfig, .context = access.context}));
  const std::string source = found.source;
  runtime::RealExecutor executor;
  runtime::NullLogSink silence;
  const auto http = runtime::make_curl_http_client(
      executor, {.user_agent = base::concat("karpenter/", kCompatibleWith)});
  kube::Client api(executor,
                   *http,
                   std::move(found),
                   {.log = silence, .rng = runtime::Rng(runtime::real_seed())});
  Reading reading(executor, api);
  executor.post([&] { reading.next(); });
  executor.run();
  Result<ClusterInput> input = std::move(reading).finish();
  if (!input) {
    return base::fail(base::with_context(std::move(input).error(), source));
  }
  if (!provider.empty() || input->provider.empty()) {
    input->provider = provider.empty() ? "ec2" : provider;
  }
  return input;
}

}  // namespace app
