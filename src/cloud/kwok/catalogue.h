// The catalogue of the KWOK provider: 144 generic instance types, made by formula (LIF-240), or the
// types of a JSON file (LIF-238). Labels and reservations: LIF-239.
//
//   CataloguePtr catalogue = kwok::embedded_catalogue();
//   catalogue->find("c-1x-amd64-linux");
//
// Thread rule: plain functions returning values.
#pragma once

#include <string_view>

#include "base/error.h"
#include "cloud/catalogue.h"
#include "cloud/label_schema.h"

namespace cloud::kwok {

namespace label {

inline constexpr std::string_view kSize = "karpenter.kwok.sh/instance-size";
inline constexpr std::string_view kFamily = "karpenter.kwok.sh/instance-family";
inline constexpr std::string_view kCpu = "karpenter.kwok.sh/instance-cpu";
inline constexpr std::string_view kMemory = "karpenter.kwok.sh/instance-memory";

}  // namespace label

CataloguePtr embedded_catalogue();

// Types of a JSON file in the form of LIF-238. The availability that an offering states counts;
// upstream overwrites it with true. Errors: kInvalid with the path of the offending field.
base::Result<CataloguePtr> parse_catalogue(std::string_view text);

// Core and KWOK labels, and every key that an offering of `catalogue` carries (LIF-239).
LabelSchema label_schema(const Catalogue& catalogue);

// The size and family in a type's name (LIF-239, API-158); `cpu` is the fall-back for the size.
std::string_view size_of(std::string_view name, std::string_view cpu);
std::string_view family_of(std::string_view name);

}  // namespace cloud::kwok
