#include "ops/feature_gates.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace ops {

namespace {

constexpr std::array kGates{
    Gate{"NodeRepair", &FeatureGates::node_repair},
    Gate{"ReservedCapacity", &FeatureGates::reserved_capacity},
    Gate{"SpotToSpotConsolidation", &FeatureGates::spot_to_spot_consolidation},
    Gate{"NodeOverlay", &FeatureGates::node_overlay},
    Gate{"StaticCapacity", &FeatureGates::static_capacity},
    Gate{"CapacityBuffer", &FeatureGates::capacity_buffer},
    Gate{"NodeClassCEL", &FeatureGates::node_class_cel, true},
};

}  // namespace

std::span<const Gate> all_gates() {
  return kGates;
}

base::Result<std::vector<std::string>> parse_feature_gates(std::string_view text,
                                                           FeatureGates& gates) {
  std::vector<std::string> unknown;
  for (const std::string_view element : base::split(text, ',')) {
    if (base::trim(element).empty()) {
      continue;
    }
    const base::TextPair pair = base::split_once(element, '=');
    const std::string_view name = base::trim(pair.before);
    if (!pair.after) {
      return base::fail(
          base::ErrorCode::kInvalid,
          base::concat("parsing feature gates, malformed pair, expect string=bool: \"",
                       base::trim(element),
                       "\""));
    }
    const std::string_view value = base::trim(*pair.after);
    const auto is_on = base::parse_bool(value);
    if (!is_on) {
      return base::fail(base::ErrorCode::kInvalid,
                        base::concat("parsing feature gates, invalid value of ",
                                     name,
                                     ": ",
                                     value,
                                     ", err: \"",
                                     value,
                                     "\" is neither true nor false"));
    }
    const auto gate = std::ranges::find(kGates, name, &Gate::name);
    if (gate == kGates.end()) {
      unknown.emplace_back(name);
    } else {
      gates.*(gate->value) = *is_on;
    }
  }
  return unknown;
}

}  // namespace ops
