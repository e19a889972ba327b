#include "app/disruption_report.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/json_text.h"
#include "app/table.h"
#include "base/money.h"
#include "base/text.h"
#include "disrupt/methods.h"

namespace app {
namespace {

namespace json = boost::json;
using disrupt::Command;
using disrupt::Findings;
using disrupt::Method;

std::string name_of(const world::NodeRow& row) {
  return row.node != nullptr ? row.node->meta.name : row.claim->meta.name;
}

// What stood in the way, method by method; the same reason once.
class Reasons {
 public:
  explicit Reasons(const world::Snapshot& snapshot) : snapshot_(snapshot) {}

  void add(const Findings& findings) {
    for (const disrupt::Note& note : findings.notes) {
      add(note.node, note.text);
    }
    for (const Command& command : findings.commands) {
      for (const disrupt::Candidate& candidate : command.candidates) {
        chosen_.insert(candidate.node);
      }
    }
  }

  // By node, in the order of the methods.
  std::vector<BlockedNode> take() {
    std::vector<BlockedNode> out;
    for (auto& [node, reason] : entries_) {
      if (!chosen_.contains(node)) {
        out.push_back({.node = name_of(snapshot_.nodes[node]), .reason = std::move(reason)});
      }
    }
    std::ranges::stable_sort(out, {}, &BlockedNode::node);
    return out;
  }

 private:
  void add(world::NodeId node, const std::string& reason) {
    if (seen_.emplace(node, reason).second) {
      entries_.emplace_back(node, reason);
    }
  }

  const world::Snapshot& snapshot_;
  std::set<std::pair<world::NodeId, std::string>> seen_;
  std::vector<std::pair<world::NodeId, std::string>> entries_;
  std::set<world::NodeId> chosen_;
};

json::object replacement(const plan::PlannedClaim& planned) {
  const plan::CheapestOffering& cheapest = planned.cheapest();
  return {{"nodePool", planned.pool()->meta.name},
          {"instanceType", cheapest.instance_type},
          {"zone", cheapest.zone},
          {"capacityType", cheapest.capacity_type},
          {"price", base::rounded_dollars(cheapest.price)},
          {"instanceTypes", planned.instance_types().size()}};
}

json::object entry(const Command& command) {
  json::array candidates;
  for (const disrupt::Candidate& candidate : command.candidates) {
    candidates.emplace_back(candidate.node_name());
  }
  json::array replacements;
  for (const plan::PlannedClaim& planned : command.replacements) {
    replacements.emplace_back(replacement(planned));
  }
  return {{"method", std::string(disrupt::name_of(command.method))},
          {"decision", std::string(command.decision())},
          {"candidates", std::move(candidates)},
          {"replacements", std::move(replacements)},
          {"savingsPerHour", base::rounded_dollars(command.savings)}};
}

json::array strings(const std::vector<std::string>& values) {
  return json::array(values.begin(), values.end());
}

json::value document(const DisruptionReport& report) {
  json::array commands;
  for (const Command& command : report.commands) {
    commands.emplace_back(entry(command));
  }
  json::array blocked;
  for (const BlockedNode& one : report.blocked) {
    blocked.push_back(json::object{{"node", one.node}, {"reason", one.reason}});
  }
  return json::object{{"commands", std::move(commands)},
                      {"blocked", std::move(blocked)},
                      {"totals",
                       {{"nodes", report.nodes},
                        {"pricePerHour", base::rounded_dollars(report.price)},
                        {"probes", report.probes}}},
                      {"warnings", strings(report.warnings)},
                      {"assumptions", strings(report.assumptions)}};
}

std::string launches_text(const Command& command) {
  std::vector<std::string> out;
  for (const plan::PlannedClaim& planned : command.replacements) {
    const plan::CheapestOffering& cheapest = planned.cheapest();
    out.push_back(
        fmt::format("{} {} {}", cheapest.instance_type, cheapest.zone, cheapest.capacity_type));
  }
  return out.empty() ? "-" : base::join(out, ", ");
}

std::string nodes_text(const Command& command) {
  constexpr std::size_t kShown = 3;
  std::vector<std::string> out;
  for (const disrupt::Candidate& candidate : command.candidates) {
    if (out.size() < kShown) {
      out.push_back(candidate.node_name());
    }
  }
  const std::size_t hidden = command.candidates.size() - out.size();
  return base::join(out, ", ") + (hidden > 0 ? fmt::format(" and {} more", hidden) : "");
}

void add_totals(const world::Snapshot& snapshot, DisruptionReport& report) {
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (!row.is_managed()) {
      return;
    }
    ++report.nodes;
    const auto pool = world::find_pool(snapshot, row.pool());
    if (pool != nullptr && pool->catalogue != nullptr) {
      report.price += disrupt::price_of(row.machine_labels(), *pool->catalogue);
    }
  });
}

}  // namespace

DisruptionReport report_disruption(const world::Snapshot& snapshot, disrupt::Settings settings) {
  DisruptionReport report;
  plan::PlanMemory memory;
  disrupt::Pass pass(snapshot, settings, memory);
  Reasons reasons(snapshot);
  for (const Method method : disrupt::methods_of(settings)) {
    Findings findings = disrupt::find(method, pass);
    reasons.add(findings);
    std::ranges::move(findings.commands, std::back_inserter(report.commands));
  }
  report.blocked = reasons.take();
  report.probes = pass.probes();
  add_totals(snapshot, report);
  return report;
}

std::string to_json(const DisruptionReport& report) {
  return pretty_json(document(report)) + "\n";
}

std::string to_yaml(const DisruptionReport& report) {
  return yaml_text(document(report));
}

std::string to_table(const DisruptionReport& report) {
  std::string out;
  Table table({"METHOD", "DECISION", "NODES", "REPLACED BY", "SAVES/H"});
  for (const Command& command : report.commands) {
    table.add({std::string(disrupt::name_of(command.method)),
               std::string(command.decision()),
               nodes_text(command),
               launches_text(command),
               fmt::format("${:.4f}", command.savings)});
  }
  out += report.commands.empty() ? "nothing to disrupt\n" : table.text();
  out += fmt::format("\n{}, ${:.4f} per hour, {}\n",
                     counted(report.nodes, "node"),
                     report.price,
                     counted(report.probes, "simulation"));
  if (!report.blocked.empty()) {
    out += "\nstays:\n";
  }
  for (const BlockedNode& one : report.blocked) {
    out += fmt::format("  {}: {}\n", one.node, one.reason);
  }
  for (const std::string& assumption : report.assumptions) {
    out += "assumed: " + assumption + "\n";
  }
  return out;
}

}  // namespace app
