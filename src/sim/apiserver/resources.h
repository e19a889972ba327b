// The resources that the embedded API server serves: a fixed table. There is no registration at run
// time; custom resources are the ones known at build time.
//
// Thread rule: constant data. A resource is named by its TypeId (an index) inside the server.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "k8s/meta.h"

namespace sim::api {

// Index into resource_types().
enum class TypeId : std::uint16_t {};

// What happens to a resource besides being stored.
enum class Storage : std::uint8_t {
  kPlain,    // No spec/status split: metadata.generation stays absent.
  kSpec,     // Spec changes bump metadata.generation.
  kVirtual,  // Never stored: the answer to a create is computed (access reviews).
};

struct ResourceType {
  std::string_view group;
  std::string_view version;
  std::string_view plural;
  std::string_view singular;
  std::string_view kind;
  std::string_view short_names;  // Comma-separated.
  std::string_view categories;   // Comma-separated.
  bool namespaced;
  bool has_status;
  bool has_scale;
  Storage storage;
  bool custom;  // Defined by a CRD: validated by its schema, no strategic merge patch.
  std::optional<k8s::Kind> typed;

  bool is(k8s::Kind wanted) const { return typed == wanted; }
};

std::span<const ResourceType> resource_types();
const ResourceType& resource_type(TypeId id);
// nullopt: nothing served under that name.
std::optional<TypeId> find_resource(std::string_view group,
                                    std::string_view version,
                                    std::string_view plural);
std::optional<TypeId> find_kind(std::string_view api_version, std::string_view kind);
// Every k8s::Kind except kCount is served.
TypeId type_of(k8s::Kind kind);
// "v1", "apps/v1".
std::string api_version_of(const ResourceType& type);

}  // namespace sim::api
