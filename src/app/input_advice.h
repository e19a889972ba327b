// What to tell about input that is not as it should be: objects of unknown kinds, and fields whose
// refusal quotes a pattern. Pure.
#pragma once

#include <optional>
#include <string>

#include "k8s/manifest.h"
#include "k8s/schema/validate.h"

namespace app {

struct KindAdvice {
  std::string text;
  bool is_error = false;  // A kind of ours that does not exist: certainly a mistake.
};

// For an object of a kind without typed form; nullopt: nothing strange about it, it plays no part.
std::optional<KindAdvice> advise_on_kind(const k8s::Manifest& manifest);

// The refusal, with examples where it only quotes a pattern.
std::string explained(const k8s::schema::FieldError& error);

}  // namespace app
