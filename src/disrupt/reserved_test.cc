// Consolidation onto capacity reservations, and from one to another (spec 03 s5.5, spec 02 s8).
#include <algorithm>

#include <gtest/gtest.h>

#include "disrupt/bed_testing.h"
#include "world/names.h"

namespace disrupt::testing {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kReservation = "example.com/reservation";

class Reserved : public ::testing::Test {
 protected:
  Reserved() {
    auto schema = std::make_shared<cloud::LabelSchema>(cloud::LabelSchema::core());
    schema->add_well_known(kReservation);
    schema->set_reservation_labels(kReservation, {kReservation});
    bed_.settings.plan.schema = schema;
    bed_.pool.template_spec.requirements[0].values = {"on-demand", "reserved", "spot"};
    bed_.put(bed_.pool);
  }

  // One reservation per type, "cr-<type>" in zone z1, all but free.
  void reserve(const Names& types, std::int64_t left = 1) {
    auto catalogue = std::make_shared<cloud::Catalogue>(*small_catalogue());
    for (cloud::InstanceType& type : catalogue->types) {
      if (std::ranges::find(types, type.name) == types.end()) {
        continue;
      }
      type.labels[0].values = {"on-demand", "reserved", "spot"};
      type.labels.push_back({.key = kReservation, .values = {"cr-" + type.name}});
      type.offerings.push_back({.zone = "z1",
                                .capacity_type = "reserved",
                                .price = type.offerings[0].price / 1'000'000,
                                .available = left > 0,
                                .zone_id = "",
                                .reservation_id = "cr-" + type.name,
                                .reservation_capacity = left,
                                .labels = {{kReservation, {"cr-" + type.name}}}});
    }
    bed_.world().set_catalogue("EC2NodeClass", "default", catalogue);
  }

  static Names values(const Command& command, std::string_view key) {
    for (const k8s::SelectorTerm& term : command.replacements.at(0).claim().spec.requirements) {
      if (term.key == key) {
        return term.values;
      }
    }
    return {};
  }

  Findings single() { return bed_.find(Method::kSingleNode); }

  Bed bed_;
};

TEST_F(Reserved, AReservationOfASmallerTypeIsCheaper) {
  // DIS-28, DIS-91, T-XX1
  reserve({"t2", "t8"});
  bed_.add_machine("a", {.type = "t8", .capacity = "reserved"});
  bed_.add_pod("web", "a");
  const Findings found = single();
  ASSERT_EQ(nodes_of(found), Names{"a"});
  const Command& command = found.commands.front();
  EXPECT_EQ(values(command, world::kCapacityTypeLabel), Names{"reserved"});
  EXPECT_EQ(values(command, kReservation), (Names{"cr-t2", "cr-t8"}));  // SCH-197: as it was held.
  EXPECT_EQ(values(command, world::kInstanceTypeLabel), Names{"t2"});
  EXPECT_NEAR(command.savings, 0.6e-6, 1e-9);
}

TEST_F(Reserved, AReservationOfTheSameTypeIsCheaper) {
  // DIS-90, DIS-91, T-XX2: also for spot nodes while spot for spot is off.
  reserve({"t8"});
  for (const char* capacity : {"on-demand", "spot"}) {
    bed_.add_machine("a", {.type = "t8", .capacity = capacity});
    bed_.add_pod("web", "a", 7000);
    const Findings found = single();
    ASSERT_EQ(nodes_of(found), Names{"a"}) << capacity;
    EXPECT_EQ(values(found.commands.front(), world::kCapacityTypeLabel), Names{"reserved"});
    EXPECT_EQ(values(found.commands.front(), world::kInstanceTypeLabel), Names{"t8"});
  }
}

TEST_F(Reserved, AReservationThatIsUsedUpIsNone) {
  // DIS-82, DIS-93: then spot is for spot again.
  reserve({"t8"}, 0);
  bed_.add_machine("a", {.type = "t8", .capacity = "spot"});
  bed_.add_pod("web", "a", 7000);
  EXPECT_EQ(
      bed_.notes(single(), "a"),
      Names{"SpotToSpotConsolidation is disabled, can't replace a spot node with a spot node"});
}

}  // namespace
}  // namespace disrupt::testing
