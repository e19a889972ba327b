#include "disrupt/methods.h"

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
  }
  return {};
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
