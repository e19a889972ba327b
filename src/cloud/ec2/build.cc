#include "cloud/ec2/build.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/text.h"
#include "cloud/ec2/label_schema.h"

namespace cloud::ec2 {

namespace {

// AWI-124: a reservation is paid for already, so it is all but free; the order among types stays.
constexpr double kReservedPriceDivisor = 10'000'000.0;

// A zone of the region as the class sees it.
struct RegionZone {
  ZoneView view;
  bool has_subnet = false;
  bool is_shifted = false;
};

std::vector<RegionZone> zones_of(const RegionFacts& region, const ClassView& view) {
  std::vector<RegionZone> zones;
  for (const Zone& zone : region.zones) {
    RegionZone& row = zones.emplace_back();
    row.view.name = zone.name;
    if (view.zones.empty()) {
      row.has_subnet = true;
      row.view.id = zone.id;
    } else if (const auto own = std::ranges::find(view.zones, zone.name, &ZoneView::name);
               own != view.zones.end()) {
      row.has_subnet = true;
      row.view = *own;
    }
    row.is_shifted = !row.view.id.empty() && view.shifted_zone_ids.contains(row.view.id);
  }
  return zones;
}

// One type under construction.
struct TypeContext {
  const TypeFacts& type;
  const RegionOffer& offer;
  const ClassView& view;
  const UnavailableOfferings& unavailable;
  const std::vector<RegionZone>& zones;
  bool is_usable;  // By the class (s6).
  bool has_reservations;

