#include "cloud/ec2/facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "base/text.h"

namespace cloud::ec2 {

namespace {

using base::ErrorCode;
using base::Result;

constexpr std::string_view kFormat = "karpenter-ec2-catalogue\t1";
constexpr std::size_t kColumns = 24;
constexpr std::string_view kHeader =
    "name\tvcpus\tmemory_mib\tarchitectures\tcpu_manufacturer\tclock_mhz\tebs_mbps\tena\t"
    "interfaces_by_card\tipv4_per_interface\tnetwork_mbps\tefa_interfaces\tbranch_interfaces\t"
    "hypervisor\tflags\tstorage_gb\tstorage_nvme\tgpus\taccelerators\tneuron\tusage\tplacement\t"
    "usd_per_hour\tzones";
// One character per region: the bit mask of its zones, counted from this one.
constexpr char kZoneMaskBase = '0';
constexpr int kZoneMasks = 64;

// Takes the text before the next `separator` off the front; the whole rest when there is none.
std::string_view take(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view piece = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return piece;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    pieces.push_back(take(text, separator));
  }
  return pieces;
}

std::vector<std::string> split_list(std::string_view text) {
  const std::vector<std::string_view> pieces = split(text, ',');
  return {pieces.begin(), pieces.end()};
}

template <typename Number>
Result<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    return base::fail(ErrorCode::kInvalid,
                      base::concat("\"", text, "\" is not a number of at least 0"));
  }
  return number;
}

template <typename Number>
Result<std::optional<Number>> parse_optional(std::string_view text) {
  if (text.empty()) {
    return std::optional<Number>();
  }
  return std::optional<Number>(TRY(parse_number<Number>(text)));
}

// What the numbers of a device mean, in the order of the file.
struct DeviceShape {
  bool has_manufacturer;
  std::array<std::int64_t Device::*, 2> numbers;
};

constexpr DeviceShape kGpuShape{true, {&Device::count, &Device::memory_mib}};
constexpr DeviceShape kAcceleratorShape{true, {&Device::count, nullptr}};
constexpr DeviceShape kNeuronShape{false, {&Device::count, &Device::cores}};

Result<std::vector<Device>> parse_devices(std::string_view text, const DeviceShape& shape) {
  std::vector<Device> devices;
  for (std::string_view rest : split(text, ',')) {
    Device& device = devices.emplace_back();
    device.name = take(rest, ':');
    if (shape.has_manufacturer) {
      device.manufacturer = take(rest, ':');
    }
    for (const auto member : shape.numbers) {
      if (member != nullptr) {
        device.*member = TRY(parse_number<std::int64_t>(take(rest, ':')));
      }
    }
  }
  return devices;
}

using Cells = std::array<std::string_view, kColumns>;

Result<TypeFacts> parse_type(const Cells& cells) {
  TypeFacts type;
  type.name = cells[0];
  type.vcpus = TRY(parse_number<std::int64_t>(cells[1]));
  type.memory_mib = TRY(parse_number<std::int64_t>(cells[2]));
  type.architectures = split_list(cells[3]);
  type.cpu_manufacturer = cells[4];
  type.clock_mhz = TRY(parse_number<std::int64_t>(cells[5]));
  type.ebs_mbps = TRY(parse_optional<std::int64_t>(cells[6]));
  type.ena_support = cells[7];
  for (const std::string_view interfaces : split(cells[8], ',')) {
    type.interfaces_by_card.push_back(TRY(parse_number<std::int32_t>(interfaces)));
  }
  type.ipv4_per_interface = TRY(parse_number<std::int64_t>(cells[9]));
  type.network_mbps = TRY(parse_optional<std::int64_t>(cells[10]));
  type.efa_interfaces = TRY(parse_optional<std::int64_t>(cells[11]));
  type.branch_interfaces = TRY(parse_optional<std::int64_t>(cells[12]));
  type.hypervisor = cells[13];
  type.is_bare_metal = cells[14].contains('m');
  type.is_burstable = cells[14].contains('b');
  type.is_current_generation = cells[14].contains('g');
  type.encrypts_in_transit = cells[14].contains('t');
  type.has_nitro_enclaves = cells[14].contains('e');
  type.has_nested_virtualization = cells[14].contains('n');
  type.storage_gb = TRY(parse_optional<std::int64_t>(cells[15]));
  type.storage_nvme = cells[16];
  type.gpus = TRY(parse_devices(cells[17], kGpuShape));
  type.accelerators = TRY(parse_devices(cells[18], kAcceleratorShape));
  type.neuron = TRY(parse_devices(cells[19], kNeuronShape));
  type.usage_classes = split_list(cells[20]);
  type.placement_strategies = split_list(cells[21]);
  return type;
}

