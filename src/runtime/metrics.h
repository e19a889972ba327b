// Prometheus metrics: families of series, kept on the loop and written as exposition text when
// somebody scrapes. Names, labels and buckets are part of the program's public interface: they
// stand in constant tables (MetricFacts), never at the place of use.
//
//   inline constexpr std::array kLabels{std::string_view("reason")};
//   inline constexpr MetricFacts kDrained{"karpenter_pods_drained_total", MetricType::kCounter,
//                                         "Pods that were drained.", kLabels};
//   metrics.at(kDrained, {"Drifted"}).add();
//   metrics.text();
//
// Gauges that follow from a picture of the cluster are not kept here: they are written at scrape
// time with MetricWriter, from an immutable snapshot, on another thread.
// Thread rule: Metrics belongs to one thread; MetricWriter is a value. References that at() returns
// stay valid until their series is erased. Facts must outlive the registry.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace runtime {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram, kSummary };

struct MetricFacts {
  std::string_view name;
  MetricType type = MetricType::kGauge;
  std::string_view help;
  std::span<const std::string_view> labels{};
  std::span<const double> buckets{};  // kHistogram: upper bounds, ascending, without +Inf.
};

// Observations of the last ten minutes, of which quantiles are asked (OPR-61). Memory is bounded:
// when one of the five age groups is full, it keeps every second observation and lets each count
// twice as much.
class SlidingQuantiles {
 public:
  void observe(double value, base::Instant now);
  // NaN when there is nothing.
  double quantile(double rank, base::Instant now) const;

 private:
  static constexpr std::size_t kGroups = 5;
  static constexpr std::size_t kMaxKept = 4096;
  static constexpr base::Duration kGroupAge = std::chrono::minutes(2);

  struct Group {
    std::int64_t number = -1;  // Which two minutes.
    std::vector<double> values;
    std::uint64_t weight = 1;   // Of each value.
    std::uint64_t skipped = 0;  // Since one was kept.
  };

  std::array<Group, kGroups> groups_;
};

// One series. Counters and gauges have a value; histograms and summaries count observations.
class MetricSeries {
 public:
  explicit MetricSeries(const MetricFacts& facts);

  void add(double amount = 1) { value_ += amount; }

  void set(double value) { value_ = value; }

  // REQUIRES: a histogram or a summary. `now` matters to summaries only.
  void observe(double value, base::Instant now = {});

  double value() const { return value_; }

  std::uint64_t count() const { return count_; }

  double sum() const { return sum_; }

 private:
  friend class MetricWriter;

  const MetricFacts* facts_;
  double value_ = 0;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::vector<std::uint64_t> bucket_counts_;  // Not cumulative; the last is +Inf.
  std::unique_ptr<SlidingQuantiles> quantiles_;
};

using LabelValues = std::vector<std::string>;

// Something to be counted, as a value: decisions return these, others apply them.
struct MetricChange {
  const MetricFacts* facts;
  LabelValues labels{};
  double amount = 1;

  MetricChange(const MetricFacts& what, LabelValues values = {}, double how_much = 1)
      : facts(&what), labels(std::move(values)), amount(how_much) {}
};

// Exposition text, one family after the other. Numbers are written without exponent: there are
// readers who stop at the "e" (OPR-129).
class MetricWriter {
 public:
  // What follows belongs to this family; its name must outlive the writing. A family without
  // samples leaves no trace. Call once per family.
  void begin(const MetricFacts& facts);
  // One sample of the family begun last. REQUIRES: as many values as the facts have labels.
  void sample(std::span<const std::string_view> values, double value);
  // Labels that are not the facts': names and values in turn, after those of the facts.
  void sample(std::span<const std::string_view> names,
              std::span<const std::string_view> values,
              double value);
  void series(const LabelValues& values, const MetricSeries& series, base::Instant now);

  const std::string& text() const& { return text_; }

  std::string text() && { return std::move(text_); }

 private:
  void head();
  void line(std::string_view suffix,
            std::span<const std::string_view> values,
            std::string_view extra_name,
            std::string_view extra_value,
            double value);
  void label(std::string_view name, std::string_view value);

  MetricFacts facts_;
  bool is_head_due_ = false;
  std::string text_;
};

class Metrics {
 public:
  // Made at zero when it is new. REQUIRES: as many values as the facts have labels.
  MetricSeries& at(const MetricFacts& facts, LabelValues values = {});
  // Adds to counters, sets gauges, observes otherwise.
  void apply(const MetricChange& change, base::Instant now);
  // nullptr when nobody asked for it yet.
  const MetricSeries* find(const MetricFacts& facts, const LabelValues& values = {}) const;

  void erase(const MetricFacts& facts, const LabelValues& values);
  // Every series of the family for whose values this is true.
  void erase_if(const MetricFacts& facts, const std::function<bool(const LabelValues&)>& is_gone);

  // For facts that are made at run time: they must outlive the series.
  void keep(std::shared_ptr<const void> facts) { kept_.push_back(std::move(facts)); }

  // Families by name, series by label values. A family without series is left out (OPR-60).
  std::string text(base::Instant now) const;

 private:
  struct Family {
    const MetricFacts* facts = nullptr;
    std::map<LabelValues, MetricSeries> series;
  };

  std::map<std::string_view, Family> families_;
  std::vector<std::shared_ptr<const void>> kept_;
};

// As in the exposition: the shortest decimal form, "NaN", "+Inf", "-Inf".
std::string metric_number(double number);

}  // namespace runtime
