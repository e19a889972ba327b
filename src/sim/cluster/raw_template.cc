#include "sim/cluster/raw_template.h"

#include <charconv>

#include <boost/json.hpp>

#include "sim/apiserver/json.h"

namespace sim {

namespace {

// "30%" or 3; anything else leaves what is there.
void read_amount(const boost::json::value* value, k8s::IntOrPercent& out) {
  if (value != nullptr && value->is_int64()) {
    out = {.value = value->get_int64(), .is_percent = false};
  } else if (value != nullptr && value->is_string()) {
    const boost::json::string& text = value->get_string();
    std::int64_t percent = 0;
    if (std::from_chars(text.begin(), text.end(), percent).ptr + 1 == text.end()) {
      out = {.value = percent, .is_percent = true};
    }
  }
}

}  // namespace

RolloutOf rollouts(const api::Store& store) {
  return [&store](const k8s::ObjectKey& key) {
    Rollout rollout;
    if (const auto document = store.find(api::type_of(key.kind), key.namespace_, key.name)) {
      const api::Body& body = document->parts();
      rollout.recreates = api::text_at(body, "spec.strategy.type") == "Recreate";
      read_amount(api::find_path(body, "spec.strategy.rollingUpdate.maxSurge"), rollout.max_surge);
      read_amount(api::find_path(body, "spec.strategy.rollingUpdate.maxUnavailable"),
                  rollout.max_unavailable);
    }
    return rollout;
  };
}

RawTemplate raw_templates(const api::Store& store) {
  return [&store](const k8s::ObjectKey& key) -> std::string {
    const api::DocumentPtr document = store.find(api::type_of(key.kind), key.namespace_, key.name);
    if (document == nullptr) {
      return {};
    }
    const boost::json::value* spec = document->parts().if_contains("spec");
    const boost::json::value* found =
        spec != nullptr && spec->is_object() ? spec->get_object().if_contains("template") : nullptr;
    return found != nullptr && found->is_object() ? boost::json::serialize(*found) : std::string();
  };
}

}  // namespace sim
