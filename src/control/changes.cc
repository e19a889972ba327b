#include "control/changes.h"

#include <boost/json.hpp>

#include "k8s/codec.h"
#include "k8s/patch.h"

namespace control {

namespace {

namespace json = boost::json;

struct Change {
  Step& step;
  std::string_view cause;
  const k8s::Object& before;
  Lock lock;
};

json::object parse_document(const std::string& text) {
  json::value value = json::parse(text);
  return std::move(value.as_object());
}

// Splits the status off.
json::object take_status(json::object& whole) {
  json::object only;
  if (auto* status = whole.if_contains("status")) {
    only["status"] = std::move(*status);
    whole.erase("status");
  }
  return only;
}

bool write_patch(const Change& change,
                 const json::object& from,
                 const json::object& to,
                 std::string subresource) {
  const json::value patch = k8s::create_merge_patch(from, to);
  if (!patch.is_object() || patch.get_object().empty()) {
    return false;
  }
  const k8s::ObjectMeta& meta = change.before.meta;
  k8s::WriteRequest request{
      .verb = k8s::Verb::kMergePatch,
      .key = {change.before.kind, meta.namespace_, meta.name},
      .subresource = std::move(subresource),
      .body = json::serialize(patch),
      .uid = {},
      .resource_version = change.lock == Lock::kYes ? meta.resource_version : std::string(),
      .grace_seconds = {}};
  change.step.effects.push_back({act::WriteObject{std::move(request)}, std::string(change.cause)});
  return true;
}

// Most reconciles change nothing: that costs two encodings and no document.
bool write_parts(const Change& change, const k8s::Object& after, bool main, bool status) {
  const std::string old_text = k8s::encode_object(change.before);
  const std::string new_text = k8s::encode_object(after);
  if (old_text == new_text) {
    return false;
  }
  json::object from = parse_document(old_text);
  json::object to = parse_document(new_text);
  const json::object old_status = take_status(from);
  const json::object new_status = take_status(to);
  return (main && write_patch(change, from, to, "")) ||
         (status && write_patch(change, old_status, new_status, "status"));
}

}  // namespace

bool write_main(Step& step,
                std::string_view cause,
                const k8s::Object& before,
                const k8s::Object& after,
                Lock lock) {
  return write_parts({step, cause, before, lock}, after, true, false);
}

bool write_status(Step& step,
                  std::string_view cause,
                  const k8s::Object& before,
                  const k8s::Object& after,
                  Lock lock) {
  return write_parts({step, cause, before, lock}, after, false, true);
}

bool write_both(Step& step,
                std::string_view cause,
                const k8s::Object& before,
                const k8s::Object& after,
                Lock lock) {
  return write_parts({step, cause, before, lock}, after, true, true);
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
