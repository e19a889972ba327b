// What `karpenter plan --disruption` prints: the stable JSON that docs/cli.md describes, or a
// table. Pure: text out, nothing printed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "disrupt/command.h"
#include "disrupt/pass.h"
#include "world/snapshot.h"

namespace app {

struct BlockedNode {
  std::string node;  // A NodeClaim's name where there is no Node.
  std::string reason;
};

struct DisruptionReport {
  std::vector<disrupt::Command> commands;  // The first is what the controller would do.
  std::vector<BlockedNode> blocked;
  std::size_t nodes = 0;  // Of karpenter.
  double price = 0;       // Of them; dollars per hour.
  std::uint64_t probes = 0;
  std::vector<std::string> warnings;
  std::vector<std::string> assumptions;
};

// Asks every method about the same picture of the cluster.
DisruptionReport report_disruption(const world::Snapshot& snapshot, disrupt::Settings settings);

std::string to_json(const DisruptionReport& report);
std::string to_yaml(const DisruptionReport& report);
std::string to_table(const DisruptionReport& report);

}  // namespace app
