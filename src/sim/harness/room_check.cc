#include "sim/harness/room_check.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "base/text.h"
#include "runtime/rng.h"
#include "sim/cluster/pod_facts.h"

namespace sim {
namespace {

constexpr int kOrders = 50;
constexpr int kMostSteps = 200'000;

bool fits(const Mover& mover, const k8s::Resources& requests, const RoomPlace& place) {
  if (!place.is_for_all && !mover.was_leaving) {
    return false;
  }
  const k8s::Pod& pod = *mover.pod;
  return selects_node(pod.spec, *place.node) &&
         find_untolerated(pod.spec.tolerations, place.node->taints, {"NoSchedule", "NoExecute"}) ==
             nullptr &&
         std::ranges::all_of(requests, [&](const auto& one) {
           return one.second.is_zero() || one.second <= place.free.get(one.first);
         });
}

class Search {
 public:
  Search(const std::vector<Mover>& movers, std::vector<RoomPlace> places)
      : movers_(movers), places_(std::move(places)) {
    for (const Mover& mover : movers) {
      requests_.push_back(pod_requests(*mover.pod));
    }
  }

  // Each to the first place that has room.
  bool goes_in_order(const std::vector<std::size_t>& order) const {
    std::vector<RoomPlace> places = places_;
    return std::ranges::all_of(order, [&](std::size_t one) {
      const auto place = std::ranges::find_if(
          places, [&](const RoomPlace& candidate) { return can(one, candidate); });
      if (place == places.end()) {
        return false;
      }
      place->free.subtract(requests_[one]);
      return true;
    });
  }

  Room try_all(const std::vector<std::size_t>& order) {
    steps_ = 0;
    if (descend(order, 0)) {
      return Room::kEnough;
    }
    return steps_ > kMostSteps ? Room::kUnknown : Room::kNone;
  }

  std::vector<std::size_t> largest_first() const {
    std::vector<std::size_t> order(movers_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
      return requests_[a].get("cpu") > requests_[b].get("cpu");
    });
    return order;
  }

 private:
  bool can(std::size_t mover, const RoomPlace& place) const {
    return fits(movers_[mover], requests_[mover], place);
  }

  bool descend(const std::vector<std::size_t>& order, std::size_t depth) {
    if (depth == order.size()) {
      return true;
    }
    const std::size_t one = order[depth];
    for (RoomPlace& place : places_) {
      if (++steps_ > kMostSteps) {
        return false;
      }
      if (!can(one, place)) {
        continue;
      }
      place.free.subtract(requests_[one]);
      const bool is_found = descend(order, depth + 1);
      place.free.add(requests_[one]);
      if (is_found) {
        return true;
      }
    }
    return false;
  }

  const std::vector<Mover>& movers_;
  std::vector<RoomPlace> places_;
  std::vector<k8s::Resources> requests_;
  int steps_ = 0;
};

// What is left of a machine when those who stay have what they ask for.
k8s::Resources free_of(const SeenMachine& machine) {
  k8s::Resources free = machine.node != nullptr && machine.is_initialized()
                            ? machine.node->status.allocatable
                            : machine.claim->status.allocatable;
  if (free.begin() == free.end()) {
    return machine.claim->spec.requests;  // Not launched: as much as it was ordered for.
  }
  for (const auto& pod : machine.pods) {
    free.subtract(pod_requests(*pod));
  }
  return free;
}

std::shared_ptr<const k8s::Node> labels_and_taints(const k8s::StringMap& labels,
                                                   std::vector<k8s::Taint> taints) {
  auto node = std::make_shared<k8s::Node>();
  node->meta.labels = labels;
  node->taints = std::move(taints);
  return node;
}

RoomPlace place_of(const SeenMachine& machine) {
  const bool is_up = machine.node != nullptr && machine.is_initialized();
  return {.node = is_up ? machine.node
                        : labels_and_taints(machine.claim->meta.labels, machine.claim->spec.taints),
          .free = free_of(machine),
          .is_for_all = is_up};
}

bool leavers_have_room(const RoomQuestion& question, std::vector<RoomPlace> staying) {
  std::vector<Mover> leavers;
  std::ranges::copy_if(question.movers, std::back_inserter(leavers), &Mover::was_leaving);
  staying.insert(staying.end(), question.places.begin(), question.places.end());
  return find_room(leavers, std::move(staying)) == Room::kEnough;
}

bool has_to_move(const k8s::Pod& pod) {
  return is_alive(pod);  // No daemons, mirrors and StatefulSets live in these clusters.
}

}  // namespace

RoomPlace place_of(const NewMachine& machine, bool is_for_all) {
  return {.node = labels_and_taints(machine.labels, machine.taints),
          .free = machine.allocatable,
          .is_for_all = is_for_all};
}

Room find_room(const std::vector<Mover>& movers, std::vector<RoomPlace> places) {
  Search search(movers, std::move(places));
  std::vector<std::size_t> order = search.largest_first();
  if (search.goes_in_order(order)) {
    return Room::kEnough;
  }
  const std::vector<std::size_t> sorted = order;
  runtime::Rng rng(1);
  for (int i = 0; i < kOrders; ++i) {
    rng.shuffle(std::span(order));
    if (search.goes_in_order(order)) {
      return Room::kEnough;
    }
  }
  return search.try_all(sorted);
}

std::string RoomQuestion::text() const {
  std::string text;
  for (const Mover& mover : movers) {
    text += base::concat("\n    ",
                         mover.pod->meta.name,
                         mover.was_leaving ? " (of a leaving node)" : "",
                         " wants ",
                         pod_requests(*mover.pod).get("cpu").text(),
                         " cpu");
  }
  for (const RoomPlace& place : places) {
    text +=
        base::concat("\n    ",
                     place.node->meta.name.empty() ? "a machine to come" : place.node->meta.name,
                     " has ",
                     place.free.get("cpu").text(),
                     " cpu",
                     place.is_for_all ? "" : " for pods of leaving nodes",
                     place.node->taints.empty() ? "" : ", and taints");
  }
  return text;
}

RoomQuestion room_question(const Decision& decision,
                           const std::vector<SeenMachine>& machines,
                           const std::vector<std::string>& going) {
  RoomQuestion question;
  std::vector<RoomPlace> staying;  // Of the candidates, were they to stay.
  for (const SeenMachine& machine : machines) {
    const bool is_candidate = is_in(decision.claims, machine.name());
    if (!is_candidate && !is_in(going, machine.name()) && !machine.is_leaving()) {
      question.places.push_back(place_of(machine));
      continue;
    }
    if (is_candidate) {
      staying.push_back(place_of(machine));
    }
    for (const auto& pod : machine.pods) {
      if (has_to_move(*pod)) {
        question.movers.push_back({.pod = pod, .was_leaving = !is_candidate});
      }
    }
  }
  if (decision.method == "emptiness" || !leavers_have_room(question, std::move(staying))) {
    std::erase_if(question.movers, [](const Mover& mover) { return mover.was_leaving; });
  }
  for (const NewMachine& machine : decision.replacements) {
    question.places.push_back(place_of(machine, true));
  }
  return question;
}

}  // namespace sim
