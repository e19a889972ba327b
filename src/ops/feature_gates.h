// Feature gates: the text of --feature-gates and --aws-feature-gates as booleans (OPR-14, OPR-15).
//
//   const auto parsed = TRY(parse_feature_gates("SpotToSpotConsolidation=true", gates));
//
// Thread rule: pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ops {

struct FeatureGates {
  bool node_repair = false;
  bool reserved_capacity = true;
  bool spot_to_spot_consolidation = false;
  bool node_overlay = false;
  bool static_capacity = false;
  bool capacity_buffer = false;
  bool node_class_cel = false;
  friend bool operator==(const FeatureGates&, const FeatureGates&) = default;
};

struct Gate {
  std::string_view name;
  bool FeatureGates::* value;
  bool is_aws = false;
};

std::span<const Gate> all_gates();

// Sets the gates that the text names; the others keep their values. Returns the names that no
// gate has: upstream passes over them in silence. Errors: kInvalid.
base::Result<std::vector<std::string>> parse_feature_gates(std::string_view text,
                                                           FeatureGates& gates);

}  // namespace ops
