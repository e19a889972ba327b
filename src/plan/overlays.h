// NodeOverlays: what users know better than the cloud about prices and capacities (spec 04 s11).
// Each pool sees its class's catalogue through them; catalogues are never changed, only copied, and
// a pool that no overlay touches keeps the class's.
//
//   const OverlayResult result = apply_overlays({.pools = pools, .overlays = overlays, ...});
//   result.catalogues.at("default");   // A pool that is missing there is not evaluated.
//
// Pure. Cost: O(pools * types * overlays) look-ups of remembered pairs of sets.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/catalogue.h"
#include "cloud/label_schema.h"
#include "k8s/node.h"
#include "k8s/schema/validate.h"

namespace plan {

// LIF-208: the price as an overlay makes it. An empty adjustment changes nothing; text that the API
// server would refuse neither.
double adjusted_price(double price, std::string_view adjustment);

struct OverlaidPool {
  std::shared_ptr<const k8s::NodePool> pool;
  cloud::CataloguePtr catalogue;  // Of its class; null: not resolved.
};

struct OverlayInput {
  std::vector<OverlaidPool> pools;
  std::vector<std::shared_ptr<const k8s::NodeOverlay>> overlays;
  const cloud::LabelSchema& schema;
  k8s::schema::Flavour flavour = k8s::schema::Flavour::kCore;  // Whose labels and resources count.
};

struct OverlayVerdict {
  std::shared_ptr<const k8s::NodeOverlay> overlay;
  std::string reason = {};  // "RuntimeValidation" or "Conflict"; empty: it applies.
  std::string message = {};
};

struct OverlayResult {
  std::map<std::string, cloud::CataloguePtr, std::less<>> catalogues;  // By pool (LIF-206).
  std::vector<OverlayVerdict> verdicts;                                // By weight, then name.
};

OverlayResult apply_overlays(const OverlayInput& input);

}  // namespace plan
