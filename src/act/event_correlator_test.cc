#include "act/event_correlator.h"

#include <gtest/gtest.h>

#include "k8s/time.h"

namespace act {
namespace {

constexpr k8s::TimeNs kStart = k8s::kHour;

PublishEvent make(std::string object, std::string message) {
  PublishEvent event;
  event.object.kind = "Pod";
  event.object.name = std::move(object);
  event.type = "Normal";
  event.reason = "Nominated";
  event.message = std::move(message);
  return event;
}

TEST(EventCorrelator, EqualEventsAreCounted) {
  // OPR-80
  EventCorrelator correlator;
  const auto first = correlator.take(make("a", "m"), kStart);
  const auto second = correlator.take(make("a", "m"), kStart + k8s::kSecond);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->is_new());
  EXPECT_EQ(second->count, 2);
  EXPECT_EQ(second->name, first->name);
  EXPECT_NE(correlator.take(make("b", "m"), kStart)->name, first->name);
}

TEST(EventCorrelator, ForgottenRecordsAreWrittenAnew) {
  EventCorrelator correlator;
  const auto first = correlator.take(make("a", "m"), kStart);
  correlator.forget(first->key);
  EXPECT_TRUE(correlator.take(make("a", "m"), kStart + 1)->is_new());
  EXPECT_TRUE(correlator.take(make("a", "m"), kStart + 11 * k8s::kMinute)->is_new());
}

TEST(EventCorrelator, ManySimilarEventsBecomeOne) {
  // OPR-80
  EventCorrelator correlator;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(correlator.take(make("a", std::to_string(i)), kStart)->message, std::to_string(i));
  }
  const auto eleventh = correlator.take(make("a", "10"), kStart);
  EXPECT_EQ(eleventh->message, "(combined from similar events): 10");
  EXPECT_TRUE(eleventh->is_new());
  EXPECT_EQ(correlator.take(make("a", "11"), kStart)->count, 2);
  EXPECT_EQ(correlator.take(make("a", "3"), kStart)->message, "3");
}

TEST(EventCorrelator, AnObjectIsSpokenOfTwentyFiveTimesAndThenEveryFiveMinutes) {
  // OPR-80
  EventCorrelator correlator;
  const auto taken = [&](int tries, k8s::TimeNs now) {
    int count = 0;
    for (int i = 0; i < tries; ++i) {
      count += correlator.take(make("a", "m"), now) ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(taken(100, kStart), 25);
  EXPECT_EQ(taken(100, kStart + 299 * k8s::kSecond), 0);
  EXPECT_EQ(taken(100, kStart + 301 * k8s::kSecond), 1);
  EXPECT_TRUE(correlator.take(make("b", "m"), kStart));
}

}  // namespace
}  // namespace act
