// nodeoverlay.controller: keeps what each pool sees of its catalogue up to date, and says of every
// overlay whether it counts (spec 04 s11.2; gate NodeOverlay). One key for everything: overlays
// bear on each other.
#pragma once

#include "control/event_keys.h"
#include "control/view.h"

namespace control {

inline constexpr std::string_view kOverlays = "nodeoverlay.controller";

// The key is empty (LIF-193).
Step reconcile_overlays(const View& view, const std::string& key);

// New specifications of overlays, pools and node classes, and their ends.
KeysOf overlays_and_pools();

}  // namespace control
