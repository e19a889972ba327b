#include "cloud/ec2/view_testing.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"

namespace cloud::ec2 {

const Facts& test_facts() {
  static const Facts facts = embedded_facts();
  return facts;
}

ClassView test_view(AmiFamily family) {
  ClassView view;
  view.region = "us-west-2";
  view.family = family;
  return view;
}

CataloguePtr test_catalogue(const ClassView& view, const UnavailableOfferings& unavailable) {
  base::Result<CataloguePtr> catalogue = build_catalogue(test_facts(), view, unavailable);
  ASSERT(catalogue.has_value());
  return *std::move(catalogue);
}

InstanceType test_type(std::string_view name, const ClassView& view) {
  const TypeFacts* type = test_facts().find_type(name);
  const RegionFacts* region = test_facts().find_region(view.region);
  ASSERT(type != nullptr && region != nullptr);
  const auto index = static_cast<std::uint32_t>(type - test_facts().types.data());
  const auto offer = std::ranges::find(region->offers, index, &RegionOffer::type);
  ASSERT(offer != region->offers.end());
  // Facts of this type alone: building the whole region for one question would be slow.
  Facts facts;
  facts.types = {*type};
  facts.regions = {*region};
  facts.regions.front().offers = {*offer};
  facts.regions.front().offers.front().type = 0;
  base::Result<CataloguePtr> catalogue = build_catalogue(facts, view);
  ASSERT(catalogue.has_value());
  return (*catalogue)->types.front();
}

std::string label_text(const InstanceType& type, std::string_view key) {
  const auto found = std::ranges::find(type.labels, key, &TypeLabel::key);
  if (found == type.labels.end()) {
    return "<undefined>";
  }
  return found->values.empty() ? "<absent>" : base::join(found->values, "|");
}

std::string amount(const k8s::Resources& resources, std::string_view name) {
  const k8s::Quantity* quantity = resources.find(name);
  return quantity == nullptr ? "<none>" : quantity->text();
}

std::size_t count_available(const InstanceType& type) {
  return static_cast<std::size_t>(std::ranges::count_if(type.offerings, &Offering::available));
}

}  // namespace cloud::ec2
