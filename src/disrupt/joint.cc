#include "disrupt/joint.h"

#include <algorithm>

#include "disrupt/move.h"

namespace disrupt {

namespace {

constexpr std::size_t kMostPools = 8;  // That are asked first, each in turn.

void ask_jointly(Pass& pass, const Candidates& candidates, std::size_t first_template) {
  ask(pass,
      candidates,
      {.keeps_settling = true, .relaxes_for_nodes = true, .first_template = first_template});
}

// Which pods want a claim of which pool.
using Shape = std::vector<std::pair<std::size_t, std::vector<world::PodId>>>;

Shape shape_of(const plan::WhatIf& what_if) {
  Shape shape;
  for (const plan::OpenClaim& claim : what_if.claims()) {
    shape.emplace_back(claim.tmpl, claim.pods);
  }
  return shape;
}

std::optional<JointAnswer> take_answer(plan::WhatIf& what_if) {
  if (!what_if.stranded(0).empty()) {
    return std::nullopt;
  }
  what_if.repack();
  JointAnswer out;
  for (const plan::OpenClaim& claim : what_if.claims()) {
    if (!what_if.is_wanted_by_moved(claim)) {
      continue;
    }
    auto launch = launch_of(what_if, claim);
    if (!launch || launch->price() <= 0) {
      return std::nullopt;
    }
    out.price += launch->price();
    out.launches.push_back(std::move(*launch));
  }
  out.placements = what_if.placements();
  return out;
}

}  // namespace

bool fit_elsewhere(Pass& pass, const Candidates& candidates) {
  ask_jointly(pass, candidates, 0);
  plan::WhatIf& what_if = pass.what_if();
  return what_if.stranded(0).empty() &&
         std::ranges::none_of(what_if.claims(), [&](const plan::OpenClaim& claim) {
           return what_if.is_wanted_by_moved(claim);
         });
}

std::optional<JointAnswer> relocate_jointly(Pass& pass, const Candidates& candidates) {
  ask_jointly(pass, candidates, 0);
  plan::WhatIf& what_if = pass.what_if();
  std::vector<Shape> packed{shape_of(what_if)};
  std::optional<JointAnswer> best = take_answer(what_if);
  if (!best || best->launches.empty()) {
    return best;
  }
  const std::size_t pools = std::min(what_if.base().templates().size(), kMostPools);
  for (std::size_t pool = 1; pool < pools; ++pool) {
    ask_jointly(pass, candidates, pool);
    Shape shape = shape_of(what_if);
    if (std::ranges::find(packed, shape) != packed.end()) {
      continue;  // None of the pods can use this pool. Packing is what takes the time.
    }
    packed.push_back(std::move(shape));
    auto other = take_answer(what_if);
    if (other && other->price < best->price) {
      best = std::move(other);
    }
  }
  return best;
}

}  // namespace disrupt
