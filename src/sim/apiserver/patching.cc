#include "sim/apiserver/patching.h"

#include <utility>

#include <boost/json.hpp>

#include "k8s/patch.h"
#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

Answer<json::value> parse_value(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) {
    return refuse(bad_request("the body is not valid JSON: " + error.message()));
  }
  return value;
}

StatusError patch_failed(const base::Error& error) {
  StatusError out;
  if (error.code == base::ErrorCode::kUnsupported) {
    return unsupported_media_type(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
  }
  out.code = 422;
  out.reason = "Invalid";
  // Without a name or kind: kubectl shows the message only then.
  out.message = "the patch does not fit the object: " + error.detail;
  return out;
}

base::Result<void> strategic(const ResourceType& type,
                             json::value& target,
                             const json::value& patch) {
  if (type.custom) {
    return base::fail(base::ErrorCode::kUnsupported, "custom resources have no merge keys");
  }
  if (!type.typed) {
    // The kinds that we pass through have no lists with merge keys that clients patch.
    k8s::apply_merge_patch(target, patch);
    return {};
  }
  return k8s::apply_strategic_patch(*type.typed, target, patch);
}

}  // namespace

Answer<json::object> parse_object(std::string_view text) {
  Answer<json::value> value = parse_value(text);
  if (!value) {
    return refuse(std::move(value.error()));
  }
  if (!value->is_object()) {
    return refuse(bad_request("the body must be a JSON object"));
  }
  return std::move(value->get_object());
}

Answer<json::object> patched(const ResourceType& type,
                             PatchType patch_type,
                             json::object document,
                             std::string_view patch) {
  const Answer<json::value> parsed = parse_value(patch);
  if (!parsed) {
    return refuse(parsed.error());
  }
  if (patch_type != PatchType::kJson && !parsed->is_object()) {
    return refuse(bad_request("a merge patch must be a JSON object"));
  }
  json::value target(std::move(document));
  base::Result<void> done;
  switch (patch_type) {
    case PatchType::kJson:
      done = k8s::apply_json_patch(target, *parsed);
      break;
    case PatchType::kStrategic:
      done = strategic(type, target, *parsed);
      break;
    case PatchType::kMerge:
    case PatchType::kApply:
      k8s::apply_merge_patch(target, *parsed);
      break;
  }
  if (!done) {
    return refuse(patch_failed(done.error()));
  }
  if (!target.is_object()) {
    return refuse(bad_request("the patch does not leave an object"));
  }
  return std::move(target.get_object());
}

}  // namespace sim::api
