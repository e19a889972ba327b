// Labels of one instance type (AWI-40..65).
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "cloud/ec2/build.h"
#include "cloud/ec2/label_schema.h"

namespace cloud::ec2 {

namespace {

constexpr std::string_view kAmd64 = "amd64";
constexpr std::string_view kArm64 = "arm64";

// "A10G" -> "a10g", "RTX PRO 4500" -> "rtx-pro-4500" (API-155).
std::string kebab(std::string_view text) {
  std::string result(text);
  for (char& character : result) {
    if (character == ' ') {
      character = '-';
    } else if (character >= 'A' && character <= 'Z') {
      character = static_cast<char>(character - 'A' + 'a');
    }
  }
  return result;
}

// Collects labels; one without values reads "does not exist".
class LabelList {
 public:
  void add(std::string_view key, std::string value) {
    labels_.push_back({std::string(key), {}});
    labels_.back().values.push_back(std::move(value));
  }

  void add_flag(std::string_view key, bool value) { add(key, value ? "true" : "false"); }

  void add_number(std::string_view key, std::optional<std::int64_t> value) {
    if (value.has_value()) {
      add(key, std::to_string(*value));
    } else {
      add_all(key, {});
    }
  }

  void add_all(std::string_view key, std::vector<std::string> values) {
    std::ranges::sort(values);
    values.erase(std::ranges::unique(values).begin(), values.end());
    labels_.push_back({std::string(key), std::move(values)});
  }

  std::vector<TypeLabel> sorted() && {
    std::ranges::sort(labels_, {}, &TypeLabel::key);
    return std::move(labels_);
  }

  void reserve(std::size_t count) { labels_.reserve(count); }

