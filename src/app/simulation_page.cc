#include "app/simulation_page.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "app/time_chart.h"

namespace app {
namespace {

using sim::days::Decision;
using sim::days::Report;
using sim::days::Sample;

constexpr std::string_view kStyle = R"(<style>
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1b2330; --soft: #5a6677;
  --rule: #dfe4ea; --price: #0b6bcb; --nodes: #1a7f4b; --pending: #b3541e; --compared: #7a8494; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1a2029; --text: #e7ebf0;
  --soft: #9eabbc; --rule: #2e3744; --price: #62aef5; --nodes: #55c48b; --pending: #f0a066;
  --compared: #8d99a9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 16px; margin: 0 0 8px; }
p.lead { color: var(--soft); margin: 0 0 24px; max-width: 75ch; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 16px 20px; margin: 0 0 16px; }
dl.sums { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin: 0 0 16px; }
dl.sums div { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 12px 16px; }
dl.sums dt { color: var(--soft); font-size: 13px; }
dl.sums dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
dl.sums dd small { display: block; font-size: 12px; font-weight: 400; color: var(--soft); }
p.note { color: var(--soft); font-size: 13px; margin: 4px 0 0; }
svg.chart { display: block; width: 100%; height: auto; }
.grid { stroke: var(--rule); stroke-width: 1; }
.tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.area { opacity: .14; }
.compared { fill: none; stroke: var(--compared); stroke-width: 1.5; stroke-dasharray: 5 4; }
.price .line { stroke: var(--price); } .price .area { fill: var(--price); }
.nodes .line { stroke: var(--nodes); } .nodes .area { fill: var(--nodes); }
.pending .line { stroke: var(--pending); } .pending .area { fill: var(--pending); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--rule);
  vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: 13px; }
td.number, th.number { text-align: right; }
td.time { white-space: nowrap; }
.scroll { max-height: 480px; overflow: auto; }
.scroll thead th { position: sticky; top: 0; background: var(--card); }
</style>)";

