#include "control/changes.h"

#include <algorithm>

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

bool is_same_condition(const k8s::Condition& a, const k8s::Condition& b) {
  return a.last_transition == b.last_transition && a.last_heartbeat == b.last_heartbeat &&
         a.observed_generation == b.observed_generation && a.type == b.type &&
         a.status == b.status && a.reason == b.reason && a.message == b.message;
}

json::object parse_document(const std::string& text) {
  json::value value = json::parse(text);
  return std::move(value.as_object());
}

// An encoded object as the two documents that are patched apart. Status comes last, and no other
// member of that name is an object.
struct Parts {
  std::string main;
  std::string status;
};

Parts split(std::string text) {
  const std::size_t at = text.find(R"(,"status":{)");
  if (at == std::string::npos) {
    return {std::move(text), "{}"};
  }
  std::string status = "{" + text.substr(at + 1);
  text.resize(at);
  text.push_back('}');
  return {std::move(text), std::move(status)};
}

bool write_patch(const Change& change,
                 const std::string& from,
                 const std::string& to,
                 std::string subresource) {
  if (from == to) {
    return false;
  }
  const json::value patch = k8s::create_merge_patch(parse_document(from), parse_document(to));
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

// Most reconciles change nothing: that costs two encodings, and no document. Of a change only the
// part that differs becomes one.
bool write_parts(const Change& change, const k8s::Object& after, bool main, bool status) {
  std::string old_text = k8s::encode_object(change.before);
  std::string new_text = k8s::encode_object(after);
  if (old_text == new_text) {
    return false;
  }
  const Parts from = split(std::move(old_text));
  const Parts to = split(std::move(new_text));
  return (main && write_patch(change, from.main, to.main, "")) ||
         (status && write_patch(change, from.status, to.status, "status"));
}

// What a write says of its object, and nothing else.
k8s::NodeClaim nameplate(const k8s::NodeClaim& claim) {
  k8s::NodeClaim bare;
  bare.meta.name = claim.meta.name;
  bare.meta.resource_version = claim.meta.resource_version;
  return bare;
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

bool write_conditions(Step& step,
                      std::string_view cause,
                      const k8s::NodeClaim& claim,
                      std::vector<k8s::Condition> conditions,
                      Lock lock) {
  if (std::ranges::equal(claim.status.conditions, conditions, is_same_condition)) {
    return false;
  }
  k8s::NodeClaim before = nameplate(claim);
  k8s::NodeClaim after = before;
  before.status.conditions = claim.status.conditions;
  after.status.conditions = std::move(conditions);
  return write_status(step, cause, before, after, lock);
}

bool write_last_pod_event(Step& step,
                          std::string_view cause,
                          const k8s::NodeClaim& claim,
                          k8s::TimeNs last_pod_event,
                          Lock lock) {
  k8s::NodeClaim before = nameplate(claim);
  k8s::NodeClaim after = before;
  before.status.last_pod_event = claim.status.last_pod_event;
  after.status.last_pod_event = last_pod_event;
  return write_status(step, cause, before, after, lock);
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
                              .dedupe = std::move(dedupe),
                              .dedupe_for = text.dedupe_for};
  return {std::move(published), std::string(cause)};
}

}  // namespace control