 private:
  std::vector<TypeLabel> labels_;
};

constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_while(std::string_view& rest, bool (*accepts)(char)) {
  const auto* const end = std::ranges::find_if_not(rest, accepts);
  const auto length = static_cast<std::size_t>(end - rest.begin());
  const std::string_view piece = rest.substr(0, length);
  rest.remove_prefix(length);
  return piece;
}

struct Generation {
  std::string_view category;
  std::string_view number;  // Empty: the name has another form.
};

// ^([a-z]+)(-[0-9]+tb)?([0-9]+).*\. over the name: m5.large is m, 5; u-6tb1.metal is u, 1 (AWI-54).
Generation parse_generation(std::string_view name) {
  std::string_view rest = name;
  Generation generation;
  generation.category = take_while(rest, is_lower);
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
    if (take_while(rest, is_digit).empty() || !rest.starts_with("tb")) {
      return generation;
    }
    rest.remove_prefix(2);
  }
  const std::string_view number = take_while(rest, is_digit);
  if (!generation.category.empty() && rest.contains('.')) {
    generation.number = number;
  }
  return generation;
}

void add_name_labels(const TypeFacts& type, LabelList& labels) {
  const Generation generation = parse_generation(type.name);
  if (generation.number.empty()) {
    labels.add_all(label::kCategory, {});
    labels.add_all(label::kGeneration, {});
  } else {
    labels.add(label::kCategory, std::string(generation.category));
    labels.add(label::kGeneration, std::string(generation.number));
  }
  const std::size_t dot = type.name.find('.');
  const std::string family = type.name.substr(0, dot);
  if (dot != std::string::npos && type.name.find('.', dot + 1) == std::string::npos) {
    labels.add(label::kFamily, family);
    labels.add(label::kSize, type.name.substr(dot + 1));
  } else {
    labels.add_all(label::kFamily, {});
    labels.add_all(label::kSize, {});
  }
  labels.add_flag(label::kFlex, family.contains("-flex"));
}

void add_os_labels(const TypeFacts& type, const ClassView& view, LabelList& labels) {
  const std::string_view arch = architecture(type);
  // AWI-41: a type of another architecture gets a value that nobody asks for.
  std::string unmatched = "[";
  for (const std::string& name : type.architectures) {
    unmatched += (unmatched.size() > 1 ? " " : "") + name;
  }
  labels.add(cloud::label::kArch, arch.empty() ? unmatched + "]" : std::string(arch));
  if (!is_windows(view.family)) {
    labels.add(cloud::label::kOs, "linux");
    labels.add_all(cloud::label::kWindowsBuild, {});
    return;
  }
  labels.add_all(cloud::label::kOs,
                 arch == kAmd64 ? std::vector<std::string>{"windows"} : std::vector<std::string>{});
  labels.add(cloud::label::kWindowsBuild,
             view.family == AmiFamily::kWindows2019   ? "10.0.17763"
             : view.family == AmiFamily::kWindows2022 ? "10.0.20348"
                                                      : "10.0.26100");
}

void add_place_labels(const std::vector<ZoneView>& offered,
                      const ClassView& view,
                      LabelList& labels) {
  std::vector<std::string> names;
  std::vector<std::string> ids;
  for (const ZoneView& zone : offered) {
    names.push_back(zone.name);
    if (!zone.id.empty()) {
      ids.push_back(zone.id);
    }
  }
  labels.add_all(cloud::label::kZone, std::move(names));
  if (!ids.empty()) {  // AWI-44: otherwise the key is undefined, not absent.
    labels.add_all(cloud::label::kZoneId, std::move(ids));
  }
  labels.add(cloud::label::kRegion, view.region);
}

void add_reservation_labels(const TypeFacts& type, const ClassView& view, LabelList& labels) {
  std::vector<std::string> ids;
  std::vector<std::string> types;
  std::vector<std::string> interruptible;
  for (const CapacityReservation& reservation : view.reservations) {
    if (reservation.instance_type == type.name) {
      ids.push_back(reservation.id);
      types.push_back(reservation.type);
      interruptible.emplace_back(reservation.is_interruptible ? "true" : "false");
    }
  }
  std::vector<std::string> capacity_types;
  for (const std::string& usage : type.usage_classes) {
    if (usage == capacity_type::kOnDemand || usage == capacity_type::kSpot) {
      capacity_types.push_back(usage);
    }
  }
  if (!ids.empty()) {
    capacity_types.emplace_back(capacity_type::kReserved);
  }
  labels.add_all(cloud::label::kCapacityType, std::move(capacity_types));
  labels.add_all(label::kReservationId, std::move(ids));
  labels.add_all(label::kReservationType, std::move(types));
  labels.add_all(label::kReservationInterruptible, std::move(interruptible));
}

void add_placement_labels(const ClassView& view, LabelList& labels) {
  if (!view.placement_group.has_value()) {
    return;
  }
  labels.add(label::kPlacementGroupId, view.placement_group->id);
  if (view.placement_group->strategy == "partition" && view.placement_group->partitions > 0) {
    std::vector<std::string> partitions;
    for (std::int32_t i = 1; i <= view.placement_group->partitions; ++i) {
      partitions.push_back(std::to_string(i));
    }
    labels.add_all(label::kPlacementGroupPartition, std::move(partitions));
  }
}

void add_gpu_labels(const TypeFacts& type, LabelList& labels) {
  if (type.gpus.size() == 1) {  // AWI-58
    const Device& gpu = type.gpus.front();
    labels.add(label::kGpuName, kebab(gpu.name));
    labels.add(label::kGpuManufacturer, kebab(gpu.manufacturer));
    labels.add_number(label::kGpuCount, gpu.count);
    labels.add_number(label::kGpuMemory, gpu.memory_mib);
    return;
  }
  for (const std::string_view key :
       {label::kGpuName, label::kGpuManufacturer, label::kGpuCount, label::kGpuMemory}) {
    labels.add_all(key, {});
  }
}

void add_accelerator_labels(const TypeFacts& type, LabelList& labels) {
  // AWI-59: Neuron's own description comes first.
  const std::vector<Device>& devices = type.neuron.empty() ? type.accelerators : type.neuron;
  if (devices.size() == 1) {
    const Device& device = devices.front();
    labels.add(label::kAcceleratorName, kebab(device.name));
    labels.add(label::kAcceleratorManufacturer,
               type.neuron.empty() ? kebab(device.manufacturer) : "aws");
    labels.add_number(label::kAcceleratorCount, device.count);
    return;
  }
  for (const std::string_view key :
       {label::kAcceleratorName, label::kAcceleratorManufacturer, label::kAcceleratorCount}) {
    labels.add_all(key, {});
  }
}

void add_hardware_labels(const TypeFacts& type, LabelList& labels) {
  labels.add_number(label::kCpu, type.vcpus);
  if (type.cpu_manufacturer.empty()) {
    labels.add_all(label::kCpuManufacturer, {});
    labels.add_all(label::kClockSpeed, {});
  } else {
    labels.add(label::kCpuManufacturer, kebab(type.cpu_manufacturer));
    labels.add_number(label::kClockSpeed, type.clock_mhz);
  }
  labels.add_number(label::kMemory, type.memory_mib);
  labels.add_number(label::kEbsBandwidth, type.ebs_mbps);
  labels.add_number(label::kNetworkBandwidth, type.network_mbps);
  const bool has_nvme = type.storage_gb.has_value() && type.storage_nvme != "unsupported";
  labels.add_number(label::kLocalNvme, has_nvme ? type.storage_gb : std::nullopt);
  labels.add(label::kHypervisor, type.hypervisor);  // AWI-60: "" for bare metal.
  labels.add_flag(label::kEncryptionInTransit, type.encrypts_in_transit);
  labels.add_flag(label::kNitroSandbox, type.has_nitro_enclaves);
  labels.add_all(label::kTenancy, {"default", "dedicated"});
}

}  // namespace

std::string_view architecture(const TypeFacts& type) {
  for (const std::string& name : type.architectures) {
    if (name == "x86_64") {
      return kAmd64;
    }
    if (name == "arm64") {
      return kArm64;
    }
  }
  return {};
}

std::vector<TypeLabel> type_labels(const TypeFacts& type,
                                   const ClassView& view,
                                   const std::vector<ZoneView>& offered) {
  LabelList labels;
  labels.reserve(40);
  labels.add(cloud::label::kInstanceType, type.name);
  add_os_labels(type, view, labels);
  add_place_labels(offered, view, labels);
  add_name_labels(type, labels);
  add_hardware_labels(type, labels);
  add_gpu_labels(type, labels);
  add_accelerator_labels(type, labels);
  add_reservation_labels(type, view, labels);
  add_placement_labels(view, labels);
  return std::move(labels).sorted();
}

}  // namespace cloud::ec2
