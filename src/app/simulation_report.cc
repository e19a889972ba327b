#include "app/simulation_report.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/json_text.h"
#include "app/table.h"
#include "base/money.h"
#include "base/text.h"

namespace app {
namespace {

namespace json = boost::json;
using sim::days::MethodSum;
using sim::days::Report;
using sim::days::Sample;

double rounded(double value) {
  constexpr double kScale = 1e4;
  return std::round(value * kScale) / kScale;
}

double in_seconds(k8s::DurationNs duration) {
  return rounded(static_cast<double>(duration) / static_cast<double>(k8s::kSecond));
}

json::object numbers(const std::map<std::string, double>& values) {
  json::object out;
  for (const auto& [name, value] : values) {
    out[name] = rounded(value);
  }
  return out;
}

json::object methods(const Report& report) {
  json::object out;
  for (const auto& [name, sum] : report.methods) {
    out[name] = json::object{{"commands", sum.commands},
                             {"nodes", sum.nodes},
                             {"replacements", sum.replacements},
                             {"savingsPerHour", rounded(sum.savings)}};
  }
  return out;
}

json::object evictions(const Report& report) {
  json::object causes;
  for (const auto& [cause, count] : report.evictions) {
    causes[cause] = count;
  }
  return {
      {"total", report.evictions_in_all()},
      {"perDay",
       rounded(static_cast<double>(report.evictions_in_all()) / static_cast<double>(report.days))},
      {"consolidation", report.consolidation_evictions()},
      {"byCause", std::move(causes)}};
}

json::object series(const Report& report) {
  json::array nodes;
  json::array price;
  json::array pods;
  json::array pending;
  for (const Sample& sample : report.samples) {
    nodes.emplace_back(rounded(sample.nodes));
    price.emplace_back(rounded(sample.price));
    pods.emplace_back(rounded(sample.pods));
    pending.emplace_back(rounded(sample.pending));
  }
  return {{"stepSeconds", report.step / k8s::kSecond},
          {"nodes", std::move(nodes)},
          {"pricePerHour", std::move(price)},
          {"pods", std::move(pods)},
          {"pendingPods", std::move(pending)}};
}

json::array decisions(const Report& report) {
  json::array out;
  for (const sim::days::Decision& decision : report.decisions) {
    json::object entry{{"time", k8s::format_time(decision.at)},
                       {"decision", decision.what},
                       {"reason", decision.reason},
                       {"text", decision.text}};
    if (decision.what == "delete" || decision.what == "replace") {
      entry["savingsPerHour"] = rounded(decision.savings);
    }
    out.emplace_back(std::move(entry));
  }
  return out;
}

json::object baseline(const SimulationOutcome& outcome) {
  const Worth worth = worth_of(outcome);
  json::object out{{"dollars", rounded(outcome.baseline->cost)},
                   {"nodeHours", rounded(outcome.baseline->node_hours)},
                   {"evictions", outcome.baseline->evictions_in_all()},
                   {"savedDollars", rounded(worth.saved)},
                   {"moreEvictions", worth.more_evictions}};
  out["evictionsPerDollarSaved"] =
      worth.evictions_per_dollar ? json::value(rounded(*worth.evictions_per_dollar)) : nullptr;
  return out;
}

json::object document(const SimulationOutcome& outcome) {
  const Report& report = outcome.report;
  const auto days = static_cast<double>(report.days);
  json::object out{{"scenario",
                    {{"title", report.title},
                     {"start", k8s::format_time(report.start)},
                     {"days", report.days},
                     {"seed", report.seed}}},
                   {"cost",
                    {{"dollars", rounded(report.cost)},
                     {"perDay", rounded(report.cost / days)},
                     {"byCapacityType", numbers(report.cost_by_capacity_type)}}},
                   {"nodes",
                    {{"hours", rounded(report.node_hours)},
                     {"most", report.most_nodes},
                     {"launched", report.launched},
                     {"terminated", report.terminated},
                     {"hoursByInstanceType", numbers(report.node_hours_by_type)}}},
                   {"pods",
                    {{"started", report.pods_started},
                     {"most", report.most_pods},
                     {"stillPending", report.still_pending},
                     {"pendingSeconds",
                      {{"p50", in_seconds(report.waits.p50)},
                       {"p90", in_seconds(report.waits.p90)},
                       {"p99", in_seconds(report.waits.p99)},
                       {"longest", in_seconds(report.waits.longest)}}}}},
                   {"evictions", evictions(report)},
                   {"disruption", methods(report)}};
  if (outcome.baseline) {
    out["baseline"] = baseline(outcome);
  }
  out["series"] = series(report);
  out["decisions"] = decisions(report);
  return out;
}

std::string counts_text(const std::map<std::string, std::size_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) {
    parts.push_back(fmt::format("{} {}", count, name));
  }
  return parts.empty() ? "" : " (" + base::join(parts, ", ") + ")";
}

std::string types_text(const Report& report) {
  constexpr std::size_t kShown = 5;
  std::vector<std::pair<double, std::string>> types;
  for (const auto& [type, hours] : report.node_hours_by_type) {
    types.emplace_back(-hours, type);
  }
  std::ranges::sort(types);
  std::vector<std::string> parts;
  for (const auto& [hours, type] : types) {
    if (parts.size() < kShown) {
      parts.push_back(fmt::format("{} {:.0f}", type, -hours));
    }
  }
  return base::join(parts, ", ");
}

std::string baseline_text(const SimulationOutcome& outcome) {
  const Worth worth = worth_of(outcome);
  return fmt::format(
      "baseline    ${:.2f} when only empty nodes go: consolidation saves ${:.2f} with {} evictions "
      "more{}\n",
      outcome.baseline->cost,
      worth.saved,
      worth.more_evictions,
      worth.evictions_per_dollar
          ? fmt::format(", {:.2f} for each dollar", *worth.evictions_per_dollar)
          : "");
}

}  // namespace

