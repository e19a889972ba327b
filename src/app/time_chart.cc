#include "app/time_chart.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace app {
namespace {

constexpr double kWidth = 960;
constexpr double kHeight = 200;
constexpr double kLeft = 56;
constexpr double kRight = 8;
constexpr double kTop = 10;
constexpr double kBottom = 24;
constexpr int kRows = 4;

// Where a value of the chart lies on the picture.
struct Scale {
  double most = 1;        // Of the axis.
  std::size_t count = 1;  // Of steps.

  double x(double index) const {
    return kLeft + (kWidth - kLeft - kRight) * index / static_cast<double>(count);
  }

  double y(double value) const { return kTop + (kHeight - kTop - kBottom) * (1 - value / most); }
};

// A value holds for its whole step: stairs, without points in between that change nothing.
std::string stairs(const std::vector<double>& values, const Scale& scale) {
  std::string path;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool repeats = i > 0 && values[i] == values[i - 1];
    if (!repeats) {
      path += fmt::format("{}{:.1f} {}{:.1f}",
                          path.empty() ? "M" : "H",
                          scale.x(static_cast<double>(i)),
                          path.empty() ? "" : "V",
                          scale.y(values[i]));
    }
  }
  return path + fmt::format("H{:.1f}", scale.x(static_cast<double>(values.size())));
}

std::string area(const std::vector<double>& values, const Scale& scale) {
  return fmt::format("{}V{:.1f}H{:.1f}Z", stairs(values, scale), scale.y(0), scale.x(0));
}

std::string rows(const TimeChart& chart, const Scale& scale, double row) {
  std::string out;
  for (int i = 0; i <= kRows; ++i) {
    const double value = row * i;
    if (value > scale.most * 1.001) {
      break;
    }
    out +=
        fmt::format(R"(<line class="grid" x1="{:.0f}" x2="{:.0f}" y1="{:.1f}" y2="{:.1f}"/>)"
                    R"(<text class="tick" x="{:.0f}" y="{:.1f}" text-anchor="end">{}{:g}</text>)",
                    kLeft,
                    kWidth - kRight,
                    scale.y(value),
                    scale.y(value),
                    kLeft - 8,
                    scale.y(value) + 4,
                    chart.prefix,
                    value);
  }
  return out;
}

std::string columns(const TimeChart& chart, const Scale& scale) {
  const auto whole = static_cast<k8s::DurationNs>(chart.values.size()) * chart.step;
  const k8s::DurationNs every =
      whole <= k8s::kDay ? 3 * k8s::kHour
                         : std::max<k8s::DurationNs>(k8s::kDay, whole / 10 / k8s::kDay * k8s::kDay);
  std::string out;
  for (k8s::DurationNs time = 0; time < whole; time += every) {
    const double x = scale.x(static_cast<double>(time) / static_cast<double>(chart.step));
    const std::string stamp = k8s::format_time(chart.start + time);
    out += fmt::format(R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.0f}" y2="{2:.0f}"/>)"
                       R"(<text class="tick" x="{0:.1f}" y="{3:.0f}">{4}</text>)",
                       x,
                       kTop,
                       kHeight - kBottom,
                       kHeight - 6,
                       whole <= k8s::kDay ? stamp.substr(11, 5) : stamp.substr(5, 5));
  }
  return out;
}

}  // namespace

double round_step(double most, int parts) {
  const double least = std::max(most, 1e-6) / parts;
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= least * 0.999) {
      return factor * power;
    }
  }
  return 10 * power;
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string svg(const TimeChart& chart) {
  double most = chart.values.empty() ? 0 : *std::ranges::max_element(chart.values);
  if (!chart.compared.empty()) {
    most = std::max(most, *std::ranges::max_element(chart.compared));
  }
  const double row = round_step(most, kRows);
  const Scale scale{.most = row * std::max(1.0, std::ceil(most / row - 1e-9)),
                    .count = std::max<std::size_t>(1, chart.values.size())};
  std::string out = fmt::format(
      R"(<svg class="chart {}" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">)",
      chart.css_class,
      kWidth,
      kHeight,
      html_text(chart.title + ": " + chart.description));
  out += rows(chart, scale, row) + columns(chart, scale);
  if (!chart.values.empty()) {
    out += fmt::format(R"(<path class="area" d="{}"/><path class="line" d="{}"/>)",
                       area(chart.values, scale),
                       stairs(chart.values, scale));
  }
  if (!chart.compared.empty()) {
    out += fmt::format(R"(<path class="compared" d="{}"/>)", stairs(chart.compared, scale));
  }
  return out + "</svg>";
}

}  // namespace app