Result<RegionFacts> parse_region(std::string_view line) {
  take(line, '\t');
  RegionFacts region;
  region.name = take(line, '\t');
  region.has_borrowed_prices = take(line, '\t') == "borrowed";
  for (std::string_view zone : split(line, ',')) {
    const std::string_view name = take(zone, '=');
    region.zones.push_back({std::string(name), std::string(zone)});
  }
  if (region.name.empty() || region.zones.empty()) {
    return base::fail(ErrorCode::kInvalid, "a region needs a name and zones");
  }
  return region;
}

Result<void> parse_offers(const Cells& cells, Facts& facts) {
  const std::string_view masks = cells[kColumns - 1];
  const auto price = TRY(parse_optional<double>(cells[kColumns - 2]));
  if (masks.size() != facts.regions.size()) {
    return base::fail(ErrorCode::kInvalid, "the zones column needs one character per region");
  }
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const int mask = masks[i] - kZoneMaskBase;
    RegionFacts& region = facts.regions[i];
    if (mask < 0 || mask >= kZoneMasks || (mask >> region.zones.size()) != 0) {
      return base::fail(ErrorCode::kInvalid, base::concat("no such zones in ", region.name));
    }
    if (mask != 0) {
      region.offers.push_back({.type = static_cast<std::uint32_t>(facts.types.size() - 1),
                               .zones = static_cast<std::uint64_t>(mask),
                               .usd_per_hour = price});
    }
  }
  return {};
}

Result<void> parse_row(std::string_view line, Facts& facts) {
  Cells cells;
  if (static_cast<std::size_t>(std::ranges::count(line, '\t')) + 1 != kColumns) {
    return base::fail(ErrorCode::kInvalid, base::concat("a type needs ", kColumns, " columns"));
  }
  for (std::string_view& cell : cells) {
    cell = take(line, '\t');
  }
  if (!facts.types.empty() && facts.types.back().name >= cells[0]) {
    return base::fail(ErrorCode::kInvalid, "types must be sorted by name");
  }
  facts.types.push_back(TRY(parse_type(cells)));
  return parse_offers(cells, facts);
}

Result<Facts> parse_lines(std::string_view text, std::size_t& line_number) {
  Facts facts;
  line_number = 1;
  if (take(text, '\n') != kFormat) {
    return base::fail(ErrorCode::kInvalid, base::concat("expected \"", kFormat, "\""));
  }
  bool in_types = false;
  while (!text.empty()) {
    const std::string_view line = take(text, '\n');
    ++line_number;
    if (in_types) {
      TRY_VOID(parse_row(line, facts));
    } else if (line == kHeader) {
      in_types = true;
    } else if (line.starts_with("region\t")) {
      facts.regions.push_back(TRY(parse_region(line)));
    } else {
      return base::fail(ErrorCode::kInvalid, "expected a region or the header of the types");
    }
  }
  if (facts.types.empty() || !std::ranges::is_sorted(facts.regions, {}, &RegionFacts::name)) {
    return base::fail(ErrorCode::kInvalid, "expected sorted regions and at least one type");
  }
  return facts;
}

template <typename Row>
const Row* find_by_name(const std::vector<Row>& rows, std::string_view name) {
  const auto found = std::ranges::lower_bound(rows, name, {}, &Row::name);
  return found == rows.end() || found->name != name ? nullptr : &*found;
}

// FNV-1a, scaled to [0, 1): stable over platforms and builds.
double unit_hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char character : text) {
    hash = (hash ^ static_cast<unsigned char>(character)) * 1099511628211U;
  }
  hash ^= hash >> 32U;
  return static_cast<double>(hash % 10'000) / 10'000.0;
}

}  // namespace

const TypeFacts* Facts::find_type(std::string_view name) const {
  return find_by_name(types, name);
}

const RegionFacts* Facts::find_region(std::string_view name) const {
  return find_by_name(regions, name);
}

Result<Facts> parse_facts(std::string_view text) {
  std::size_t line = 0;
  Result<Facts> facts = parse_lines(text, line);
  if (!facts) {
    return base::fail(base::with_context(std::move(facts).error(),
                                         base::concat("instance type catalogue, line ", line)));
  }
  return facts;
}

Facts embedded_facts() {
  Result<Facts> facts = parse_facts(embedded_catalogue());
  ASSERT(facts.has_value());
  return *std::move(facts);
}

double estimate_spot_price(double on_demand,
                           std::string_view instance_type,
                           std::string_view zone) {
  const std::string_view family = instance_type.substr(0, instance_type.find('.'));
  const double by_family = 0.16 * unit_hash(family);
  const double by_pool = 0.06 * unit_hash(base::concat(instance_type, "/", zone));
  return std::round(on_demand * (0.32 + by_family + by_pool) * 1e6) / 1e6;
}

}  // namespace cloud::ec2