Worth worth_of(const SimulationOutcome& outcome) {
  Worth worth;
  if (!outcome.baseline) {
    return worth;
  }
  worth.saved = outcome.baseline->cost - outcome.report.cost;
  worth.more_evictions = static_cast<std::int64_t>(outcome.report.evictions_in_all()) -
                         static_cast<std::int64_t>(outcome.baseline->evictions_in_all());
  if (worth.saved > 0.005) {
    worth.evictions_per_dollar = static_cast<double>(worth.more_evictions) / worth.saved;
  }
  return worth;
}

std::string short_duration(k8s::DurationNs duration) {
  const k8s::DurationNs unit = duration < 10 * k8s::kSecond ? k8s::kMillisecond * 10 : k8s::kSecond;
  return k8s::format_duration((duration + unit / 2) / unit * unit);
}

std::string to_json(const SimulationOutcome& outcome) {
  return pretty_json(document(outcome)) + "\n";
}

std::string to_table(const SimulationOutcome& outcome) {
  const Report& report = outcome.report;
  std::string out = fmt::format("{}, {} day{} from {}, seed {}\n\n",
                                report.title.empty() ? "scenario" : report.title,
                                report.days,
                                report.days == 1 ? "" : "s",
                                k8s::format_time(report.start),
                                report.seed);
  out += fmt::format("cost        ${:.2f}", report.cost);
  for (const auto& [type, cost] : report.cost_by_capacity_type) {
    out += fmt::format(", {} ${:.2f}", type, cost);
  }
  out += fmt::format("\nnodes       {:.1f} node-hours, at most {} at once; {} launched, {} gone\n",
                     report.node_hours,
                     report.most_nodes,
                     report.launched,
                     report.terminated);
  out += fmt::format("types       {} hours\n", types_text(report));
  out += fmt::format(
      "pods        {} started, at most {} at once{}\n",
      report.pods_started,
      report.most_pods,
      report.still_pending == 0 ? "" : fmt::format("; {} wait at the end", report.still_pending));
  out += fmt::format("waiting     p50 {}, p90 {}, p99 {}, longest {}\n",
                     short_duration(report.waits.p50),
                     short_duration(report.waits.p90),
                     short_duration(report.waits.p99),
                     short_duration(report.waits.longest));
  out +=
      fmt::format("evictions   {}{}\n", report.evictions_in_all(), counts_text(report.evictions));
  out += outcome.baseline ? baseline_text(outcome) : "";
  Table table({"METHOD", "COMMANDS", "NODES", "REPLACED BY", "SAVES/H"});
  for (const auto& [name, sum] : report.methods) {
    table.add({name,
               std::to_string(sum.commands),
               std::to_string(sum.nodes),
               std::to_string(sum.replacements),
               fmt::format("${:.4f}", sum.savings)});
  }
  out += report.methods.empty() ? "" : "\n" + table.text();
  return out +
         fmt::format("\n{} decisions: see them with -o json or -o html\n", report.decisions.size());
}

}  // namespace app
