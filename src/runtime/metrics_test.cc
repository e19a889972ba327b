#include "runtime/metrics.h"

#include <cmath>

#include <gtest/gtest.h>

namespace runtime {
namespace {

using namespace std::chrono_literals;
using std::string_view;

constexpr std::array kReason{string_view("reason")};
constexpr std::array kBounds{0.5, 1.0, 2.5};
constexpr MetricFacts kCounter{"karpenter_a_total", MetricType::kCounter, "Counts.", kReason};
constexpr MetricFacts kGauge{"karpenter_b", MetricType::kGauge, "Line\nbreak."};
constexpr MetricFacts kHistogram{
    "karpenter_c_seconds", MetricType::kHistogram, "Lasts.", {}, kBounds};
constexpr MetricFacts kSummary{"karpenter_d_seconds", MetricType::kSummary, "Lasts.", kReason};

base::Instant at(base::Duration time) {
  return base::Instant(time);
}

TEST(Metrics, TextHasHelpTypeAndSortedSeries) {
  // OPR-60
  Metrics metrics;
  metrics.at(kGauge).set(0.075);
  metrics.at(kCounter, {"b"}).add(2);
  metrics.at(kCounter, {"a\"\\\n"}).add();
  EXPECT_EQ(metrics.text({}),
            "# HELP karpenter_a_total Counts.\n"
            "# TYPE karpenter_a_total counter\n"
            "karpenter_a_total{reason=\"a\\\"\\\\\\n\"} 1\n"
            "karpenter_a_total{reason=\"b\"} 2\n"
            "# HELP karpenter_b Line\\nbreak.\n"
            "# TYPE karpenter_b gauge\n"
            "karpenter_b 0.075\n");
}

TEST(Metrics, FamilyWithoutSeriesDoesNotAppear) {
  // OPR-60
  Metrics metrics;
  EXPECT_EQ(metrics.find(kCounter, {"a"}), nullptr);
  metrics.at(kCounter, {"a"}).add();
  metrics.at(kCounter, {"b"}).add();
  metrics.erase(kCounter, {"a"});
  EXPECT_EQ(metrics.find(kCounter, {"a"}), nullptr);
  metrics.erase_if(kCounter, [](const LabelValues& values) { return values[0] == "b"; });
  EXPECT_EQ(metrics.text({}), "");
}

TEST(Metrics, HistogramBucketsAreCumulativeAndIncludeTheirBound) {
  // OPR-61
  Metrics metrics;
  for (const double value : {0.5, 0.6, 3.0}) {
    metrics.at(kHistogram).observe(value);
  }
  EXPECT_EQ(metrics.text({}),
            "# HELP karpenter_c_seconds Lasts.\n"
            "# TYPE karpenter_c_seconds histogram\n"
            "karpenter_c_seconds_bucket{le=\"0.5\"} 1\n"
            "karpenter_c_seconds_bucket{le=\"1\"} 2\n"
            "karpenter_c_seconds_bucket{le=\"2.5\"} 2\n"
            "karpenter_c_seconds_bucket{le=\"+Inf\"} 3\n"
            "karpenter_c_seconds_sum 4.1\n"
            "karpenter_c_seconds_count 3\n");
}

TEST(Metrics, NumbersNeverHaveAnExponent) {
  // OPR-129
  EXPECT_EQ(metric_number(1.2345e9), "1234500000");
  EXPECT_EQ(metric_number(1e-7), "0.0000001");
  EXPECT_EQ(metric_number(17179869184.0), "17179869184");
  EXPECT_EQ(metric_number(-INFINITY), "-Inf");
  EXPECT_EQ(metric_number(std::nan("")), "NaN");
}

TEST(Metrics, SummaryForgetsAfterTenMinutesButKeepsItsCount) {
  // OPR-61
  Metrics metrics;
  MetricSeries& series = metrics.at(kSummary, {"x"});
  for (int i = 1; i <= 100; ++i) {
    series.observe(i, at(1min));
  }
  const std::string text = metrics.text(at(5min));
  EXPECT_NE(text.find("karpenter_d_seconds{reason=\"x\",quantile=\"0\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("{reason=\"x\",quantile=\"0.5\"} 50\n"), std::string::npos);
  EXPECT_NE(text.find("{reason=\"x\",quantile=\"0.99\"} 99\n"), std::string::npos);
  EXPECT_NE(text.find("{reason=\"x\",quantile=\"1\"} 100\n"), std::string::npos);
  const std::string later = metrics.text(at(11min));
  EXPECT_NE(later.find("{reason=\"x\",quantile=\"0.5\"} NaN\n"), std::string::npos);
  EXPECT_NE(later.find("karpenter_d_seconds_count{reason=\"x\"} 100\n"), std::string::npos);
}

TEST(Metrics, QuantilesOfManyObservationsStayNear) {
  // OPR-61: an error of 1 % is allowed.
  SlidingQuantiles quantiles;
  constexpr int kMany = 100'000;
  for (int i = 0; i < kMany; ++i) {
    quantiles.observe((i * 7919) % kMany, at(1s));  // 7919 is prime: each number once.
  }
  EXPECT_NEAR(quantiles.quantile(0.5, at(1s)), 0.5 * kMany, 0.01 * kMany);
  EXPECT_NEAR(quantiles.quantile(0.9, at(1s)), 0.9 * kMany, 0.01 * kMany);
}

TEST(Metrics, WriterTakesLabelsThatAreKnownOnlyAtRunTime) {
  MetricWriter writer;
  writer.begin(kGauge);
  const std::array<string_view, 1> names{"zone"};
  const std::array<string_view, 1> values{"a"};
  writer.sample(names, values, 1);
  EXPECT_NE(writer.text().find("karpenter_b{zone=\"a\"} 1\n"), std::string::npos);
}

}  // namespace
}  // namespace runtime
