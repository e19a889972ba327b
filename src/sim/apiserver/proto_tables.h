// Field numbers of the Kubernetes API types, for sim/apiserver/proto_body.h only. The tables are
// generated (tools/kube-proto-tables). Thread rule: constants.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sim::api {

enum class ProtoType : std::uint8_t {
  kString,
  kBytes,  // base64 in JSON.
  kBool,
  kInt,
  kMessage,
  kTime,
  kMicroTime,
  kQuantity,
  kIntOrString,
  kRawJson,
  kSkip,
};

enum class ProtoForm : std::uint8_t {
  kPlain,    // Zero is absent.
  kPointer,  // Zero was given.
  kList,
  kMap,
  kInline,  // The members belong to the parent in JSON.
};

struct ProtoField {
  std::uint16_t number;
  std::string_view name;
  ProtoType type;
  ProtoForm form;
  std::uint16_t message;  // kMessage only.
};

struct ProtoMessage {
  std::uint16_t first;
  std::uint16_t count;
};

struct ProtoRoot {
  std::string_view api_version;  // Empty: any.
  std::string_view kind;
  std::uint16_t message;
};

// Ordered by number.
std::span<const ProtoField> proto_fields(std::uint16_t message);
std::span<const ProtoRoot> proto_roots();

}  // namespace sim::api
