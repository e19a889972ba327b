// Where the machines of a crowd are bought: the KWOK catalogue, or the types, zones and prices that
// EC2 sells in us-east-1. Three families of sizes 4, 8 and 16 with 2, 4 and 8 GiB per CPU are the
// same on both, so that crowds are, too.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/catalogue.h"
#include "cloud/label_schema.h"
#include "k8s/node.h"

namespace disrupt::testing {

struct Market {
  cloud::CataloguePtr catalogue;
  std::shared_ptr<const cloud::LabelSchema> schema;
  k8s::NodeClassRef node_class;
  std::array<std::string_view, 4> zones;
  std::vector<k8s::SelectorTerm> requirements;  // Of the pool, on demand.
  std::string (*type_name)(std::size_t family, int cpus) = nullptr;
};

Market kwok_market();
// Without burstable types and old ones, as the guide to NodePools has it.
Market ec2_market();

}  // namespace disrupt::testing
