// The pods that the provisioner places: those that the scheduler gave up on, and those on machines
// that are about to go (SCH-80, SCH-85, SCH-111).
#pragma once

#include <vector>

#include "world/snapshot.h"

namespace control {

// SCH-80
bool is_provisionable(const k8s::Pod& pod);

// By id; without duplicates.
std::vector<world::PodId> list_pods_to_place(const world::Snapshot& snapshot);

}  // namespace control
