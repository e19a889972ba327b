// Simulated days as one web page: price, nodes and waiting pods over time as SVG, the sums, every
// decision with its reason. Self-contained: no script, no font, no picture from elsewhere; light
// and dark by the reader's setting; readable without seeing the charts. Pure.
#pragma once

#include <string>

#include "app/simulation_report.h"

namespace app {

std::string to_page(const SimulationOutcome& outcome);

}  // namespace app
