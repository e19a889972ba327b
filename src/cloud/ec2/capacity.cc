// What a node of an instance type offers, and what its system takes of it (AWI-70..109).
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "cloud/ec2/build.h"

namespace cloud::ec2 {

namespace {

using k8s::Quantity;

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kGiB = std::int64_t{1} << 30;
constexpr std::int64_t kArmReserveMiB = 64;  // Contiguous memory allocator (AWI-71).
constexpr std::int64_t kPodsWithoutEniLimit = 110;

Quantity binary(std::int64_t bytes) {
  return Quantity::units(bytes, Quantity::Format::kBinarySI);
}

// What differs between image families in these formulas (AWI-90).
struct FamilyTraits {
  bool has_eni_memory_overhead;
  bool uses_pods_per_core;
  bool has_eni_limited_pods;
  std::string_view ephemeral_device;
  std::int64_t default_volume_gib;
};

FamilyTraits traits_of(AmiFamily family) {
  switch (family) {
    case AmiFamily::kAL2:
    case AmiFamily::kAL2023:
      return {true, true, true, "/dev/xvda", 20};
    case AmiFamily::kCustom:
      return {true, true, true, "", 20};
    case AmiFamily::kBottlerocket:
      return {false, false, true, "/dev/xvdb", 20};
    case AmiFamily::kWindows2019:
    case AmiFamily::kWindows2022:
    case AmiFamily::kWindows2025:
      return {false, true, false, "/dev/sda1", 50};
  }
  return {true, true, true, "/dev/xvda", 20};
}

// AWI-71, AWI-33
Quantity memory_of(const TypeFacts& type, const ClassView& view) {
  const auto measured = view.measured_memory.find(type.name);
  if (measured != view.measured_memory.end()) {
    return measured->second;
  }
  const bool is_arm = !type.architectures.empty() && type.architectures.front() == "arm64";
  const std::int64_t mib = type.memory_mib - (is_arm ? kArmReserveMiB : 0);
  const double overhead_mib = std::ceil(static_cast<double>(mib * kMiB) * view.vm_memory_overhead /
                                        static_cast<double>(kMiB));
  return binary((mib - static_cast<std::int64_t>(overhead_mib)) * kMiB);
}

// AWI-80..85
Quantity ephemeral_storage_of(const TypeFacts& type, const ClassView& view) {
  if (view.has_raid0_instance_store && type.storage_gb.has_value()) {
    return Quantity::units(*type.storage_gb * 1'000'000'000);
  }
  for (const BlockDeviceView& device : view.block_devices) {
    if (device.is_root && device.volume_size.has_value()) {
      return *device.volume_size;
    }
  }
  const FamilyTraits traits = traits_of(view.family);
  const Quantity fallback = binary(traits.default_volume_gib * kGiB);
  if (view.family == AmiFamily::kCustom) {
    return view.block_devices.empty() ? fallback
                                      : view.block_devices.back().volume_size.value_or(fallback);
  }
  for (const BlockDeviceView& device : view.block_devices) {
    if (device.device_name == traits.ephemeral_device && device.volume_size.has_value()) {
      return *device.volume_size;
    }
  }
  return fallback;
}

// AWI-86..89
std::int64_t pods_of(const TypeFacts& type, const ClassView& view) {
  const FamilyTraits traits = traits_of(view.family);
  const std::int64_t by_density = traits.has_eni_limited_pods
                                      ? eni_limited_pods(type, view, view.reserved_enis)
                                      : kPodsWithoutEniLimit;
  const std::int64_t pods = view.max_pods.value_or(by_density);
  const std::int64_t per_core = view.pods_per_core.value_or(0);
  return per_core > 0 && traits.uses_pods_per_core ? std::min(per_core * type.vcpus, pods) : pods;
}

std::int64_t efa_only_interfaces(const ClassView& view, bool only_first_card) {
  if (!view.network_interfaces.has_value()) {
    return 0;
  }
  return std::ranges::count_if(*view.network_interfaces, [&](const NetworkInterfaceView& one) {
    return one.is_efa_only && (!only_first_card || one.card == 0);
  });
}

std::int64_t count_gpus(const TypeFacts& type, std::string_view manufacturer) {
  std::int64_t count = 0;
  for (const Device& gpu : type.gpus) {
    count += gpu.manufacturer == manufacturer ? gpu.count : 0;
  }
  return count;
}

// AWI-74..78. Zeros stay in the list.
void add_devices(const TypeFacts& type, const ClassView& view, k8s::Resources& capacity) {
  const auto set = [&capacity](std::string_view name, std::int64_t count) {
    capacity.set(name, Quantity::units(count));
  };
  set("nvidia.com/gpu", count_gpus(type, "NVIDIA"));
  set("amd.com/gpu", count_gpus(type, "AMD"));
  set("habana.ai/gaudi", count_gpus(type, "Habana"));
  std::int64_t neuron = 0;
  for (const Device& device : type.neuron) {
    neuron += device.count;
  }
  set("aws.amazon.com/neuron", neuron);
  // AWI-77: of the first entry only.
  set("aws.amazon.com/neuroncore",
      type.neuron.empty() ? 0 : type.neuron.front().count * type.neuron.front().cores);
  set("vpc.amazonaws.com/pod-eni", type.branch_interfaces.value_or(0));
  set("vpc.amazonaws.com/efa",
      view.network_interfaces.has_value() ? efa_only_interfaces(view, /*only_first_card=*/false)
                                          : type.efa_interfaces.value_or(0));
}

// A percentage of the capacity in bytes, rounded up; 100% switches the threshold off (AWI-106).
Quantity threshold(const std::optional<EvictionThreshold>& wanted,
                   const Quantity& capacity,
                   const Quantity& fallback) {
  if (!wanted.has_value()) {
    return fallback;
  }
  if (!wanted->percent.has_value()) {
    return wanted->amount;
  }
  if (*wanted->percent >= 100) {
    return binary(0);
  }
  const double share = static_cast<double>(capacity.value()) / 100.0 * *wanted->percent;
  return binary(static_cast<std::int64_t>(std::ceil(share)));
}

// AWI-101: each band of millicores counts by itself, truncated.
std::int64_t reserved_millicores(std::int64_t vcpus) {
  struct Band {
    std::int64_t from;
    std::int64_t to;
    std::int64_t per_100k;  // Thousandths of a percent keep this exact.
  };

  const std::int64_t total = vcpus * 1000;
  const std::array<Band, 4> bands = {{
      {0, 1000, 6000},
      {1000, 2000, 1000},
      {2000, 4000, 500},
      {4000, std::max<std::int64_t>(total, 4000), 250},
  }};
  std::int64_t reserved = 0;
  for (const Band& band : bands) {
    if (total > band.from) {
      reserved += (std::min(total, band.to) - band.from) * band.per_100k / 100'000;
    }
  }
  return reserved;
}

}  // namespace

std::int64_t eni_limited_pods(const TypeFacts& type, const ClassView& view, std::int64_t reserved) {
  const std::int64_t interfaces =
      type.interfaces_by_card.empty() ? 0 : type.interfaces_by_card.front();
  const std::int64_t usable =
      interfaces - reserved - efa_only_interfaces(view, /*only_first_card=*/true);
  return usable <= 0 ? 0 : usable * (type.ipv4_per_interface - 1) + 2;
}

k8s::Resources type_capacity(const TypeFacts& type, const ClassView& view) {
  k8s::Resources capacity;
  capacity.set("cpu", Quantity::units(type.vcpus));
  capacity.set("memory", memory_of(type, view));
  capacity.set("ephemeral-storage", ephemeral_storage_of(type, view));
  capacity.set("pods", Quantity::units(pods_of(type, view)));
  add_devices(type, view, capacity);
  if (is_windows(view.family) && architecture(type) == "amd64") {  // AWI-79
    capacity.set(
        "vpc.amazonaws.com/PrivateIPv4Address",
        Quantity::units(type.branch_interfaces.has_value() ? type.ipv4_per_interface - 1 : 0));
  }
  return capacity;
}

// AWI-100..103
k8s::Resources kube_reserved(const TypeFacts& type,
                             const ClassView& view,
                             const k8s::Resources& capacity) {
  const std::int64_t pods = traits_of(view.family).has_eni_memory_overhead
                                ? eni_limited_pods(type, view, 0)
                                : capacity.get("pods").value();
  k8s::Resources reserved;
  reserved.set("cpu", Quantity::milli(reserved_millicores(type.vcpus)));
  reserved.set("memory", binary((11 * pods + 255) * kMiB));
  reserved.set("ephemeral-storage", binary(kGiB));
  for (const auto& [name, quantity] : view.kube_reserved) {
    reserved.set(name, quantity);
  }
  return reserved;
}

// AWI-105, AWI-106. The base is the estimated memory of the capacity.
k8s::Resources eviction_threshold(const ClassView& view, const k8s::Resources& capacity) {
  const Quantity memory = capacity.get("memory");
  const Quantity storage = capacity.get("ephemeral-storage");
  const EvictionThreshold tenth{.percent = 10.0, .amount = {}};
  k8s::Resources result;
  result.set("memory", threshold(view.memory_eviction, memory, binary(100 * kMiB)));
  result.set("ephemeral-storage",
             threshold(view.storage_eviction, storage, threshold(tenth, storage, {})));
  return result;
}

}  // namespace cloud::ec2
