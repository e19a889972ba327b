// A line over time as an SVG element: axes with round numbers, a filled area under the line, an
// optional second line to compare with. Colours come from the page's CSS variables. Pure.
#pragma once

#include <string>
#include <vector>

#include "k8s/time.h"

namespace app {

struct TimeChart {
  std::string title;        // Also what a screen reader says.
  std::string description;  // The chart in a sentence.
  std::string css_class;    // Decides the colour.
  std::string prefix;       // Before values on the axis: "$" or "".
  k8s::TimeNs start = 0;
  k8s::DurationNs step = 0;
  std::vector<double> values;
  std::vector<double> compared;  // Empty: none.
};

std::string svg(const TimeChart& chart);

// The least of 1, 2, 2.5, 5 times a power of ten that `parts` times reach `most`.
double round_step(double most, int parts);

std::string html_text(std::string_view text);

}  // namespace app
