#include "app/input_advice.h"

#include <array>

#include "base/text.h"
#include "k8s/kinds.h"

namespace app {
namespace {

bool is_ours(std::string_view group) {
  return group == "karpenter.sh" || group == "karpenter.k8s.aws" || group == "karpenter.kwok.sh";
}

// Groups of Kubernetes itself, where a kind that we know under another version is a slip.
bool is_built_in(std::string_view group) {
  return group.find('.') == std::string_view::npos || group.ends_with(".k8s.io");
}

std::string kinds_of(std::string_view group) {
  std::string out;
  for (const k8s::KindFacts& facts : k8s::all_kinds()) {
    if (facts.group == group) {
      out +=
          base::concat(out.empty() ? "" : ", ", facts.group, "/", facts.version, " ", facts.name);
    }
  }
  return out;
}

struct Example {
  std::string_view pattern_part;
  std::string_view text;
};

// Told apart by a piece of the pattern that the schema quotes.
constexpr std::array kExamples{
    Example{"(s|m|h))+|Never", "like 30s, 1h30m or Never"},
    Example{"(s|m|h)", "like 30s or 1h30m"},
    Example{"{1,2})%|", "a count like 5, or a percentage like 10%"},
    Example{"annually", "like @daily or \"0 9 * * mon-fri\""},
    Example{"[numkMGTPE]", "a quantity like 500m, 4 or 16Gi"},
};

}  // namespace

std::optional<KindAdvice> advise_on_kind(const k8s::Manifest& manifest) {
  const std::string_view group = k8s::split_api_version(manifest.api_version).group;
  const std::string what = base::concat(manifest.api_version, " has no kind ", manifest.kind);
  if (is_ours(group)) {
    return KindAdvice{base::concat(what, "; there is ", kinds_of(group)), true};
  }
  const auto known = k8s::find_kind_by_alias(manifest.kind);
  if (!known || !is_built_in(group)) {
    return std::nullopt;
  }
  return KindAdvice{base::concat(what,
                                 ": ignored; did you mean ",
                                 k8s::api_version(*known),
                                 " ",
                                 k8s::kind_name(*known),
                                 "?")};
}

std::string explained(const k8s::schema::FieldError& error) {
  const std::string text = to_string(error);
  for (const Example& example : kExamples) {
    if (error.message.contains(" should match ") && error.message.contains(example.pattern_part)) {
      return base::concat(text, " (", example.text, ")");
    }
  }
  return text;
}

}  // namespace app
