#include "sim/cluster/raw_template.h"

#include <boost/json.hpp>

namespace sim {

RawTemplate raw_templates(const api::Store& store) {
  return [&store](const k8s::ObjectKey& key) -> std::string {
    const api::DocumentPtr document = store.find(api::type_of(key.kind), key.namespace_, key.name);
    if (document == nullptr) {
      return {};
    }
    const boost::json::value* spec = document->body().if_contains("spec");
    const boost::json::value* found =
        spec != nullptr && spec->is_object() ? spec->get_object().if_contains("template") : nullptr;
    return found != nullptr && found->is_object() ? boost::json::serialize(*found) : std::string();
  };
}

}  // namespace sim
