// The hash function behind the static hashes of NodePools and EC2NodeClasses (API-169 to API-179):
// FNV-1 over a tree of structs, maps and sets, so that neither the order of maps nor that of lists
// counts. Every bit is fixed by what claims in clusters carry: see world/pool_hash.h.
//
//   StructHash hash("Taint");
//   hash.text("Key", taint.key);   // left out when empty
//   hash.value();
//
// Thread rule: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "k8s/meta.h"

namespace world {

// API-169, API-172: a text is its bytes.
std::uint64_t hash_text(std::string_view bytes);
std::uint64_t hash_bool(bool value);
// API-174: little-endian, in the declared width.
std::uint64_t hash_int32(std::int32_t value);
std::uint64_t hash_int64(std::int64_t value);
// API-176
std::uint64_t hash_map(const k8s::StringMap& map);

// API-178: fields in declaration order, each followed by a finish step.
class StructHash {
 public:
  explicit StructHash(std::string_view type) : state_(hash_text(type)) {}

  void field(std::string_view name, std::uint64_t value);

  // Left out when empty, false or zero, as plain values are.
  void text(std::string_view name, std::string_view value);
  void flag(std::string_view name, bool value);
  void number(std::string_view name, std::int32_t value);

  // Left out when absent only, as pointers are (API-179).
  void pointer(std::string_view name, const std::optional<std::string>& value);
  void pointer(std::string_view name, const std::optional<bool>& value);
  void pointer(std::string_view name, const std::optional<std::int32_t>& value);
  void pointer(std::string_view name, const std::optional<std::int64_t>& value);

  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_;
};

}  // namespace world
