// The document behind --scheduler-config (SCH-360, SCH-361): default spread constraints for pods
// that have none.
//
// Thread rule: pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "k8s/pod.h"

namespace plan {

// YAML or JSON. The empty text is no configuration. Unknown fields are errors. Errors: kInvalid,
// with "parsing scheduler config, " in front.
base::Result<std::vector<k8s::TopologySpreadConstraint>> parse_scheduler_config(
    std::string_view text);

}  // namespace plan
