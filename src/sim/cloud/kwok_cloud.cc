#include "sim/cloud/kwok_cloud.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "k8s/codec.h"
#include "k8s/conditions.h"

namespace sim {

namespace {

namespace json = boost::json;
using base::ErrorCode;

constexpr std::string_view kScheme = "kwok://";

std::unexpected<cloud::LaunchFailure> failure(ErrorCode code, std::string detail) {
  return std::unexpected(
      cloud::LaunchFailure{.error = {code, std::move(detail)}, .unavailable = {}});
}

// LIF-243: later sources win.
k8s::StringMap node_labels(const k8s::NodeClaim& claim,
                           const cloud::InstanceType& type,
                           const cloud::Offering& offering) {
  k8s::StringMap labels = claim.meta.labels;
  for (const k8s::SelectorTerm& term : claim.spec.requirements) {
    if (term.op == "In" && term.values.size() == 1) {
      labels[term.key] = term.values.front();
    }
  }
  labels["node.kubernetes.io/instance-type"] = type.name;
  for (const std::vector<cloud::TypeLabel>* source : {&type.labels, &offering.labels}) {
    for (const cloud::TypeLabel& label : *source) {
      if (label.values.size() == 1) {
        labels[label.key] = label.values.front();
      }
    }
  }
  labels["topology.kubernetes.io/zone"] = offering.zone;
  labels["karpenter.sh/capacity-type"] = offering.capacity_type;
  labels["eks-node-viewer/instance-price"] = fmt::format("{:f}", offering.price);
  labels["kwok-partition"] = "a";
  labels["kubernetes.io/hostname"] = claim.meta.name;
  labels["kwok.x-k8s.io/node"] = "fake";
  return labels;
}

json::object to_json(const k8s::StringMap& map) {
  json::object object;
  for (const auto& [key, value] : map) {
    object[key] = value;
  }
  return object;
}

std::string node_text(const std::string& name,
                      const std::string& provider_id,
                      const k8s::NodeClaim& claim,
                      const k8s::StringMap& labels) {
  k8s::StringMap annotations = claim.meta.annotations;
  annotations["kwok.x-k8s.io/node"] = "fake";
  return json::serialize(json::object{
      {"apiVersion", "v1"},
      {"kind", "Node"},
      {"metadata",
       {{"name", name}, {"labels", to_json(labels)}, {"annotations", to_json(annotations)}}},
      {"spec",
       {{"providerID", provider_id},
        {"taints",
         json::array{{{"key", "karpenter.sh/unregistered"}, {"effect", "NoExecute"}}}}}}});
}

std::string status_text(const k8s::NodeClaim& claim, const cloud::InstanceType& type) {
  k8s::Resources allocatable = claim.spec.requests;
  for (const auto& [name, quantity] : type.allocatable()) {
    allocatable.set(name, quantity);
  }
  return json::serialize(
      json::object{{"status",
                    {{"capacity", json::parse(k8s::encode_resources(type.capacity))},
                     {"allocatable", json::parse(k8s::encode_resources(allocatable))},
                     {"phase", "Pending"}}}});
}

k8s::ObjectKey cluster_key(k8s::Kind kind, std::string name) {
  return {.kind = kind, .namespace_ = {}, .name = std::move(name)};
}

}  // namespace

KwokCloud::KwokCloud(runtime::Executor& executor,
                     std::uint64_t seed,
                     k8s::KubeApi& api,
                     cloud::CataloguePtr catalogue,
                     const FaultPlan& faults)
    : env_(executor, seed), api_(api), catalogue_(std::move(catalogue)), faults_(faults) {}

void KwokCloud::launch(cloud::LaunchRequest request, LaunchDone done) {
  const k8s::ObjectKey key = cluster_key(k8s::Kind::kNodeClaim, request.claim_name);
  api_.get(key,
           env_.guard([this, request = std::move(request), done = std::move(done)](
                          const base::Result<k8s::ObjectPtr>& claim) {
             if (!claim) {
               done(failure(claim.error().code, claim.error().detail));
               return;
             }
             launch_claim(request, std::static_pointer_cast<const k8s::NodeClaim>(*claim), done);
           }));
}

void KwokCloud::launch_claim(const cloud::LaunchRequest& request,
                             const ClaimPtr& claim,
                             const LaunchDone& done) {
  api_.get(cluster_key(k8s::Kind::kKWOKNodeClass, claim->spec.node_class.name),
           env_.guard([this, request, claim, done](const base::Result<k8s::ObjectPtr>& found) {
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
             if (const auto known = by_claim_uid_.find(request.claim_uid);
                 known != by_claim_uid_.end()) {
               done(instances_.at(known->second));
               return;
             }
             cloud::OfferingRef chosen;
             const base::Result<const cloud::Offering*> offering = choose(request, chosen);
             if (!offering) {
               done(std::unexpected(cloud::LaunchFailure{.error = offering.error(),
                                                         .unavailable = request.offerings}));
               return;
             }
             const cloud::InstanceType& type = *catalogue_->find(chosen.instance_type);
             const std::string name = new_node_name(claim->meta.name);
             const std::string provider_id = std::string(kScheme) + name;
             const cloud::Instance instance{.provider_id = provider_id,
                                            .instance_type = chosen.instance_type,
                                            .zone = chosen.zone,
                                            .capacity_type = chosen.capacity_type,
                                            .image_id = {},
                                            .price = (*offering)->price,
                                            .launched = env_.now(),
                                            .is_terminating = false,
                                            .tags = request.tags,
                                            .unavailable = {}};
             instances_.emplace(provider_id, instance);
             by_claim_uid_.emplace(request.claim_uid, provider_id);
             env_.after(node_class.node_registration_delay.value_or(0),
                        [this,
                         provider_id,
                         body = node_text(
                             name, provider_id, *claim, node_labels(*claim, type, **offering)),
                         status = status_text(*claim, type)] {
                          if (!faults_.strikes(Fault::kNeverJoin, env_.rng())) {
                            create_node(provider_id, body, status, 0);
                          }
                        });
             done(instance);
           }));
}

base::Result<const cloud::Offering*> KwokCloud::choose(const cloud::LaunchRequest& request,
                                                       cloud::OfferingRef& chosen) const {
  for (const cloud::OfferingRef& wanted : request.offerings) {
    const cloud::InstanceType* type = catalogue_->find(wanted.instance_type);
    if (type == nullptr) {
      return base::fail(ErrorCode::kInvalid, "instance type not found");
    }
    for (const cloud::Offering& offering : type->offerings) {
      if (offering.available && offering.zone == wanted.zone &&
          offering.capacity_type == wanted.capacity_type) {
        chosen = wanted;
        return &offering;
      }
    }
  }
  return base::fail(ErrorCode::kInsufficientCapacity, "no offering is available");
}

// Creation, then status: each is tried again for a while, as the provider's back-off does.
void KwokCloud::create_node(const std::string& provider_id,
                            std::string node_body,
                            std::string status_body,
                            int attempt) {
  constexpr int kAttempts = 8;
  const std::string name = provider_id.substr(kScheme.size());
  const k8s::ObjectKey key = cluster_key(k8s::Kind::kNode, name);
  const bool is_created = node_body.empty();
  k8s::WriteRequest request{.verb = is_created ? k8s::Verb::kMergePatch : k8s::Verb::kCreate,
                            .key = key,
                            .subresource = is_created ? "status" : "",
                            .body = is_created ? status_body : node_body,
                            .uid = {},
                            .resource_version = {},
                            .grace_seconds = {}};
  api_.write(std::move(request),
             env_.guard([this, provider_id, node_body, status_body, attempt, is_created](
                            const base::Result<k8s::ObjectPtr>& answer) {
               const bool done = answer || answer.error().code == ErrorCode::kAlreadyExists;
               if (done && !is_created) {
                 create_node(provider_id, {}, status_body, 0);
               } else if (!done && attempt < kAttempts) {
                 env_.after(kSecond, [this, provider_id, node_body, status_body, attempt] {
                   create_node(provider_id, node_body, status_body, attempt + 1);
                 });
               }
             }));
}

void KwokCloud::terminate(const std::string& provider_id, Done done) {
  const auto found = instances_.find(provider_id);
  if (found != instances_.end()) {
    std::erase_if(by_claim_uid_, [&](const auto& entry) { return entry.second == provider_id; });
    instances_.erase(found);
  }
  env_.post(
      [done = std::move(done)] { done(base::fail(ErrorCode::kNotFound, "instance terminated")); });
}

void KwokCloud::get(const std::string& provider_id, InstanceDone done) {
  const std::string name =
      provider_id.starts_with(kScheme) ? provider_id.substr(kScheme.size()) : provider_id;
  api_.get(cluster_key(k8s::Kind::kNode, name),
           env_.guard([this, provider_id, done = std::move(done)](
                          const base::Result<k8s::ObjectPtr>& node) {
             const auto found = instances_.find(provider_id);
             // LIF-246: a Node that is missing or deleting is no instance.
             if (!node || (*node)->meta.is_deleting() || found == instances_.end()) {
               done(base::fail(ErrorCode::kNotFound, "instance not found"));
               return;
             }
             done(found->second);
           }));
}

void KwokCloud::list(ListDone done) {
  env_.post([this, done = std::move(done)] {
    std::vector<cloud::Instance> instances;
    for (const auto& [provider_id, instance] : instances_) {
      instances.push_back(instance);
    }
    done(std::move(instances));
  });
}

std::string KwokCloud::new_node_name(const std::string& claim_name) {
  constexpr std::string_view kWords[] = {
      "brave", "calm", "eager", "fuzzy", "jolly", "kind", "lucky", "merry", "quick", "wise"};
  const std::string_view word = kWords[env_.rng().below(std::size(kWords))];
  return fmt::format("kwok-{}-{}-{}-{}-{}",
                     claim_name,
                     word,
                     ++sequence_,
                     env_.suffix(10),
                     static_cast<std::uint32_t>(env_.rng().next()));
}

}  // namespace sim
