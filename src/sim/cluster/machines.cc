#include "sim/cluster/machines.h"

namespace sim {

void Machines::update(const Machine& machine) {
  Entry& entry = entries_[machine.provider_id];
  entry.machine = machine;
  if (machine.state > MachineState::kRunning && entry.down_since == 0) {
    entry.down_since = env_.now();
  }
  for (const Listener& listener : listeners_) {
    listener(entry);
  }
}

const Machines::Entry* Machines::find(const std::string& provider_id) const {
  const auto found = entries_.find(provider_id);
  return found == entries_.end() ? nullptr : &found->second;
}

bool Machines::is_alive(const k8s::Node& node) const {
  const Entry* entry = find(node.provider_id);
  return entry == nullptr || entry->machine.state == MachineState::kRunning;
}

}  // namespace sim
