#include "act/effect.h"

#include "base/hash.h"
#include "base/text.h"
#include "k8s/kinds.h"

namespace act {

namespace {

std::string_view verb_name(k8s::Verb verb) {
  switch (verb) {
    case k8s::Verb::kCreate:
      return "create";
    case k8s::Verb::kUpdate:
      return "update";
    case k8s::Verb::kMergePatch:
    case k8s::Verb::kJsonPatch:
    case k8s::Verb::kStrategicPatch:
    case k8s::Verb::kApplyPatch:
      return "patch";
    case k8s::Verb::kDelete:
      return "delete";
    case k8s::Verb::kEvict:
      return "evict";
    case k8s::Verb::kBind:
      return "bind";
  }
  return "?";
}

struct Describe {
  std::string operator()(const WriteObject& write) const {
    const k8s::WriteRequest& request = write.request;
    std::string text = base::concat(verb_name(request.verb), " ", k8s::kind_name(request.key.kind));
    text += ' ';
    if (!request.key.namespace_.empty()) {
      text += request.key.namespace_ + "/";
    }
    text += request.key.name;
    if (!request.subresource.empty()) {
      text += base::concat(" (", request.subresource, ")");
    }
    if (!request.body.empty()) {
      text += base::concat(" ", base::hex64(base::hash64(request.body)));
    }
    return text;
  }

  std::string operator()(const Launch& launch) const {
    return base::concat("launch ",
                        launch.request.claim_name,
                        " from ",
                        launch.request.offerings.size(),
                        " offerings");
  }

  std::string operator()(const Terminate& terminate) const {
    return "terminate " + terminate.provider_id;
  }

  std::string operator()(const GetInstance& get) const { return "get " + get.provider_id; }

  std::string operator()(const ListInstances&) const { return "list instances"; }

  std::string operator()(const ResolveClass& resolve) const {
    return "resolve " + resolve.node_class->meta.name;
  }

  std::string operator()(const PublishEvent& event) const {
    return base::concat("event ",
                        event.reason,
                        " on ",
                        event.object.kind,
                        " ",
                        event.object.name,
                        ": ",
                        event.message);
  }
};

}  // namespace

const base::Error* error_of(const Outcome& outcome) {
  return std::visit(
      [](const auto& result) -> const base::Error* {
        if (result) {
          return nullptr;
        }
        if constexpr (requires { result.error().error; }) {
          return &result.error().error;
        } else {
          return &result.error();
        }
      },
      outcome);
}

std::string describe(const Effect& effect) {
  return effect.cause + ": " + std::visit(Describe{}, effect.action);
}

k8s::ObjectReference reference(const k8s::Object& object) {
  return {.api_version = k8s::api_version(object.kind),
          .kind = std::string(k8s::kind_name(object.kind)),
          .namespace_ = object.meta.namespace_,
          .name = object.meta.name,
          .uid = object.meta.uid};
}

}  // namespace act
