#include "world/static_hash.h"

namespace world {

namespace {

template <typename T>
void append_little_endian(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  }
}

std::uint64_t finish(std::uint64_t a) {
  std::string bytes;
  append_little_endian(bytes, a);
  return hash_text(bytes);
}

std::uint64_t ordered(std::uint64_t a, std::uint64_t b) {
  std::string bytes;
  append_little_endian(bytes, a);
  append_little_endian(bytes, b);
  return hash_text(bytes);
}

}  // namespace

// FNV-1: multiply first.
std::uint64_t hash_text(std::string_view bytes) {
  std::uint64_t h = 14695981039346656037ULL;
  for (const char byte : bytes) {
    h *= 1099511628211ULL;
    h ^= static_cast<unsigned char>(byte);
  }
  return h;
}

// API-173
std::uint64_t hash_bool(bool value) {
  return hash_text(value ? std::string_view("\1", 1) : std::string_view("\0", 1));
}

std::uint64_t hash_int32(std::int32_t value) {
  std::string bytes;
  append_little_endian(bytes, static_cast<std::uint32_t>(value));
  return hash_text(bytes);
}

std::uint64_t hash_int64(std::int64_t value) {
  return finish(static_cast<std::uint64_t>(value));
}

std::uint64_t hash_map(const k8s::StringMap& map) {
  std::uint64_t state = 0;
  for (const auto& [key, value] : map) {
    state ^= ordered(hash_text(key), hash_text(value));
  }
  return finish(state);
}

void StructHash::field(std::string_view name, std::uint64_t value) {
  state_ = finish(state_ ^ ordered(hash_text(name), value));
}

void StructHash::text(std::string_view name, std::string_view value) {
  if (!value.empty()) {
    field(name, hash_text(value));
  }
}

void StructHash::flag(std::string_view name, bool value) {
  if (value) {
    field(name, hash_bool(value));
  }
}

void StructHash::number(std::string_view name, std::int32_t value) {
  if (value != 0) {
    field(name, hash_int32(value));
  }
}

void StructHash::pointer(std::string_view name, const std::optional<std::string>& value) {
  if (value) {
    field(name, hash_text(*value));
  }
}

void StructHash::pointer(std::string_view name, const std::optional<bool>& value) {
  if (value) {
    field(name, hash_bool(*value));
  }
}

void StructHash::pointer(std::string_view name, const std::optional<std::int32_t>& value) {
  if (value) {
    field(name, hash_int32(*value));
  }
}

void StructHash::pointer(std::string_view name, const std::optional<std::int64_t>& value) {
  if (value) {
    field(name, hash_int64(*value));
  }
}

}  // namespace world
