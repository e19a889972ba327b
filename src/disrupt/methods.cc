#include "disrupt/methods.h"

#include <array>

#include "disrupt/extended.h"

namespace disrupt {

Findings find(Method method, Pass& pass) {
  switch (method) {
    case Method::kEmptiness:
      return find_empty(pass);
    case Method::kStaticDrift:
      return find_static_drift(pass);
    case Method::kDrift:
      return find_drift(pass);
    case Method::kMultiNode:
      return find_multi_node(pass);
    case Method::kSingleNode:
      return find_single_node(pass);
    case Method::kExtended:
      return find_extended(pass);
  }
  return {};
}

std::span<const Method> methods_of(const Settings& settings) {
  static constexpr std::array kClassic{Method::kEmptiness,
                                       Method::kStaticDrift,
                                       Method::kDrift,
                                       Method::kMultiNode,
                                       Method::kSingleNode};
  static constexpr std::array kExtended{
      Method::kEmptiness, Method::kStaticDrift, Method::kDrift, Method::kExtended};
  return settings.extended ? std::span<const Method>(kExtended) : std::span<const Method>(kClassic);
}

void note_blocked(const Pass& pass, Grace grace, Findings& findings) {
  for (const Judgement& judgement : pass.judgements()) {
    if (!judgement.stands(grace)) {
      findings.notes.push_back({.node = judgement.node,
                                .text = judgement.blocked.text,
                                .event = judgement.blocked.event,
                                .is_silent = judgement.blocked.is_silent});
    }
  }
}

}  // namespace disrupt
