#include "cloud/kwok/provider.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cloud/kwok/node_object.h"
#include "k8s/codec.h"
#include "k8s/conditions.h"
#include "k8s/time.h"

namespace cloud::kwok {

namespace {

using base::ErrorCode;
using base::Result;
using k8s::Kind;
using k8s::ObjectPtr;

// LIF-241 (4): pauses of 1, 2, 4 ... 32 s.
constexpr int kCreateAttempts = 7;

std::unexpected<LaunchFailure> failure(ErrorCode code, std::string detail) {
  return std::unexpected(LaunchFailure{.error = {code, std::move(detail)}, .unavailable = {}});
}

k8s::ObjectKey cluster_key(Kind kind, std::string name) {
  return {.kind = kind, .namespace_ = {}, .name = std::move(name)};
}

std::string name_in(const std::string& provider_id) {
  return provider_id.starts_with(kScheme) ? provider_id.substr(kScheme.size()) : provider_id;
}

struct Choice {
  const InstanceType* type = nullptr;
  const Offering* offering = nullptr;
};

Result<Choice> choose(const LaunchRequest& request, const Catalogue& catalogue) {
  for (const OfferingRef& wanted : request.offerings) {
    const InstanceType* type = catalogue.find(wanted.instance_type);
    if (type == nullptr) {
      return base::fail(ErrorCode::kInvalid, "instance type not found");
    }
    const auto found = std::ranges::find_if(type->offerings, [&](const Offering& offering) {
      return offering.available && offering.zone == wanted.zone &&
             offering.capacity_type == wanted.capacity_type;
    });
    if (found != type->offerings.end()) {
      return Choice{type, &*found};
    }
  }
  return base::fail(ErrorCode::kInsufficientCapacity, "no offering is available");
}

k8s::WriteRequest node_request(k8s::Verb verb, std::string name) {
  return {.verb = verb,
          .key = cluster_key(Kind::kNode, std::move(name)),
          .subresource = {},
          .body = {},
          .uid = {},
          .resource_version = {},
          .grace_seconds = {}};
}

}  // namespace

Provider::Provider(runtime::Executor& executor, k8s::KubeApi& api, Options options)
    : executor_(executor),
      api_(api),
      catalogue_(std::move(options.catalogue)),
      find_known_(std::move(options.find_known)),
      log_(options.log, "cloudprovider") {}

Provider::~Provider() {
  *alive_ = false;
}

template <typename F>
auto Provider::guard(F callback) const {
  return [alive = alive_, callback = std::move(callback)](auto&&... args) {
    if (*alive) {
      callback(std::forward<decltype(args)>(args)...);
    }
  };
}

// As upstream, whose client reads from a cache.
void Provider::read(const k8s::ObjectKey& key, k8s::KubeApi::ReadDone done) {
  if (k8s::ObjectPtr known = find_known_ ? find_known_(key) : nullptr) {
    executor_.post([done = std::move(done), known = std::move(known)] { done(known); });
  } else {
    api_.get(key, std::move(done));
  }
}

void Provider::launch(LaunchRequest request, LaunchDone done) {
  const k8s::ObjectKey key = cluster_key(Kind::kNodeClaim, request.claim_name);
  read(key,
       guard([this, request = std::move(request), done = std::move(done)](
                 const Result<ObjectPtr>& claim) {
         if (!claim) {
           done(failure(claim.error().code, claim.error().detail));
           return;
         }
         launch_claim(request, std::static_pointer_cast<const k8s::NodeClaim>(*claim), done);
       }));
}

void Provider::launch_claim(const LaunchRequest& request,
                            const ClaimPtr& claim,
                            const LaunchDone& done) {
  read(cluster_key(Kind::kKWOKNodeClass, claim->spec.node_class.name),
       guard([this, request, claim, done](const Result<ObjectPtr>& found) {
         if (!found) {  // LIF-241 (2)
           const bool is_missing = found.error().code == ErrorCode::kNotFound;
           done(failure(is_missing ? ErrorCode::kInsufficientCapacity : found.error().code,
                        "resolving node class from nodeclaim, " + found.error().detail));
           return;
         }
         const auto& node_class = k8s::as<k8s::KWOKNodeClass>(**found);
         const k8s::Condition* ready = k8s::find_condition(node_class.conditions, "Ready");
         if (ready != nullptr && ready->status == "False") {  // LIF-241 (3)
           done(failure(ErrorCode::kNotReady, ready->message));
           return;
         }
         const Result<Choice> choice = choose(request, *catalogue_);
         if (!choice) {
           done(std::unexpected(
               LaunchFailure{.error = choice.error(), .unavailable = request.offerings}));
           return;
         }
         k8s::Node node = make_node(*claim, *choice->type, *choice->offering);
         const std::string name = node.meta.name;
         runtime::TimerId& timer = pending_[name];
         executor_.cancel(timer);
         timer = executor_.after(
             runtime::Duration(node_class.node_registration_delay.value_or(0)),
             guard([this, name, body = node_body(node)] { create_node(name, body, 1); }));
         node.meta.creation_time = base::to_unix_ns(executor_.clock().wall());
         done(instance_of(node));
       }));
}

void Provider::create_node(const std::string& name, const std::string& body, int attempt) {
  k8s::WriteRequest request = node_request(k8s::Verb::kCreate, name);
  request.body = body;
  api_.write(std::move(request),
             guard([this, name, body, attempt](const Result<ObjectPtr>& answer) {
               const auto pending = pending_.find(name);
               if (pending == pending_.end()) {
                 return;  // Taken back meanwhile; terminate() removes what was made.
               }
               const bool is_there = answer || answer.error().code == ErrorCode::kAlreadyExists;
               if (is_there || attempt == kCreateAttempts) {
                 pending_.erase(pending);
               }
               if (is_there) {
                 return;
               }
               if (attempt == kCreateAttempts) {
                 log_.error("creating node",
                            {{"Node", runtime::object_reference(name)}, {"error", answer.error()}});
                 return;
               }
               pending->second = executor_.after(
                   std::chrono::seconds(1 << (attempt - 1)),
                   guard([this, name, body, attempt] { create_node(name, body, attempt + 1); }));
             }));
}

void Provider::terminate(const std::string& provider_id, Done done) {
  const std::string name = name_in(provider_id);
  if (const auto pending = pending_.find(name); pending != pending_.end()) {
    executor_.cancel(pending->second);
    pending_.erase(pending);
  }
  api_.get(cluster_key(Kind::kNode, name),
           guard([this, done = std::move(done)](const Result<ObjectPtr>& found) {
             if (found && !(*found)->meta.is_deleting()) {
               remove_node(k8s::as<k8s::Node>(**found), done);
             } else if (found || found.error().code == ErrorCode::kNotFound) {
               done(base::fail(ErrorCode::kNotFound, "instance terminated"));
             } else {
               done(base::fail(base::with_context(found.error(), "deleting node")));
             }
           }));
}

void Provider::remove_node(const k8s::Node& node, const Done& done) {
  k8s::WriteRequest request = node_request(k8s::Verb::kDelete, node.meta.name);
  request.uid = node.meta.uid;
  api_.write(std::move(request), guard([done](const Result<ObjectPtr>& answer) {
               if (answer || answer.error().code == ErrorCode::kNotFound ||
                   answer.error().code == ErrorCode::kConflict) {
                 done(base::fail(ErrorCode::kNotFound, "instance terminated"));
               } else {
                 done(base::fail(base::with_context(answer.error(), "deleting node")));
               }
             }));
}

void Provider::get(const std::string& provider_id, InstanceDone done) {
  api_.get(cluster_key(Kind::kNode, name_in(provider_id)),
           guard([done = std::move(done)](const Result<ObjectPtr>& node) {
             if (!node && node.error().code != ErrorCode::kNotFound) {
               done(base::fail(node.error()));
             } else if (!node || (*node)->meta.is_deleting()) {  // LIF-246
               done(base::fail(ErrorCode::kNotFound, "instance not found"));
             } else {
               done(instance_of(k8s::as<k8s::Node>(**node)));
             }
           }));
}

void Provider::list(ListDone done) {
  api_.list(Kind::kNode,
            guard([done = std::move(done)](const Result<std::vector<ObjectPtr>>& nodes) {
              if (!nodes) {
                done(base::fail(nodes.error()));
                return;
              }
              std::vector<Instance> instances;
              for (const ObjectPtr& object : *nodes) {
                const auto& node = k8s::as<k8s::Node>(*object);
                if (node.provider_id.starts_with(kScheme)) {
                  instances.push_back(instance_of(node));
                }
              }
              done(std::move(instances));
            }));
}

std::vector<RepairPolicy> Provider::repair_policies() const {
  constexpr std::int64_t kToleration = 10 * k8s::kMinute;
  return {{.condition = "Ready", .status = "False", .toleration = kToleration},
          {.condition = "Ready", .status = "Unknown", .toleration = kToleration}};
}

}  // namespace cloud::kwok
