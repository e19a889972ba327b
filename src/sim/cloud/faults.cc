#include "sim/cloud/faults.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace sim {

namespace {

struct FaultRow {
  std::string_view name;
  double usual;  // The probability when none is given.
};

constexpr std::array<FaultRow, FaultPlan::kFaults> kRows{{
    {"insufficient-capacity", 0.15},
    {"slow-join", 0.25},
    {"never-join", 0.10},
    {"api-conflict", 0.10},
    {"watch-drop", 0.02},
    {"throttle", 0.15},
    {"lost-response", 0.10},
    {"spot-interruption", 0.10},
    {"restart", 0.02},
    {"lost-answer", 0.05},
}};

std::optional<Fault> find_fault(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) {
      return static_cast<Fault>(i);
    }
  }
  return std::nullopt;
}

base::Result<double> parse_probability(std::string_view item, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 1)) {
    return base::fail(base::ErrorCode::kInvalid,
                      fmt::format("fault \"{}\": the probability must be between 0 and 1", item));
  }
  return value;
}

std::string known_names() {
  std::string names = "all";
  for (const FaultRow& row : kRows) {
    names += fmt::format(", {}", row.name);
  }
  return names;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string_view to_string(Fault fault) {
  return kRows[static_cast<std::size_t>(fault)].name;
}

base::Result<FaultPlan> FaultPlan::parse(std::string_view list) {
  FaultPlan plan;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view item = trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    if (item.empty()) {
      continue;
    }
    const std::size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    std::optional<double> given;
    if (equals != std::string_view::npos) {
      given = TRY(parse_probability(item, item.substr(equals + 1)));
    }
    const std::optional<Fault> fault = find_fault(name);
    if (!fault && name != "all") {
      return base::fail(base::ErrorCode::kInvalid,
                        fmt::format("unknown fault \"{}\"; known: {}", name, known_names()));
    }
    for (std::size_t i = 0; i < kFaults; ++i) {
      if (!fault || static_cast<std::size_t>(*fault) == i) {
        plan.probabilities_[i] = given.value_or(kRows[i].usual);
      }
    }
  }
  return plan;
}

FaultPlan FaultPlan::swarm(std::uint64_t seed) {
  runtime::Rng rng(seed);
  FaultPlan plan;
  for (std::size_t i = 0; i < kFaults; ++i) {
    const bool exists = rng.chance(0.5);
    const double scale = 0.25 + 1.75 * rng.unit();
    if (exists) {
      plan.probabilities_[i] = kRows[i].usual * scale;
    }
  }
  return plan;
}

bool FaultPlan::strikes(Fault fault, runtime::Rng& rng) const {
  const double p = probability(fault);
  return p > 0 && rng.chance(p);
}

std::string FaultPlan::text() const {
  std::string text;
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (probabilities_[i] > 0) {
      text += fmt::format("{}{}={:.4g}", text.empty() ? "" : ",", kRows[i].name, probabilities_[i]);
    }
  }
  return text;
}

}  // namespace sim
