#include "control/launch_request.h"

#include <gtest/gtest.h>

namespace control {
namespace {

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