  [[nodiscard]] bool is_offered(std::size_t zone) const {
    return ((offer.zones >> zone) & 1U) != 0 && zones[zone].has_subnet;
  }
};

std::optional<double> price_of(const TypeContext& context,
                               std::string_view capacity_type,
                               const std::string& zone) {
  if (context.offer.usd_per_hour.has_value()) {
    const double on_demand = *context.offer.usd_per_hour;
    return capacity_type == capacity_type::kSpot
               ? estimate_spot_price(on_demand, context.type.name, zone)
               : on_demand;
  }
  const auto fallback = context.view.fallback_prices.find(context.type.name);
  return fallback == context.view.fallback_prices.end() ? std::nullopt
                                                        : std::optional<double>(fallback->second);
}

// AWI-120..122
Offering base_offering(const TypeContext& context,
                       std::size_t zone_index,
                       const std::string& capacity_type) {
  const RegionZone& zone = context.zones[zone_index];
  const std::optional<double> price = price_of(context, capacity_type, zone.view.name);
  Offering offering;
  offering.zone = zone.view.name;
  offering.zone_id = zone.view.id;
  offering.capacity_type = capacity_type;
  offering.price = price.value_or(0);
  offering.available =
      context.is_usable && price.has_value() && context.is_offered(zone_index) && !zone.is_shifted;
  if (offering.available && !context.unavailable.empty()) {
    offering.available = !context.unavailable.is_unavailable({.instance_type = context.type.name,
                                                              .zone = zone.view.name,
                                                              .capacity_type = capacity_type},
                                                             zone.view.subnets);
  }
  if (context.has_reservations) {
    // The type has values for these keys; an ordinary offering has none. Without reservations the
    // type itself says so.
    for (const std::string_view key :
         {label::kReservationId, label::kReservationInterruptible, label::kReservationType}) {
      offering.labels.push_back({std::string(key), {}});
    }
  }
  return offering;
}

// AWI-124
std::optional<Offering> reserved_offering(const TypeContext& context,
                                          const CapacityReservation& reservation) {
  const auto zone = std::ranges::find_if(
      context.zones, [&](const RegionZone& row) { return row.view.name == reservation.zone; });
  if (zone == context.zones.end()) {
    return std::nullopt;
  }
  const auto index = static_cast<std::size_t>(zone - context.zones.begin());
  Offering offering;
  offering.zone = reservation.zone;
  offering.zone_id = zone->view.id;
  offering.capacity_type = capacity_type::kReserved;
  offering.price = context.offer.usd_per_hour.value_or(0) / kReservedPriceDivisor;
  offering.available = context.is_usable && reservation.available != 0 &&
                       context.is_offered(index) && !reservation.is_expiring && !zone->is_shifted;
  offering.reservation_id = reservation.id;
  offering.reservation_capacity = reservation.available;
  offering.labels = {
      {std::string(label::kReservationId), {reservation.id}},
      {std::string(label::kReservationInterruptible),
       {reservation.is_interruptible ? "true" : "false"}},
      {std::string(label::kReservationType), {reservation.type}},
  };
  return offering;
}

// AWI-125
std::vector<Offering> expand_partitions(std::vector<Offering> offerings, const ClassView& view) {
  if (!view.placement_group.has_value() || view.placement_group->strategy != "partition" ||
      view.placement_group->partitions <= 0) {
    return offerings;
  }
  std::vector<Offering> expanded;
  for (const Offering& offering : offerings) {
    for (std::int32_t i = 1; i <= view.placement_group->partitions; ++i) {
      expanded.push_back(offering);
      expanded.back().labels.push_back(
          {std::string(label::kPlacementGroupPartition), {std::to_string(i)}});
    }
  }
  return expanded;
}

std::vector<Offering> offerings_of(const TypeContext& context) {
  std::vector<Offering> offerings;
  offerings.reserve(context.zones.size() * 2);
  for (std::size_t zone = 0; zone < context.zones.size(); ++zone) {
    for (const std::string& usage : context.type.usage_classes) {
      if (usage == capacity_type::kOnDemand || usage == capacity_type::kSpot) {
        offerings.push_back(base_offering(context, zone, usage));
      }
    }
  }
  for (const CapacityReservation& reservation : context.view.reservations) {
    if (reservation.instance_type == context.type.name) {
      if (std::optional<Offering> offering = reserved_offering(context, reservation)) {
        offerings.push_back(*std::move(offering));
      }
    }
  }
  return expand_partitions(std::move(offerings), context.view);
}

InstanceType instance_type(const TypeContext& context) {
  std::vector<ZoneView> offered;
  for (std::size_t zone = 0; zone < context.zones.size(); ++zone) {
    if (context.is_offered(zone)) {
      offered.push_back(context.zones[zone].view);
    }
  }
  InstanceType result;
  result.name = context.type.name;
  result.labels = type_labels(context.type, context.view, offered);
  result.offerings = offerings_of(context);
  result.capacity = type_capacity(context.type, context.view);
  result.kube_reserved = kube_reserved(context.type, context.view, result.capacity);
  result.system_reserved = context.view.system_reserved;
  result.eviction_threshold = eviction_threshold(context.view, result.capacity);
  return result;
}

// AWI-111
bool carries_interfaces(const TypeFacts& type, const std::vector<NetworkInterfaceView>& wanted) {
  if (type.interfaces_by_card.empty() || type.ena_support == "unsupported") {
    return false;
  }
  std::int64_t efa_only = 0;
  for (const NetworkInterfaceView& one : wanted) {
    const auto card = static_cast<std::size_t>(one.card);
    if (one.card < 0 || card >= type.interfaces_by_card.size() ||
        type.interfaces_by_card[card] <= one.device) {
      return false;
    }
    efa_only += one.is_efa_only ? 1 : 0;
  }
  return efa_only == 0 || efa_only <= type.efa_interfaces.value_or(0);
}

base::Error unknown_region(const Facts& facts, const std::string& region) {
  std::vector<std::string_view> known;
  known.reserve(facts.regions.size());
  for (const RegionFacts& row : facts.regions) {
    known.push_back(row.name);
  }
  return {base::ErrorCode::kNotFound,
          base::concat("no instance types are known for region \"",
                       region,
                       "\"; known regions: ",
                       base::join(known, ", "))};
}

}  // namespace

bool is_compatible(const TypeFacts& type, const ClassView& view) {
  if (view.family == AmiFamily::kAL2023 && type.name.starts_with("a1.")) {  // AWI-110
    return false;
  }
  // Not a rule of the specification: a launch without a fitting image always fails, so that the
  // type is not offered in the first place (decisions/0005).
  if (!view.image_architectures.empty() && !view.image_architectures.contains(architecture(type))) {
    return false;
  }
  if (view.network_interfaces.has_value() && !carries_interfaces(type, *view.network_interfaces)) {
    return false;
  }
  if (view.needs_nested_virtualization && !type.has_nested_virtualization) {  // AWI-112
    return false;
  }
  if (view.placement_group.has_value() &&  // AWI-113
      std::ranges::find(type.placement_strategies, view.placement_group->strategy) ==
          type.placement_strategies.end()) {
    return false;
  }
  return !view.has_connection_tracking || type.hypervisor == "nitro";  // AWI-114
}

base::Result<CataloguePtr> build_catalogue(const Facts& facts,
                                           const ClassView& view,
                                           const UnavailableOfferings& unavailable,
                                           std::uint64_t version) {
  const RegionFacts* region = facts.find_region(view.region);
  if (region == nullptr) {
    return base::fail(unknown_region(facts, view.region));
  }
  const std::vector<RegionZone> zones = zones_of(*region, view);
  auto catalogue = std::make_shared<Catalogue>();
  catalogue->version = version;
  catalogue->types.reserve(region->offers.size());
  for (const RegionOffer& offer : region->offers) {
    const TypeFacts& type = facts.types[offer.type];
    catalogue->types.push_back(instance_type({
        .type = type,
        .offer = offer,
        .view = view,
        .unavailable = unavailable,
        .zones = zones,
        .is_usable = is_compatible(type, view),
        .has_reservations = std::ranges::any_of(
            view.reservations,
            [&](const CapacityReservation& one) { return one.instance_type == type.name; }),
    }));
  }
  return CataloguePtr(std::move(catalogue));
}

}  // namespace cloud::ec2
