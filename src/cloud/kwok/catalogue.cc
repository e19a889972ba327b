#include "cloud/kwok/catalogue.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/text.h"
#include "cloud/kwok/type.h"

namespace cloud::kwok {

namespace {

using k8s::Quantity;

constexpr std::array<std::int64_t, 12> kCpus = {1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256};
constexpr std::array<std::string_view, 4> kZones = {
    "test-zone-a", "test-zone-b", "test-zone-c", "test-zone-d"};

struct MemoryRatio {
  std::int64_t gib_per_cpu;
  std::string_view letter;
};

constexpr std::array<MemoryRatio, 3> kRatios = {{{2, "c"}, {4, "s"}, {8, "m"}}};

// LIF-240
double on_demand_price(std::int64_t cpus, std::int64_t memory_bytes) {
  return 0.025 * static_cast<double>(cpus) + 0.001 * static_cast<double>(memory_bytes) / 1e9;
}

std::vector<Offering> offerings(double price) {
  std::vector<Offering> result;
  for (const std::string_view zone : kZones) {
    for (const std::string_view capacity_type : {capacity_type::kSpot, capacity_type::kOnDemand}) {
      Offering& offering = result.emplace_back();
      offering.zone = zone;
      offering.capacity_type = capacity_type;
      offering.price = capacity_type == capacity_type::kSpot ? price * 0.7 : price;
    }
  }
  return result;
}

InstanceType instance_type(std::int64_t cpus,
                           const MemoryRatio& ratio,
                           std::string_view os,
                           std::string_view arch) {
  const std::int64_t memory_bytes = cpus * ratio.gib_per_cpu * (std::int64_t{1} << 30);
  InstanceType type;
  type.name = base::concat(ratio.letter, "-", cpus, "x-", arch, "-", os);
  type.capacity = {
      {"cpu", Quantity::units(cpus)},
      {"memory", Quantity::units(memory_bytes, Quantity::Format::kBinarySI)},
      {"ephemeral-storage",
       Quantity::units(20 * (std::int64_t{1} << 30), Quantity::Format::kBinarySI)},
      {"pods", Quantity::units(std::min<std::int64_t>(cpus * 16, 1024))},
  };
  type.offerings = offerings(on_demand_price(cpus, memory_bytes));
  complete_type(type, std::string(arch), {std::string(os)});
  return type;
}

}  // namespace

CataloguePtr embedded_catalogue() {
  auto catalogue = std::make_shared<Catalogue>();
  for (const std::int64_t cpus : kCpus) {
    for (const MemoryRatio& ratio : kRatios) {
      for (const std::string_view os : {"linux", "windows"}) {
        for (const std::string_view arch : {"amd64", "arm64"}) {
          catalogue->types.push_back(instance_type(cpus, ratio, os, arch));
        }
      }
    }
  }
  std::ranges::sort(catalogue->types, {}, &InstanceType::name);
  return catalogue;
}

}  // namespace cloud::kwok
