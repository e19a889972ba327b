#include "cloud/kwok/node_object.h"

#include <array>

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/text.h"
#include "k8s/codec.h"

namespace cloud::kwok {

namespace {

constexpr std::string_view kInstanceType = "node.kubernetes.io/instance-type";
constexpr std::string_view kZone = "topology.kubernetes.io/zone";
constexpr std::string_view kCapacityType = "karpenter.sh/capacity-type";
constexpr std::string_view kPrice = "eks-node-viewer/instance-price";
constexpr std::string_view kHostname = "kubernetes.io/hostname";
constexpr std::string_view kPool = "karpenter.sh/nodepool";
constexpr std::string_view kFake = "kwok.x-k8s.io/node";
constexpr int kPriceDecimals = 6;  // As Go's %f.

void set(k8s::StringMap& map, std::string_view key, std::string value) {
  map.insert_or_assign(std::string(key), std::move(value));
}

// LIF-243: later sources win.
k8s::StringMap node_labels(const k8s::NodeClaim& claim,
                           const InstanceType& type,
                           const Offering& offering) {
  k8s::StringMap labels = claim.meta.labels;
  for (const k8s::SelectorTerm& term : claim.spec.requirements) {
    if (term.op == "In" && term.values.size() == 1) {
      set(labels, term.key, term.values.front());
    }
  }
  set(labels, kInstanceType, type.name);
  for (const std::vector<TypeLabel>* source : {&type.labels, &offering.labels}) {
    for (const TypeLabel& label : *source) {
      if (label.values.size() == 1) {
        set(labels, label.key, label.values.front());
      }
    }
  }
  set(labels, kZone, offering.zone);
  set(labels, kCapacityType, offering.capacity_type);
  set(labels, kPrice, base::to_fixed(offering.price, kPriceDecimals));
  set(labels, "kwok-partition", "a");
  set(labels, kHostname, claim.meta.name);
  set(labels, kFake, "fake");
  return labels;
}

std::string text_of(const k8s::StringMap& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? std::string() : found->second;
}

}  // namespace

std::string node_name(const k8s::NodeClaim& claim) {
  constexpr std::array<std::string_view, 16> kWords = {"brave",
                                                       "calm",
                                                       "eager",
                                                       "fair",
                                                       "fuzzy",
                                                       "gentle",
                                                       "happy",
                                                       "jolly",
                                                       "kind",
                                                       "lively",
                                                       "lucky",
                                                       "merry",
                                                       "proud",
                                                       "quick",
                                                       "sunny",
                                                       "wise"};
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t kSuffixLength = 10;
  constexpr std::uint64_t kNumbers = 1000;
  std::uint64_t state = base::Hasher().add(claim.meta.uid).add(claim.meta.name).digest();
  const auto draw = [&state](std::uint64_t bound) {
    state = base::mix64(state + 1);
    return state % bound;
  };
  const std::string_view word = kWords[draw(kWords.size())];
  const std::uint64_t number = draw(kNumbers);
  std::string suffix;
  for (std::size_t i = 0; i < kSuffixLength; ++i) {
    suffix += kAlphabet[draw(kAlphabet.size())];
  }
  return base::concat("kwok-",
                      claim.meta.name,
                      "-",
                      word,
                      "-",
                      number,
                      "-",
                      suffix,
                      "-",
                      static_cast<std::uint32_t>(draw(std::uint64_t{1} << 32)));
}

k8s::Node make_node(const k8s::NodeClaim& claim,
                    const InstanceType& type,
                    const Offering& offering) {
  k8s::Node node;
  node.meta.name = node_name(claim);
  node.meta.labels = node_labels(claim, type, offering);
  node.meta.annotations = claim.meta.annotations;
  set(node.meta.annotations, kFake, "fake");
  node.provider_id = base::concat(kScheme, node.meta.name);
  node.taints = {{.key = "karpenter.sh/unregistered", .value = {}, .effect = "NoExecute"}};
  node.status.capacity = claim.spec.requests;
  node.status.allocatable = claim.spec.requests;
  for (const auto& [name, quantity] : type.allocatable()) {
    node.status.allocatable.set(name, quantity);
  }
  return node;
}

std::string node_body(const k8s::Node& node) {
  boost::json::value body = boost::json::parse(k8s::encode_object(node));
  body.get_object()["status"].get_object()["phase"] = "Pending";
  return boost::json::serialize(body);
}

Instance instance_of(const k8s::Node& node) {
  Instance instance;
  instance.provider_id = node.provider_id;
  instance.instance_type = text_of(node.meta.labels, kInstanceType);
  instance.zone = text_of(node.meta.labels, kZone);
  instance.capacity_type = text_of(node.meta.labels, kCapacityType);
  instance.price = base::parse_double(text_of(node.meta.labels, kPrice)).value_or(0);
  instance.launched = node.meta.creation_time;
  instance.is_terminating = node.meta.is_deleting();
  instance.capacity = node.status.capacity;
  instance.allocatable = node.status.allocatable;
  instance.tags = {{std::string(kPool), text_of(node.meta.labels, kPool)},
                   {"karpenter.sh/nodeclaim", text_of(node.meta.labels, kHostname)}};
  return instance;
}

}  // namespace cloud::kwok
