#include "k8s/convert/convert.h"

#include <utility>

#include "base/text.h"
#include "k8s/convert/draft.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/validate.h"

namespace k8s::convert {

namespace json = boost::json;

namespace {

bool is_ours(const Draft& draft) {
  const std::string_view version = schema::text_at(draft.object, "apiVersion");
  return version.starts_with("karpenter.sh/") || version.starts_with("karpenter.k8s.aws/");
}

Draft read(const Source& source, std::size_t index) {
  Draft draft;
  draft.source = index;
  json::error_code failure;
  draft.object = json::parse(source.json, failure);
  if (failure || !draft.object.is_object()) {
    draft.problem = "not a JSON object";
    draft.object = json::object();
  }
  return draft;
}

void convert_kind(Draft& draft, const Options& options) {
  if (is_ours(draft)) {
    drop_compatibility(draft);
  }
  convert_provisioner(draft);
  convert_node_template(draft, options);
  if (draft.is("karpenter.sh/v1alpha5", "Machine")) {
    draft.problem =
        "Machines cannot be converted: they are bound to instances that the old controller made; "
        "let the new one make its own";
  }
  convert_node_pool(draft);
  convert_node_claim(draft);
  convert_node_class(draft);
  rename_annotations(draft);
}

schema::Flavour flavour_of(const std::string& text) {
  return text.contains("karpenter.kwok.sh") ? schema::Flavour::kKwok : schema::Flavour::kAws;
}

// A conversion that the API server would refuse is none.
void check(Draft& draft, const std::string& text) {
  if (!draft.problem.empty() || !draft.is_changed || !is_ours(draft)) {
    return;
  }
  const schema::CheckedManifest checked = schema::check_manifest(text, flavour_of(text));
  for (const schema::FieldError& error : checked.errors) {
    draft.problem += (draft.problem.empty() ? "" : "; ") + schema::to_string(error);
  }
  for (const std::string& path : checked.unknown) {
    draft.notes.push_back(
        base::concat("field ", path, " is not known to the API and will be dropped by it"));
  }
}

std::string place_of(const Source& source, const Draft& draft) {
  return base::concat(source.place, ": ", draft.kind(), " \"", draft.name(), "\": ");
}

}  // namespace

Outcome convert(const std::vector<Source>& sources, const Options& options) {
  std::vector<Draft> drafts;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    drafts.push_back(read(sources[i], i));
    if (drafts.back().problem.empty()) {
      convert_kind(drafts.back(), options);
    }
  }
  move_kubelets(drafts);
  Outcome out;
  for (Draft& draft : drafts) {
    std::string text = json::serialize(draft.object);
    check(draft, text);
    if (!draft.problem.empty()) {
      out.problems.push_back(place_of(sources[draft.source], draft) + draft.problem);
      continue;
    }
    out.objects.push_back(
        {std::move(text), std::move(draft.notes), draft.source, draft.is_changed});
  }
  return out;
}

}  // namespace k8s::convert
