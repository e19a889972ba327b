#include "plan/scheduler_config.h"

#include <algorithm>
#include <array>
#include <string>

#include <simdjson.h>

#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/yaml_document.h"
#include "plan/default_spread.h"

namespace plan {
namespace {

using base::ErrorCode;
using Constraints = std::vector<k8s::TopologySpreadConstraint>;

base::Result<simdjson::dom::element> only_field(simdjson::dom::element element,
                                                std::string_view name) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) {
    return base::fail(ErrorCode::kInvalid, "decoding scheduler config, an object was expected");
  }
  simdjson::dom::element found;
  bool is_found = false;
  for (const auto field : object) {
    if (field.key != name) {
      return base::fail(
          ErrorCode::kInvalid,
          base::concat("decoding scheduler config, unknown field \"", field.key, "\""));
    }
    found = field.value;
    is_found = true;
  }
  if (!is_found) {
    return base::fail(ErrorCode::kNotFound, std::string(name));
  }
  return found;
}

constexpr std::array<std::string_view, 8> kFields{"labelSelector",
                                                  "matchLabelKeys",
                                                  "maxSkew",
                                                  "minDomains",
                                                  "nodeAffinityPolicy",
                                                  "nodeTaintsPolicy",
                                                  "topologyKey",
                                                  "whenUnsatisfiable"};

base::Result<void> check_fields(simdjson::dom::element constraints) {
  simdjson::dom::array list;
  if (constraints.get(list) != simdjson::SUCCESS) {
    return base::fail(ErrorCode::kInvalid, "decoding scheduler config, a list was expected");
  }
  for (const simdjson::dom::element constraint : list) {
    simdjson::dom::object object;
    if (constraint.get(object) != simdjson::SUCCESS) {
      return base::fail(ErrorCode::kInvalid, "decoding scheduler config, an object was expected");
    }
    for (const auto field : object) {
      if (std::ranges::find(kFields, field.key) == kFields.end()) {
        return base::fail(
            ErrorCode::kInvalid,
            base::concat("decoding scheduler config, unknown field \"", field.key, "\""));
      }
    }
  }
  return {};
}

// The constraints are read by the decoder of pods, which knows them already.
base::Result<Constraints> decode(const std::string& list) {
  const std::string pod =
      base::concat(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"defaults"},"spec":{)"
                   R"("containers":[],"topologySpreadConstraints":)",
                   list,
                   "}}");
  k8s::Warnings unknown;
  const k8s::ObjectPtr object = TRY(k8s::decode_object(pod, &unknown));
  if (!unknown.empty()) {
    return base::fail(
        ErrorCode::kInvalid,
        base::concat("decoding scheduler config, unknown field \"", unknown.front(), "\""));
  }
  return k8s::as<k8s::Pod>(*object).spec.topology_spread;
}

base::Result<Constraints> parse(std::string_view text) {
  const k8s::JsonDocument document = TRY(k8s::convert_yaml(text, 1));
  if (document.json == "null") {
    return Constraints();
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(document.json).get(root) != simdjson::SUCCESS) {
    return base::fail(ErrorCode::kInvalid, "decoding scheduler config, not a document");
  }
  for (const std::string_view name : {"podTopologySpread", "defaultConstraints"}) {
    auto inner = only_field(root, name);
    if (!inner) {
      if (inner.error().code == ErrorCode::kNotFound) {
        return Constraints();
      }
      return base::fail(inner.error());
    }
    root = *inner;
  }
  TRY_VOID(check_fields(root));
  Constraints constraints = TRY(decode(simdjson::minify(root)));
  TRY_VOID(validate_default_spread(constraints));
  return constraints;
}

}  // namespace

base::Result<Constraints> parse_scheduler_config(std::string_view text) {
  if (base::trim(text).empty()) {
    return Constraints();
  }
  auto result = parse(text);
  if (!result) {
    return base::fail(ErrorCode::kInvalid,
                      base::concat("parsing scheduler config, ", result.error().detail));
  }
  return result;
}

}  // namespace plan
