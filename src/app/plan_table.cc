#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "app/plan_report.h"
#include "app/table.h"

namespace app {
namespace {

// Claims that read the same make one line: pool, type, zone, capacity type.
using FleetKey = std::tuple<std::string, std::string, std::string, std::string>;

struct FleetLine {
  std::size_t nodes = 0;
  std::size_t pods = 0;
  double price = 0;
};

std::map<FleetKey, FleetLine> fleet(const plan::Plan& plan) {
  std::map<FleetKey, FleetLine> lines;
  for (const plan::PlannedClaim& planned : plan.claims) {
    const plan::CheapestOffering& cheapest = planned.cheapest();
    FleetLine& line = lines[{
        planned.pool()->meta.name, cheapest.instance_type, cheapest.zone, cheapest.capacity_type}];
    ++line.nodes;
    line.pods += planned.pods.size();
    line.price += cheapest.price;
  }
  return lines;
}

void append_unplaced(const PlanReport& report,
                     const std::vector<plan::Unplaced>& unplaced,
                     std::map<std::string, std::vector<std::string>>& by_reason) {
  for (const plan::Unplaced& entry : unplaced) {
    by_reason[entry.reason].push_back(pod_name(report.snapshot, entry.pod));
  }
}

std::string unschedulable_text(const PlanReport& report) {
  std::map<std::string, std::vector<std::string>> by_reason;
  append_unplaced(report, report.plan.unplaced, by_reason);
  append_unplaced(report, report.refused, by_reason);
  std::string out;
  for (const auto& [reason, pods] : by_reason) {
    constexpr std::size_t kShown = 5;
    std::string names;
    for (std::size_t i = 0; i < std::min(kShown, pods.size()); ++i) {
      names += (i == 0 ? "" : ", ") + pods[i];
    }
    if (pods.size() > kShown) {
      names += fmt::format(" and {} more", pods.size() - kShown);
    }
    out += fmt::format("  {}: {}\n", names, reason);
  }
  return out;
}

// What packing by cost has saved, and what could be saved at most.
std::string packing_text(const PlanReport& report, double price) {
  std::string out;
  if (report.packing == plan::Packing::kCost) {
    const double saving = report.plan.saving;
    const double classic = price + saving;
    out += fmt::format("packing by cost saves ${:.4f} per hour ({:.1f} % of ${:.4f})\n",
                       saving,
                       classic > 0 ? 100 * saving / classic : 0,
                       classic);
  }
  if (report.bound) {
    out += fmt::format("no fleet for these pods costs less than ${:.4f} per hour", *report.bound);
    out += *report.bound > 0
               ? fmt::format("; this one is within {:.1f} %\n", 100 * (price / *report.bound - 1))
               : "\n";
  }
  return out;
}

std::size_t pods_on(const auto& placements) {
  std::size_t pods = 0;
  for (const auto& placement : placements) {
    pods += placement.pods.size();
  }
  return pods;
}

}  // namespace

std::string to_table(const PlanReport& report) {
  std::string out;
  double price = 0;
  Table table({"NODEPOOL", "INSTANCE TYPE", "ZONE", "CAPACITY", "NODES", "PODS", "PRICE/H"});
  for (const auto& [key, line] : fleet(report.plan)) {
    const auto& [pool, type, zone, capacity] = key;
    table.add({pool,
               type,
               zone,
               capacity,
               std::to_string(line.nodes),
               std::to_string(line.pods),
               fmt::format("${:.4f}", line.price)});
    price += line.price;
  }
  if (!report.plan.claims.empty()) {
    out += table.text() + "\n";
  }
  out += fmt::format("{} for {}, ${:.4f} per hour\n",
                     counted(report.plan.claims.size(), "new node"),
                     counted(pods_on(report.plan.claims), "pod"),
                     price);
  out += packing_text(report, price);
  if (!report.plan.existing.empty()) {
    out += fmt::format("{} on {}\n",
                       counted(pods_on(report.plan.existing), "pod"),
                       counted(report.plan.existing.size(), "existing node"));
  }
  const std::size_t unplaced = report.plan.unplaced.size() + report.refused.size();
  if (unplaced > 0) {
    out += fmt::format(
        "\n{} cannot be scheduled:\n{}", counted(unplaced, "pod"), unschedulable_text(report));
  }
  for (const std::string& assumption : report.assumptions) {
    out += "assumed: " + assumption + "\n";
  }
  return out;
}

}  // namespace app
