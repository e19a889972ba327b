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

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kEmptiness:
      return "emptiness";
    case Method::kStaticDrift:
    case Method::kDrift:
      return "drift";
    case Method::kMultiNode:
      return "multi";
    case Method::kSingleNode:
      return "single";
    case Method::kExtended:
      return "extended";
  }
  return {};
}

std::string_view consolidation_type_of(Method method) {
  switch (method) {
    case Method::kEmptiness:
      return "empty";
    case Method::kStaticDrift:
    case Method::kDrift:
      return {};
    case Method::kMultiNode:
    case Method::kSingleNode:
    case Method::kExtended:
      return name_of(method);
  }
  return {};
}

}  // namespace disrupt
