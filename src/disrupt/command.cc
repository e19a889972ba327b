#include "disrupt/command.h"

#include "disrupt/budget.h"

namespace disrupt {

std::string_view reason_of(Method method) {
  switch (method) {
    case Method::kEmptiness:
      return kEmpty;
    case Method::kStaticDrift:
    case Method::kDrift:
      return kDrifted;
    case Method::kMultiNode:
    case Method::kSingleNode:
    case Method::kExtended:
      return kUnderutilized;
  }
  return {};
}

std::string_view consolidation_type_of(Method method) {
  switch (method) {
    case Method::kEmptiness:
      return "empty";
    case Method::kMultiNode:
      return "multi";
    case Method::kSingleNode:
      return "single";
    case Method::kExtended:
      return "extended";
    case Method::kStaticDrift:
    case Method::kDrift:
      break;
  }
  return {};
}

}  // namespace disrupt
