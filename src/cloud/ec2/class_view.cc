#include "cloud/ec2/class_view.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace cloud::ec2 {

namespace {

using base::Result;

struct FamilyName {
  std::string_view name;
  std::string_view alias;
  AmiFamily family;
};

constexpr std::array<FamilyName, 7> kFamilies = {{
    {"AL2", "al2", AmiFamily::kAL2},
    {"AL2023", "al2023", AmiFamily::kAL2023},
    {"Bottlerocket", "bottlerocket", AmiFamily::kBottlerocket},
    {"Windows2019", "windows2019", AmiFamily::kWindows2019},
    {"Windows2022", "windows2022", AmiFamily::kWindows2022},
    {"Windows2025", "windows2025", AmiFamily::kWindows2025},
    {"Custom", "custom", AmiFamily::kCustom},
}};

// AWI-97: what is no quantity is an expression.
k8s::Resources quantities(const k8s::StringMap& texts) {
  k8s::Resources resources;
  for (const auto& [name, text] : texts) {
    if (const Result<k8s::Quantity> quantity = k8s::Quantity::parse(text)) {
      resources.set(name, *quantity);
    }
  }
  return resources;
}

Result<EvictionThreshold> parse_threshold(std::string_view text) {
  if (text.ends_with('%')) {
    const std::string_view digits = text.substr(0, text.size() - 1);
    double percent = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), percent);
    if (error != std::errc() || end != digits.data() + digits.size() || !(percent >= 0) ||
        percent > 100) {
      return base::fail(base::ErrorCode::kInvalid,
                        base::concat("\"", text, "\" is not a percentage from 0% to 100%"));
    }
    return EvictionThreshold{.percent = percent, .amount = {}};
  }
  return EvictionThreshold{.percent = std::nullopt, .amount = TRY(k8s::Quantity::parse(text))};
}

Result<std::optional<EvictionThreshold>> find_threshold(const k8s::StringMap& texts,
                                                        std::string_view signal) {
  const auto found = texts.find(signal);
  if (found == texts.end()) {
    return std::optional<EvictionThreshold>();
  }
  Result<EvictionThreshold> threshold = parse_threshold(found->second);
  if (!threshold) {
    return base::fail(base::with_context(std::move(threshold).error(),
                                         base::concat("spec.kubelet.evictionHard[", signal, "]")));
  }
  return std::optional<EvictionThreshold>(*std::move(threshold));
}

// Grouped by zone name: status written by old versions has no zone ids (AWI-31).
std::vector<ZoneView> zones_of(const k8s::EC2NodeClass& node_class) {
  std::vector<ZoneView> zones;
  for (const k8s::ResolvedSubnet& subnet : node_class.status_subnets) {
    auto zone = std::ranges::find(zones, subnet.zone, &ZoneView::name);
    if (zone == zones.end()) {
      zone = zones.insert(zones.end(), {.name = subnet.zone, .id = subnet.zone_id, .subnets = {}});
    }
    zone->subnets.push_back(subnet.id);
  }
  std::ranges::sort(zones, {}, &ZoneView::name);
  return zones;
}

// An image without an architecture requirement runs anywhere: then nothing is known.
std::set<std::string, std::less<>> architectures_of(const k8s::EC2NodeClass& node_class) {
  std::set<std::string, std::less<>> architectures;
  for (const k8s::ResolvedImage& image : node_class.status_amis) {
    const auto term =
        std::ranges::find(image.requirements, "kubernetes.io/arch", &k8s::SelectorTerm::key);
    if (term == image.requirements.end() || term->op != "In") {
      return {};
    }
    architectures.insert(term->values.begin(), term->values.end());
  }
  return architectures;
}

void read_kubelet(const k8s::KubeletConfiguration& kubelet, ClassView& view) {
  view.max_pods = kubelet.max_pods;
  view.pods_per_core = kubelet.pods_per_core;
  view.kube_reserved = quantities(kubelet.kube_reserved);
  view.system_reserved = quantities(kubelet.system_reserved);
}

}  // namespace

bool is_windows(AmiFamily family) {
  return family == AmiFamily::kWindows2019 || family == AmiFamily::kWindows2022 ||
         family == AmiFamily::kWindows2025;
}

AmiFamily ami_family(std::string_view text) {
  if (text.empty()) {
    return AmiFamily::kCustom;
  }
  const auto found = std::ranges::find(kFamilies, text, &FamilyName::name);
  return found == kFamilies.end() ? AmiFamily::kAL2 : found->family;
}

AmiFamily ami_family(const k8s::EC2NodeClass& node_class) {
  if (!node_class.ami_family.empty()) {
    return ami_family(node_class.ami_family);
  }
  for (const k8s::ResourceSelectorTerm& term : node_class.ami_terms) {
    const std::string_view alias = std::string_view(term.alias).substr(0, term.alias.find('@'));
    const auto found = std::ranges::find(kFamilies, alias, &FamilyName::alias);
    if (found != kFamilies.end()) {
      return found->family;
    }
  }
  return AmiFamily::kCustom;
}

Result<ClassView> class_view(const k8s::EC2NodeClass& node_class, const ClassViewOptions& options) {
  ClassView view;
  view.region = options.region;
  view.vm_memory_overhead = options.vm_memory_overhead;
  view.reserved_enis = options.reserved_enis;
  view.zones = zones_of(node_class);
  view.family = ami_family(node_class);
  view.image_architectures = architectures_of(node_class);
  read_kubelet(node_class.kubelet, view);
  view.memory_eviction = TRY(find_threshold(node_class.kubelet.eviction_hard, "memory.available"));
  view.storage_eviction = TRY(find_threshold(node_class.kubelet.eviction_hard, "nodefs.available"));
  for (const k8s::BlockDevice& device : node_class.block_devices) {
    view.block_devices.push_back({.device_name = device.device_name,
                                  .volume_size = device.volume_size,
                                  .is_root = device.root_volume});
  }
  view.has_raid0_instance_store = node_class.instance_store_policy == "RAID0";
  return view;
}

}  // namespace cloud::ec2
