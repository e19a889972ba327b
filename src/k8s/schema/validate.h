// What the API server does to an object before it stores it: drop unknown fields, fill in defaults,
// refuse what breaks the schema. The karpenter kinds follow spec 01 to the letter; the core kinds
// are checked for the refusals that people run into (schema/core_kinds.h).
//
// Order of use, as in the API server: prune (or unknown_fields, to warn or to refuse under strict
// field validation), apply_defaults, validate. check_manifest does all of it on JSON text.
//
//   CheckedManifest checked = check_manifest(json);
//   if (!checked.errors.empty()) { refuse(refusal_text(checked)); }
//   decode_object(checked.json);
//
// The kind is taken from apiVersion and kind of the object. An object of a kind without a schema
// passes all functions unchanged, except that its metadata is checked. Thread rule: the schema
// tables are built once and constant; functions may be called from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

namespace k8s::schema {

// Which provider's rules are laid over the core CRDs (API-11).
enum class Flavour : std::uint8_t { kCore, kAws, kKwok };

struct FieldError {
  std::string path;     // "spec.template.spec.requirements[0].key"
  std::string message;  // "Unsupported value: \"x\": supported values: \"In\", \"NotIn\""
  std::string reason;   // As in a Status cause: "FieldValueInvalid", "FieldValueRequired", ...

  friend bool operator==(const FieldError&, const FieldError&) = default;
};

// "path: message".
std::string to_string(const FieldError& error);

// Empty when the object may be stored. `old` is the stored object for an update, else nullptr.
// REQUIRES: defaults have been applied.
std::vector<FieldError> validate(const boost::json::value& object,
                                 const boost::json::value* old,
                                 Flavour flavour = Flavour::kAws);

// Fills in what the API server would. Nulls count as absent and are removed (API-18).
void apply_defaults(boost::json::value& object);

// Paths of the fields that the schema does not know, e.g. "spec.template.spec.kubelet".
std::vector<std::string> unknown_fields(const boost::json::value& object);

// Removes the unknown fields.
void prune(boost::json::value& object);

// The text of the API server's 422 answer: `NodePool.karpenter.sh "x" is invalid: spec...`.
std::string refusal_text(std::string_view kind,
                         std::string_view group,
                         std::string_view name,
                         const std::vector<FieldError>& errors);

struct CheckedManifest {
  std::string json;  // Pruned and defaulted; empty when the text is not a JSON object.
  std::string api_version;
  std::string kind;
  std::string namespace_;
  std::string name;
  std::vector<FieldError> errors;
  std::vector<std::string> unknown;  // Paths of unknown fields (warnings).
  std::string old_version_advice;    // Not empty: an object of an API version that is gone
                                     // (schema/old_versions.h); then nothing else was checked.
};

CheckedManifest check_manifest(std::string_view json, Flavour flavour = Flavour::kAws);

}  // namespace k8s::schema
