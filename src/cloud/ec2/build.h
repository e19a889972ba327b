// From facts and a class to a catalogue: labels (AWI-40..65), capacity (AWI-70..90), overhead
// (AWI-100..109), compatibility (AWI-110..114) and offerings (AWI-120..128).
//
//   CataloguePtr catalogue = TRY(build_catalogue(facts, view, unavailable));
//
// Pure and deterministic. O(types x (labels + zones)): about 10 ms for a whole region. After an
// insufficient-capacity answer only availability differs; rebuild then as well
// (cloud/ec2/catalogue_cache.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cloud/catalogue.h"
#include "cloud/ec2/class_view.h"
#include "cloud/ec2/facts.h"
#include "cloud/unavailable.h"

namespace cloud::ec2 {

// All types that the region sells, also those that the class cannot use: their offerings are
// unavailable (AWI-25).
// Errors: kNotFound for a region that the facts do not know; the detail lists the known ones.
base::Result<CataloguePtr> build_catalogue(const Facts& facts,
                                           const ClassView& view,
                                           const UnavailableOfferings& unavailable = {},
                                           std::uint64_t version = 0);

// The steps, one type at a time; `offered` are the zones that sell the type and have a subnet of
// the class.
std::vector<TypeLabel> type_labels(const TypeFacts& type,
                                   const ClassView& view,
                                   const std::vector<ZoneView>& offered);
k8s::Resources type_capacity(const TypeFacts& type, const ClassView& view);
k8s::Resources kube_reserved(const TypeFacts& type,
                             const ClassView& view,
                             const k8s::Resources& capacity);
k8s::Resources eviction_threshold(const ClassView& view, const k8s::Resources& capacity);
bool is_compatible(const TypeFacts& type, const ClassView& view);

// The pods that the addresses of the default card's interfaces allow, of which `reserved` are taken
// (AWI-87).
std::int64_t eni_limited_pods(const TypeFacts& type, const ClassView& view, std::int64_t reserved);

// amd64 or arm64 (AWI-41); empty when EC2 names neither.
std::string_view architecture(const TypeFacts& type);

}  // namespace cloud::ec2
