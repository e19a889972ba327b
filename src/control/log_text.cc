#include "control/log_text.h"

#include <span>

#include "base/text.h"

namespace control {

std::string some_of(const std::vector<std::string>& names, std::size_t shown) {
  if (names.size() <= shown) {
    return base::join(names, ", ");
  }
  return base::concat(
      base::join(std::span(names).first(shown), ", "), " and ", names.size() - shown, " other(s)");
}

}  // namespace control
