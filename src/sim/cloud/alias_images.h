// The images behind the aliases of amiSelectorTerms (`al2023@latest`), made up but shaped as the
// vendor's: one per variant and architecture, with the requirements of AWN-41 and the counts of
// AWN-44. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "k8s/node.h"

namespace sim {

using IdMaker = std::function<std::string(std::string_view prefix, std::string_view name)>;

// Errors: kInvalid for a malformed alias or an unknown family.
base::Result<std::vector<k8s::ResolvedImage>> alias_images(std::string_view alias,
                                                           const IdMaker& make_id);

}  // namespace sim
