// Which labels there are and which are ours (API-129, API-147, API-150).
#include <algorithm>
#include <array>

#include "k8s/schema/runtime_validation.h"

namespace k8s::schema {
namespace {

constexpr std::array<std::string_view, 8> kCoreLabels{
    "karpenter.sh/capacity-type",
    "karpenter.sh/nodepool",
    "kubernetes.io/arch",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "node.kubernetes.io/windows-build",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
};
constexpr std::array<std::string_view, 29> kAwsLabels{
    "karpenter.k8s.aws/capacity-reservation-id",
    "karpenter.k8s.aws/capacity-reservation-interruptible",
    "karpenter.k8s.aws/capacity-reservation-type",
    "karpenter.k8s.aws/instance-accelerator-count",
    "karpenter.k8s.aws/instance-accelerator-manufacturer",
    "karpenter.k8s.aws/instance-accelerator-name",
    "karpenter.k8s.aws/instance-capability-flex",
    "karpenter.k8s.aws/instance-category",
    "karpenter.k8s.aws/instance-cpu",
    "karpenter.k8s.aws/instance-cpu-manufacturer",
    "karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz",
    "karpenter.k8s.aws/instance-ebs-bandwidth",
    "karpenter.k8s.aws/instance-encryption-in-transit-supported",
    "karpenter.k8s.aws/instance-family",
    "karpenter.k8s.aws/instance-generation",
    "karpenter.k8s.aws/instance-gpu-count",
    "karpenter.k8s.aws/instance-gpu-manufacturer",
    "karpenter.k8s.aws/instance-gpu-memory",
    "karpenter.k8s.aws/instance-gpu-name",
    "karpenter.k8s.aws/instance-hypervisor",
    "karpenter.k8s.aws/instance-local-nvme",
    "karpenter.k8s.aws/instance-memory",
    "karpenter.k8s.aws/instance-network-bandwidth",
    "karpenter.k8s.aws/instance-size",
    "karpenter.k8s.aws/instance-tenancy",
    "karpenter.k8s.aws/nitro-sandbox",
    "karpenter.k8s.aws/placement-group-id",
    "karpenter.k8s.aws/placement-group-partition",
    "topology.k8s.aws/zone-id",
};
constexpr std::array<std::string_view, 4> kKwokLabels{
    "karpenter.kwok.sh/instance-cpu",
    "karpenter.kwok.sh/instance-family",
    "karpenter.kwok.sh/instance-memory",
    "karpenter.kwok.sh/instance-size",
};

constexpr std::array<std::string_view, 1> kCoreDomains{"karpenter.sh"};
constexpr std::array<std::string_view, 2> kAwsDomains{"karpenter.k8s.aws", "karpenter.sh"};
constexpr std::array<std::string_view, 2> kKwokDomains{"karpenter.kwok.sh", "karpenter.sh"};

std::span<const std::string_view> provider_labels(Flavour flavour) {
  switch (flavour) {
    case Flavour::kCore:
      return {};
    case Flavour::kAws:
      return kAwsLabels;
    case Flavour::kKwok:
      return kKwokLabels;
  }
  return {};
}

std::span<const std::string_view> domains(Flavour flavour) {
  switch (flavour) {
    case Flavour::kCore:
      return kCoreDomains;
    case Flavour::kAws:
      return kAwsDomains;
    case Flavour::kKwok:
      return kKwokDomains;
  }
  return {};
}

bool contains(std::span<const std::string_view> list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_in_domain(std::string_view key, std::string_view restricted) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) {
    return false;
  }
  const std::string_view domain = key.substr(0, slash);
  return domain == restricted ||
         (domain.ends_with(restricted) && domain[domain.size() - restricted.size() - 1] == '.');
}

template <typename List>
std::string bracketed(const List& list) {
  std::string out = "[";
  for (const auto& item : list) {
    out.append(out.size() == 1 ? "" : " ").append(item);
  }
  return out.append("]");
}

}  // namespace

std::vector<std::string> well_known_labels(Flavour flavour) {
  std::vector<std::string> out(kCoreLabels.begin(), kCoreLabels.end());
  const auto more = provider_labels(flavour);
  out.insert(out.end(), more.begin(), more.end());
  std::sort(out.begin(), out.end());
  return out;
}

bool is_well_known_label(std::string_view key, Flavour flavour) {
  return contains(kCoreLabels, key) || contains(provider_labels(flavour), key);
}

std::string_view normalized_label(std::string_view key) {
  struct Alias {
    std::string_view old_name;
    std::string_view name;
  };

  constexpr std::array<Alias, 5> kAliases{{
      {"failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"},
      {"failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"},
      {"beta.kubernetes.io/arch", "kubernetes.io/arch"},
      {"beta.kubernetes.io/os", "kubernetes.io/os"},
      {"beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"},
  }};
  for (const Alias& alias : kAliases) {
    if (alias.old_name == key) {
      return alias.name;
    }
  }
  return key;
}

std::string restricted_label_problem(std::string_view key, Flavour flavour) {
  if (is_well_known_label(key, flavour)) {
    return {};
  }
  bool is_ours = key == "kubernetes.io/hostname";
  for (const std::string_view domain : domains(flavour)) {
    is_ours = is_ours || is_in_domain(key, domain);
  }
  if (!is_ours) {
    return {};
  }
  std::string out("using label ");
  out.append(key);
  out.append(
      " is not allowed as it might interfere with the internal provisioning logic; specify a well "
      "known label: ");
  out.append(bracketed(well_known_labels(flavour)));
  out.append(", or a custom label that does not use a restricted domain: ");
  return out.append(bracketed(domains(flavour)));
}

}  // namespace k8s::schema
