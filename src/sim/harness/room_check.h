// Whether pods that have to move find room on machines that stay: searched for the slow and obvious
// way, by rules of the embedded scheduler (sim/cluster/pod_facts.h), which shares nothing with the
// planner. Where plain placing in several orders fails, every way is tried.
//
// Considers resources, node selectors and taints. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "k8s/node.h"
#include "k8s/pod.h"
#include "sim/harness/observation.h"
#include "sim/harness/scene.h"

namespace sim {

struct RoomPlace {
  std::shared_ptr<const k8s::Node> node;  // Labels and taints.
  k8s::Resources free;
  bool is_for_all = true;  // Else only for pods of machines that were leaving before.
};

struct Mover {
  std::shared_ptr<const k8s::Pod> pod;
  bool was_leaving = false;
};

enum class Room : std::uint8_t { kEnough, kNone, kUnknown };

RoomPlace place_of(const NewMachine& machine, bool is_for_all);

Room find_room(const std::vector<Mover>& movers, std::vector<RoomPlace> places);

// What moves and where it may go when `decision` begins, in this cluster. `going`: claims that
// earlier decisions took. Pods of machines that leave anyway are among the movers when they all
// would have room if nothing were decided; else they wait for machines that nobody has ordered yet.
struct RoomQuestion {
  std::vector<Mover> movers;
  std::vector<RoomPlace> places;

  std::string text() const;  // For people.
};

RoomQuestion room_question(const Decision& decision,
                           const std::vector<SeenMachine>& machines,
                           const std::vector<std::string>& going);

}  // namespace sim
