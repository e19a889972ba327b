#include "control/changes.h"

#include <boost/json.hpp>

#include "k8s/codec.h"
#include "k8s/patch.h"

namespace control {

namespace {

namespace json = boost::json;

json::object document(const k8s::Object& object) {
  json::value value = json::parse(k8s::encode_object(object));
  return std::move(value.as_object());
}

bool write_patch(Step& step,
                 std::string_view cause,
                 const k8s::Object& before,
                 const k8s::Object& after,
                 Lock lock,
                 bool is_status) {
  json::object from = document(before);
  json::object to = document(after);
  const auto keep = [is_status](json::object& whole) {
    if (is_status) {
      json::object only;
      if (auto* status = whole.if_contains("status")) {
        only["status"] = std::move(*status);
      }
      whole = std::move(only);
    } else {
      whole.erase("status");
    }
  };
  keep(from);
  keep(to);
  const json::value patch = k8s::create_merge_patch(from, to);
  if (!patch.is_object() || patch.get_object().empty()) {
    return false;
  }
  k8s::WriteRequest request{
      .verb = k8s::Verb::kMergePatch,
      .key = {before.kind, before.meta.namespace_, before.meta.name},
      .subresource = is_status ? "status" : "",
      .body = json::serialize(patch),
      .uid = {},
      .resource_version = lock == Lock::kYes ? before.meta.resource_version : std::string(),
      .grace_seconds = {}};
  step.effects.push_back({act::WriteObject{std::move(request)}, std::string(cause)});
  return true;
}

}  // namespace

bool write_main(Step& step,
                std::string_view cause,
                const k8s::Object& before,
                const k8s::Object& after,
                Lock lock) {
  return write_patch(step, cause, before, after, lock, false);
}

bool write_status(Step& step,
                  std::string_view cause,
                  const k8s::Object& before,
                  const k8s::Object& after,
                  Lock lock) {
  return write_patch(step, cause, before, after, lock, true);
}

bool write_both(Step& step,
                std::string_view cause,
                const k8s::Object& before,
                const k8s::Object& after,
                Lock lock) {
  return write_main(step, cause, before, after, lock) ||
         write_status(step, cause, before, after, lock);
}

void delete_object(Step& step, std::string_view cause, const k8s::Object& object) {
  k8s::WriteRequest request{.verb = k8s::Verb::kDelete,
                            .key = {object.kind, object.meta.namespace_, object.meta.name},
                            .subresource = {},
                            .body = {},
                            .uid = object.meta.uid,
                            .resource_version = {},
                            .grace_seconds = {}};
  step.effects.push_back({act::WriteObject{std::move(request)}, std::string(cause)});
}

act::Effect event(std::string_view cause,
                  const k8s::Object& object,
                  EventText text,
                  std::vector<std::string> dedupe) {
  act::PublishEvent published{.object = act::reference(object),
                              .type = std::string(text.type),
                              .reason = std::string(text.reason),
                              .message = std::move(text.message),
                              .dedupe = std::move(dedupe)};
  return {std::move(published), std::string(cause)};
}

}  // namespace control
