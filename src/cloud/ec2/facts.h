// What EC2 says of its instance types: one row per type, and per region the zones that sell it and
// the price. Comes from the embedded file (data/ec2/catalogue.tsv, decisions/0005) or, on a real
// account, from DescribeInstanceTypes and DescribeInstanceTypeOfferings in the same shape.
//
//   const Facts facts = embedded_facts();            // about a millisecond
//   const RegionFacts* region = facts.find_region("us-west-2");
//
// Plain values; names and units as EC2's. Sources: AWI-20, AWI-21, AWI-530..532.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace cloud::ec2 {

struct Device {
  std::string name;
  std::string manufacturer;
  std::int64_t count = 0;
  std::int64_t memory_mib = 0;  // Of one device; GPUs only.
  std::int64_t cores = 0;       // Of one device; Neuron only.
};

struct TypeFacts {
  std::string name;
  std::int64_t vcpus = 0;
  std::int64_t memory_mib = 0;
  std::vector<std::string> architectures;  // EC2's words: x86_64, arm64, i386.
  std::string cpu_manufacturer;
  std::int64_t clock_mhz = 0;
  std::optional<std::int64_t> ebs_mbps;          // Only where EBS optimisation is on by default.
  std::string ena_support;                       // required, supported, unsupported.
  std::vector<std::int32_t> interfaces_by_card;  // Card i may carry so many; card 0 is the default.
  std::int64_t ipv4_per_interface = 0;
  std::optional<std::int64_t> network_mbps;  // Baseline over all cards.
  std::optional<std::int64_t> efa_interfaces;
  // How many branch interfaces a trunk carries; 0 cannot trunk; absent: not in the VPC table.
  std::optional<std::int64_t> branch_interfaces;
  std::string hypervisor;  // nitro, xen; empty for bare metal.
  bool is_bare_metal = false;
  bool is_burstable = false;
  bool is_current_generation = false;
  bool encrypts_in_transit = false;
  bool has_nitro_enclaves = false;
  bool has_nested_virtualization = false;
  std::optional<std::int64_t> storage_gb;  // Instance store in total.
  std::string storage_nvme;                // required, supported, unsupported; empty: no storage.
  std::vector<Device> gpus;
  std::vector<Device> accelerators;  // InferenceAcceleratorInfo.
  std::vector<Device> neuron;        // NeuronInfo.
  std::vector<std::string> usage_classes;
  std::vector<std::string> placement_strategies;
};

struct Zone {
  std::string name;
  std::string id;
};

// What one region charges for one type and where it is sold.
struct RegionOffer {
  std::uint32_t type = 0;              // Index into Facts::types.
  std::uint64_t zones = 0;             // Bit i: sold in RegionFacts::zones[i].
  std::optional<double> usd_per_hour;  // On demand, Linux, shared tenancy.
};

struct RegionFacts {
  std::string name;
  std::vector<Zone> zones;           // Sorted by name.
  bool has_borrowed_prices = false;  // The prices are those of us-east-1 (AWI-140, AWI-533).
  std::vector<RegionOffer> offers;   // By type; types without a zone here are left out.
};

struct Facts {
  std::vector<TypeFacts> types;      // Sorted by name.
  std::vector<RegionFacts> regions;  // Sorted by name.

  // nullptr when unknown. O(log n).
  const TypeFacts* find_type(std::string_view name) const;
  const RegionFacts* find_region(std::string_view name) const;
};

// Errors: kInvalid with the line and what was expected.
base::Result<Facts> parse_facts(std::string_view text);

// The facts that are built into this binary. Parses on every call: keep the value.
Facts embedded_facts();

// The bytes of data/ec2/catalogue.tsv.
std::string_view embedded_catalogue();

// An estimate, for want of a public history of spot prices: a fixed share of the on-demand price,
// between 0.32 and 0.54, that depends on family, zone and type only (decisions/0005).
double estimate_spot_price(double on_demand, std::string_view instance_type, std::string_view zone);

}  // namespace cloud::ec2
