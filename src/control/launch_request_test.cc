#include "control/launch_request.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace control {
namespace {

cloud::InstanceType type(std::string name, std::string arch, double price) {
  cloud::InstanceType out{.name = name,
                          .labels = {{"kubernetes.io/arch", {std::move(arch)}},
                                     {"node.kubernetes.io/instance-type", {name}}},
                          .offerings = {},
                          .capacity = {{"cpu", k8s::Quantity::units(2)}}};
  for (const char* zone : {"a", "b"}) {
    out.offerings.push_back({.zone = zone, .capacity_type = "spot", .price = price});
  }
  return out;
}

// "TYPE ZONE", in order.
std::vector<std::string> offered(const std::vector<k8s::SelectorTerm>& requirements) {
  const cloud::Catalogue catalogue{
      .types = {type("cheap", "arm64", 1), type("dear", "amd64", 3), type("fair", "amd64", 2)}};
  k8s::NodeClaim claim;
  claim.spec.requirements = requirements;
  std::vector<std::string> out;
  for (const cloud::OfferingRef& ref : launch_request(claim, catalogue).offerings) {
    out.push_back(ref.instance_type + " " + ref.zone);
  }
  return out;
}

k8s::SelectorTerm term(std::string key, std::string op, std::vector<std::string> values) {
  return {
      .key = std::move(key), .op = std::move(op), .values = std::move(values), .min_values = {}};
}

TEST(LaunchRequest, OffersWhatMeetsEveryRequirementByPrice) {
  // LIF-230
  const std::string zone = "topology.kubernetes.io/zone";
  EXPECT_EQ(
      offered({}),
      (std::vector<std::string>{"cheap a", "cheap b", "fair a", "fair b", "dear a", "dear b"}));
  EXPECT_EQ(offered({term("kubernetes.io/arch", "NotIn", {"arm64"}),
                     term("node.kubernetes.io/instance-type", "In", {"fair", "cheap"}),
                     term(zone, "In", {"c", "b"})}),
            (std::vector<std::string>{"fair b"}));
  EXPECT_EQ(offered({term("kubernetes.io/arch", "DoesNotExist", {})}), std::vector<std::string>{});
  EXPECT_EQ(offered({term("kubernetes.io/arch", "Exists", {}),
                     term(zone, "NotIn", {"a"}),
                     term("of-the-pool", "In", {"x"})}),
            (std::vector<std::string>{"cheap b", "fair b", "dear b"}));
}

TEST(AdoptInstance, NodesOwnFiguresComeBeforeTheCatalogue) {
  // LIF-244
  cloud::Catalogue catalogue;
  catalogue.types.push_back({.name = "big",
                             .labels = {},
                             .offerings = {},
                             .capacity = {{"cpu", k8s::Quantity::units(32)}}});
  cloud::Instance instance;
  instance.instance_type = "big";
  k8s::NodeClaim claim;

  adopt_instance(claim, instance, &catalogue);
  EXPECT_EQ(claim.status.capacity.get("cpu"), k8s::Quantity::units(32));

  instance.capacity = k8s::Resources{{"cpu", k8s::Quantity::units(18)}};
  adopt_instance(claim, instance, &catalogue);
  EXPECT_EQ(claim.status.capacity.get("cpu"), k8s::Quantity::units(18));
}

}  // namespace
}  // namespace control
