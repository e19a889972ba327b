// What is worth keeping of the cloud's and the API's answers: Memory, by the effect that asked.
// Pure but for the Memory and the intents that it updates. Thread rule: the loop.
#pragma once

#include <span>

#include "act/actor.h"
#include "control/view.h"

namespace control {

// Keeps the answer to the effect, and drops the intent that stood for it.
void keep_answer(const act::Effect& effect,
                 const act::Outcome& outcome,
                 k8s::TimeNs now,
                 Memory& memory,
                 world::World& world);

// Offerings that the answer says cannot be had; none: it says nothing of the kind.
std::span<const cloud::OfferingRef> unavailable_by(const act::Outcome& outcome);

// Keeps what a reconcile wants to find again.
void keep_facts(const Step& step, k8s::TimeNs now, Memory& memory);

}  // namespace control
