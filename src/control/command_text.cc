#include "control/command_text.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "control/log_text.h"
#include "world/names.h"

namespace control {

namespace {

constexpr std::size_t kShownTypes = 5;

std::string launches_text(const disrupt::Command& command) {
  const std::size_t count = command.replacements.size();
  return count == 0 ? std::string()
                    : fmt::format(" -> [{} replacement{}]", count, count == 1 ? "" : "s");
}

runtime::JsonText object(const runtime::LogFields& fields) {
  std::vector<std::string> members;
  for (const runtime::LogField& field : fields) {
    members.push_back(fmt::format("\"{}\":{}", field.key, field.value.to_json()));
  }
  return runtime::json(fmt::format("{{{}}}", base::join(members, ",")));
}

runtime::JsonText array(const std::vector<runtime::JsonText>& items) {
  std::vector<std::string> texts;
  for (const runtime::JsonText& item : items) {
    texts.push_back(item.text);
  }
  return runtime::json(fmt::format("[{}]", base::join(texts, ",")));
}

runtime::JsonText disrupted(const disrupt::Candidate& candidate) {
  return object({{"Node", runtime::object_reference(candidate.node_name())},
                 {"NodeClaim", runtime::object_reference(candidate.claim_name())},
                 {"instance-type", candidate.label(world::kInstanceTypeLabel)},
                 {"capacity-type", candidate.label(world::kCapacityTypeLabel)}});
}

bool admits(const k8s::NodeClaim& claim, std::string_view key, std::string_view value) {
  return std::ranges::all_of(claim.spec.requirements, [&](const k8s::SelectorTerm& term) {
    if (term.key != key || (term.op != "In" && term.op != "NotIn")) {
      return true;
    }
    return (std::ranges::find(term.values, value) != term.values.end()) == (term.op == "In");
  });
}

std::string_view capacity_type_of(const k8s::NodeClaim& claim) {
  for (const std::string_view type : {"reserved", "spot"}) {
    if (admits(claim, world::kCapacityTypeLabel, type)) {
      return type;
    }
  }
  return "on-demand";
}

runtime::JsonText replacement(const plan::PlannedClaim& planned, bool with_types) {
  runtime::LogFields fields{{"capacity-type", capacity_type_of(planned.claim())}};
  if (with_types) {
    fields.push_back({"instance-types", some_of(planned.instance_types(), kShownTypes)});
  }
  return object(fields);
}

}  // namespace

std::string describe(const disrupt::Command& command, const disrupt::Candidate& candidate) {
  const std::size_t count = command.candidates.size();
  return fmt::format(
      "{}: [{}]{}",
      command.decision(),
      candidate.node_name(),
      count > 1 ? fmt::format(" (part of {}-node consolidation)", count) : launches_text(command));
}

std::string describe(const disrupt::Command& command, const std::string& id) {
  std::set<std::string> pools;
  std::vector<std::string> nodes;
  for (const disrupt::Candidate& candidate : command.candidates) {
    pools.insert(candidate.pool_name());
    nodes.push_back(candidate.node_name());
  }
  return fmt::format("{}/{}: {}: nodepools=[{}]: [{}]{} (savings: ${:.2f})",
                     command.reason(),
                     id,
                     command.decision(),
                     base::join(pools, ","),
                     base::join(nodes, ", "),
                     launches_text(command),
                     command.savings);
}

runtime::LogFields fields_of(const disrupt::Command& command) {
  std::size_t pods = 0;
  std::vector<runtime::JsonText> nodes;
  for (const disrupt::Candidate& candidate : command.candidates) {
    pods += candidate.reschedulable.size();
    nodes.push_back(disrupted(candidate));
  }
  std::vector<runtime::JsonText> launches;
  for (const plan::PlannedClaim& planned : command.replacements) {
    launches.push_back(replacement(planned, command.replacements.size() == 1));
  }
  return {{"decision", command.decision()},
          {"disrupted-node-count", command.candidates.size()},
          {"replacement-node-count", command.replacements.size()},
          {"pod-count", pods},
          {"disrupted-nodes", array(nodes)},
          {"replacement-nodes", array(launches)}};
}

}  // namespace control