std::string card(std::string_view name, const std::string& value, const std::string& more) {
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", name, value, more);
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

std::string cards(const SimulationOutcome& outcome) {
  const Report& report = outcome.report;
  std::string kinds;
  for (const auto& [type, cost] : report.cost_by_capacity_type) {
    kinds += fmt::format("{}{} ${:.2f}", kinds.empty() ? "" : ", ", type, cost);
  }
  std::string out = "<dl class=\"sums\">\n";
  out += card("Cost", fmt::format("${:.2f}", report.cost), kinds);
  out += card("Node-hours",
              fmt::format("{:.0f}", report.node_hours),
              fmt::format("at most {} nodes", report.most_nodes));
  out += card("Pods started",
              fmt::format("{}", report.pods_started),
              fmt::format("at most {} at once", report.most_pods));
  out += card("Pods wait, p50",
              short_duration(report.waits.p50),
              fmt::format("p99 {}, longest {}",
                          short_duration(report.waits.p99),
                          short_duration(report.waits.longest)));
  out += card("Evictions",
              fmt::format("{}", report.evictions_in_all()),
              fmt::format("{} by consolidation", report.consolidation_evictions()));
  if (outcome.baseline) {
    const Worth worth = worth_of(outcome);
    out += card("Consolidation saves",
                fmt::format("${:.2f}", worth.saved),
                worth.evictions_per_dollar
                    ? fmt::format("{:.2f} evictions for each dollar", *worth.evictions_per_dollar)
                    : "against pools that only let empty nodes go");
  }
  return out + "</dl>\n";
}

std::vector<double> pick(const Report& report, double Sample::* field) {
  std::vector<double> out;
  for (const Sample& sample : report.samples) {
    out.push_back(sample.*field);
  }
  return out;
}

struct ChartText {
  std::string_view title;
  std::string_view css_class;
  std::string_view prefix;
  std::string_view unit;
};

std::string chart(const SimulationOutcome& outcome,
                  const ChartText& text,
                  double Sample::* field,
                  std::string_view note) {
  TimeChart chart{.title = std::string(text.title),
                  .description = {},
                  .css_class = std::string(text.css_class),
                  .prefix = std::string(text.prefix),
                  .start = outcome.report.start,
                  .step = outcome.report.step,
                  .values = pick(outcome.report, field),
                  .compared = {}};
  if (outcome.baseline) {
    chart.compared = pick(*outcome.baseline, field);
  }
  const auto [least, most] = std::ranges::minmax(chart.values);
  chart.description = fmt::format("between {}{:.2f} and {}{:.2f}{}, on average {}{:.2f}",
                                  text.prefix,
                                  least,
                                  text.prefix,
                                  most,
                                  text.unit,
                                  text.prefix,
                                  mean(chart.values));
  return fmt::format("<section>\n<h2>{}</h2>\n{}\n<p class=\"note\">{}. {}{}</p>\n</section>\n",
                     text.title,
                     svg(chart),
                     html_text(chart.description),
                     note,
                     outcome.baseline ? " Dashed: pools that only let empty nodes go." : "");
}

std::string methods_table(const Report& report) {
  if (report.methods.empty()) {
    return "";
  }
  std::string out =
      "<section>\n<h2>Voluntary disruption</h2>\n<table><thead><tr><th>Method</th>"
      "<th class=\"number\">Commands</th><th class=\"number\">Nodes</th>"
      "<th class=\"number\">Replaced by</th><th class=\"number\">Saves per hour</th></tr></thead>"
      "<tbody>\n";
  for (const auto& [name, sum] : report.methods) {
    out += fmt::format(
        "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>"
        "<td class=\"number\">{}</td><td class=\"number\">${:.4f}</td></tr>\n",
        name,
        sum.commands,
        sum.nodes,
        sum.replacements,
        sum.savings);
  }
  return out + "</tbody></table>\n</section>\n";
}

std::string decisions_table(const Report& report) {
  constexpr std::size_t kShown = 2'000;
  std::string out = fmt::format(
      "<section>\n<h2>Decisions</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Decisions\"><table><thead><tr><th>Time</th><th>Decision</th><th>Reason</th>"
      "<th>What</th><th class=\"number\">Saves per hour</th></tr></thead><tbody>\n");
  for (std::size_t i = 0; i < std::min(kShown, report.decisions.size()); ++i) {
    const Decision& decision = report.decisions[i];
    const bool has_savings = decision.what == "delete" || decision.what == "replace";
    std::string time = k8s::format_time(decision.at);
    time = report.days == 1 ? time.substr(11, 8) : time.substr(5, 5) + " " + time.substr(11, 8);
    out += fmt::format(
        "<tr><td class=\"time\">{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td class=\"number\">{}</td></tr>\n",
        time,
        html_text(decision.what),
        html_text(decision.reason),
        html_text(decision.text),
        has_savings ? fmt::format("${:.4f}", decision.savings) : "");
  }
  out += "</tbody></table></div>\n";
  if (report.decisions.size() > kShown) {
    out += fmt::format("<p class=\"note\">The first {} of {}; -o json has all.</p>\n",
                       kShown,
                       report.decisions.size());
  }
  return out + "</section>\n";
}

}  // namespace

std::string to_page(const SimulationOutcome& outcome) {
  const Report& report = outcome.report;
  const std::string title = report.title.empty() ? "Simulated days" : report.title;
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0} - karpenter simulate</title>\n{1}\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n"
      "<p class=\"lead\">{2} {3} day{4} from {5}, seed {6}.</p>\n",
      html_text(title),
      kStyle,
      html_text(report.description),
      report.days,
      report.days == 1 ? "" : "s",
      k8s::format_time(report.start).substr(0, 10),
      report.seed);
  out += cards(outcome);
  out += chart(
      outcome,
      {.title = "Price of the fleet", .css_class = "price", .prefix = "$", .unit = " per hour"},
      &Sample::price,
      "Mean of each five minutes.");
  out += chart(outcome,
               {.title = "Nodes", .css_class = "nodes", .prefix = "", .unit = ""},
               &Sample::nodes,
               "Machines that cost money, mean of each five minutes.");
  out += chart(
      outcome,
      {.title = "Pods that wait for a node", .css_class = "pending", .prefix = "", .unit = ""},
      &Sample::pending,
      "The most in each five minutes.");
  out += methods_table(report) + decisions_table(report);
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace app
