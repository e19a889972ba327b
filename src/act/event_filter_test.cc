#include "act/event_filter.h"

#include <gtest/gtest.h>

#include "k8s/time.h"

namespace act {
namespace {

PublishEvent make(std::vector<std::string> dedupe) {
  return {.object = {},
          .type = "Normal",
          .reason = "Nominated",
          .message = "m",
          .dedupe = std::move(dedupe)};
}

TEST(EventFilter, DropsRepetitionsWithinTheirWindow) {
  // OPR-81, LIF-16
  EventFilter filter;
  EXPECT_TRUE(filter.admit(make({"a"}), 0));
  EXPECT_FALSE(filter.admit(make({"a"}), 119 * k8s::kSecond));
  EXPECT_TRUE(filter.admit(make({"b"}), 119 * k8s::kSecond));
  EXPECT_TRUE(filter.admit(make({"a"}), 120 * k8s::kSecond));
}

TEST(EventFilter, NeverDropsWithoutDedupeValues) {
  // LIF-16
  EventFilter filter;
  EXPECT_TRUE(filter.admit(make({}), 0));
  EXPECT_TRUE(filter.admit(make({}), 0));
}

TEST(EventFilter, RateLimitedEventHoldsItsWindow) {
  // OPR-82
  EventFilter filter;
  int admitted = 0;
  for (int i = 0; i < 20; ++i) {
    PublishEvent event = make({std::to_string(i)});
    event.is_rate_limited = true;
    admitted += filter.admit(event, k8s::kSecond) ? 1 : 0;
  }
  EXPECT_EQ(admitted, 10);
  PublishEvent dropped = make({"19"});
  dropped.is_rate_limited = true;
  EXPECT_FALSE(filter.admit(dropped, 60 * k8s::kSecond));
}

TEST(EventFilter, TellsWhatItWouldDrop) {
  // OPR-81
  EventFilter filter;
  EXPECT_FALSE(filter.is_held("Nominated", {"a", "b"}, 0));
  filter.admit(make({"a", "b"}), 0);
  EXPECT_TRUE(filter.is_held("Nominated", {"a", "b"}, 119 * k8s::kSecond));
  EXPECT_FALSE(filter.is_held("Nominated", {"a", "b"}, 120 * k8s::kSecond));
  EXPECT_FALSE(filter.is_held("Nominated", {"ab"}, 0));
  EXPECT_FALSE(filter.is_held("Evicted", {"a", "b"}, 0));
}

TEST(EventFilter, ForgetsKeysWhoseWindowIsOver) {
  EventFilter filter;
  for (int i = 0; i < 100; ++i) {
    filter.admit(make({std::to_string(i)}), k8s::kHour);
  }
  filter.admit(make({"x"}), 2 * k8s::kHour);
  EXPECT_EQ(filter.size(), 1U);
}

}  // namespace
}  // namespace act
