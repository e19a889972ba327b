#include "runtime/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "base/text.h"

namespace runtime {

namespace {

constexpr std::array<std::string_view, 4> kTypeNames{"counter", "gauge", "histogram", "summary"};

// OPR-61
constexpr std::array<double, 5> kQuantiles{0, 0.5, 0.9, 0.99, 1};

void append_escaped(std::string& text, std::string_view raw, bool with_quotes) {
  for (const char c : raw) {
    if (c == '\\') {
      text += "\\\\";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '"' && with_quotes) {
      text += "\\\"";
    } else {
      text += c;
    }
  }
}

std::int64_t group_number(base::Instant now, base::Duration age) {
  return now.time_since_epoch() / age;
}

}  // namespace

std::string metric_number(double number) {
  if (std::isnan(number)) {
    return "NaN";
  }
  if (std::isinf(number)) {
    return number > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 400> digits{};  // The largest double has 309 digits.
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  ASSERT(end.ec == std::errc());
  return {digits.data(), end.ptr};
}

void SlidingQuantiles::observe(double value, base::Instant now) {
  const std::int64_t number = group_number(now, kGroupAge);
  Group& group = groups_[static_cast<std::size_t>(number) % kGroups];
  if (group.number != number) {
    group = {.number = number, .values = {}};
  }
  if (++group.skipped < group.weight) {
    return;
  }
  group.skipped = 0;
  group.values.push_back(value);
  if (group.values.size() < kMaxKept) {
    return;
  }
  for (std::size_t i = 0; 2 * i < group.values.size(); ++i) {
    group.values[i] = group.values[2 * i];
  }
  group.values.resize(group.values.size() / 2);
  group.weight *= 2;
}

double SlidingQuantiles::quantile(double rank, base::Instant now) const {
  const std::int64_t newest = group_number(now, kGroupAge);
  std::vector<std::pair<double, std::uint64_t>> weighted;
  std::uint64_t total = 0;
  for (const Group& group : groups_) {
    if (newest - group.number >= static_cast<std::int64_t>(kGroups)) {
      continue;
    }
    for (const double value : group.values) {
      weighted.emplace_back(value, group.weight);
      total += group.weight;
    }
  }
  if (weighted.empty()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  std::ranges::sort(weighted);
  const double wanted = rank * static_cast<double>(total);
  std::uint64_t seen = 0;
  for (const auto& [value, weight] : weighted) {
    seen += weight;
    if (static_cast<double>(seen) >= wanted) {
      return value;
    }
  }
  return weighted.back().first;
}

MetricSeries::MetricSeries(const MetricFacts& facts) : facts_(&facts) {
  if (facts.type == MetricType::kHistogram) {
    bucket_counts_.resize(facts.buckets.size() + 1);
  } else if (facts.type == MetricType::kSummary) {
    quantiles_ = std::make_unique<SlidingQuantiles>();
  }
}

void MetricSeries::observe(double value, base::Instant now) {
  ASSERT(quantiles_ != nullptr || !bucket_counts_.empty());
  ++count_;
  sum_ += value;
  if (quantiles_ != nullptr) {
    quantiles_->observe(value, now);
    return;
  }
  const auto bound = std::ranges::lower_bound(facts_->buckets, value);
  ++bucket_counts_[static_cast<std::size_t>(bound - facts_->buckets.begin())];
}

void MetricWriter::begin(const MetricFacts& facts) {
  facts_ = facts;
  is_head_due_ = true;
}

void MetricWriter::head() {
  if (!std::exchange(is_head_due_, false)) {
    return;
  }
  text_ += base::concat("# HELP ", facts_.name, " ");
  append_escaped(text_, facts_.help, false);
  text_ += base::concat(
      "\n# TYPE ", facts_.name, " ", kTypeNames[static_cast<std::size_t>(facts_.type)], "\n");
}

void MetricWriter::label(std::string_view name, std::string_view value) {
  text_ += text_.back() == '{' ? "" : ",";
  text_ += name;
  text_ += "=\"";
  append_escaped(text_, value, true);
  text_ += '"';
}

void MetricWriter::line(std::string_view suffix,
                        std::span<const std::string_view> values,
                        std::string_view extra_name,
                        std::string_view extra_value,
                        double value) {
  ASSERT(values.size() == facts_.labels.size());
  head();
  text_ += facts_.name;
  text_ += suffix;
  if (!values.empty() || !extra_name.empty()) {
    text_ += '{';
    for (std::size_t i = 0; i < values.size(); ++i) {
      label(facts_.labels[i], values[i]);
    }
    if (!extra_name.empty()) {
      label(extra_name, extra_value);
    }
    text_ += '}';
  }
  text_ += ' ';
  text_ += metric_number(value);
  text_ += '\n';
}

void MetricWriter::sample(std::span<const std::string_view> values, double value) {
  line("", values, "", "", value);
}

void MetricWriter::sample(std::span<const std::string_view> names,
                          std::span<const std::string_view> values,
                          double value) {
  ASSERT(names.size() == values.size());
  head();
  text_ += facts_.name;
  if (!names.empty()) {
    text_ += '{';
    for (std::size_t i = 0; i < names.size(); ++i) {
      label(names[i], values[i]);
    }
    text_ += '}';
  }
  text_ += ' ';
  text_ += metric_number(value);
  text_ += '\n';
}

void MetricWriter::series(const LabelValues& values,
                          const MetricSeries& series,
                          base::Instant now) {
  const std::vector<std::string_view> views(values.begin(), values.end());
  switch (facts_.type) {
    case MetricType::kCounter:
    case MetricType::kGauge:
      sample(views, series.value_);
      return;
    case MetricType::kHistogram: {
      std::uint64_t below = 0;
      for (std::size_t i = 0; i < series.bucket_counts_.size(); ++i) {
        below += series.bucket_counts_[i];
        const std::string bound =
            i < facts_.buckets.size() ? metric_number(facts_.buckets[i]) : "+Inf";
        line("_bucket", views, "le", bound, static_cast<double>(below));
      }
      break;
    }
    case MetricType::kSummary:
      for (const double rank : kQuantiles) {
        line("", views, "quantile", metric_number(rank), series.quantiles_->quantile(rank, now));
      }
      break;
  }
  line("_sum", views, "", "", series.sum_);
  line("_count", views, "", "", static_cast<double>(series.count_));
}

MetricSeries& Metrics::at(const MetricFacts& facts, LabelValues values) {
  ASSERT(values.size() == facts.labels.size());
  Family& family = families_[facts.name];
  ASSERT(family.facts == nullptr || family.facts->type == facts.type);
  family.facts = &facts;
  return family.series.try_emplace(std::move(values), facts).first->second;
}

void Metrics::apply(const MetricChange& change, base::Instant now) {
  MetricSeries& series = at(*change.facts, change.labels);
  switch (change.facts->type) {
    case MetricType::kCounter:
      return series.add(change.amount);
    case MetricType::kGauge:
      return series.set(change.amount);
    case MetricType::kHistogram:
    case MetricType::kSummary:
      return series.observe(change.amount, now);
  }
}

const MetricSeries* Metrics::find(const MetricFacts& facts, const LabelValues& values) const {
  const auto family = families_.find(facts.name);
  if (family == families_.end()) {
    return nullptr;
  }
  const auto found = family->second.series.find(values);
  return found == family->second.series.end() ? nullptr : &found->second;
}

void Metrics::erase(const MetricFacts& facts, const LabelValues& values) {
  const auto family = families_.find(facts.name);
  if (family != families_.end()) {
    family->second.series.erase(values);
  }
}

void Metrics::erase_if(const MetricFacts& facts,
                       const std::function<bool(const LabelValues&)>& is_gone) {
  const auto family = families_.find(facts.name);
  if (family != families_.end()) {
    std::erase_if(family->second.series, [&](const auto& entry) { return is_gone(entry.first); });
  }
}

std::string Metrics::text(base::Instant now) const {
  MetricWriter writer;
  for (const auto& [name, family] : families_) {
    if (family.series.empty()) {
      continue;
    }
    writer.begin(*family.facts);
    for (const auto& [values, series] : family.series) {
      writer.series(values, series, now);
    }
  }
  return std::move(writer).text();
}

}  // namespace runtime
