#include "sim/apiserver/proto_body.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include <boost/json.hpp>

#include "sim/apiserver/json.h"
#include "sim/apiserver/proto_tables.h"

namespace sim::api {

namespace {

constexpr std::string_view kMagic("k8s\0", 4);
constexpr int kDeepest = 64;
constexpr std::int64_t kSecond = 1'000'000'000;
// Later times do not fit nanoseconds since the epoch.
constexpr std::int64_t kLatestSecond = 9'000'000'000;

// One field as it stands on the wire.
struct WireField {
  std::uint32_t number = 0;
  bool is_bytes = false;
  std::uint64_t value = 0;
  std::string_view bytes;
};

// Reads fields one by one; is_bad() once the text makes no sense.
class WireReader {
 public:
  explicit WireReader(std::string_view text) : rest_(text) {}

  bool is_bad() const { return is_bad_; }

  std::optional<WireField> next() {
    if (rest_.empty() || is_bad_) {
      return std::nullopt;
    }
    const std::uint64_t tag = varint();
    WireField field;
    field.number = static_cast<std::uint32_t>(tag >> 3U);
    switch (tag & 7U) {
      case 0:
        field.value = varint();
        break;
      case 1:
        take(8);
        break;
      case 2:
        field.is_bytes = true;
        field.bytes = take(varint());
        break;
      case 5:
        take(4);
        break;
      default:
        is_bad_ = true;
    }
    return is_bad_ ? std::nullopt : std::optional(field);
  }

 private:
  std::uint64_t varint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) {
        break;
      }
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      out |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80U) {
        return out;
      }
    }
    is_bad_ = true;
    return 0;
  }

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      is_bad_ = true;
      return {};
    }
    const std::string_view out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }

  std::string_view rest_;
  bool is_bad_ = false;
};

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      const std::uint32_t byte =
          i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U;
      group = (group << 8U) | byte;
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool is_padding = i + j > bytes.size();
      out.push_back(is_padding ? '=' : kAlphabet[(group >> (18U - 6U * j)) & 63U]);
    }
  }
  return out;
}

class ProtoDecoder {
 public:
  bool is_bad() const { return is_bad_; }

  void read_message(std::uint16_t message, std::string_view bytes, json::object& out) {
    if (++depth_ > kDeepest) {
      is_bad_ = true;
      return;
    }
    WireReader reader(bytes);
    while (const auto wire = reader.next()) {
      const auto fields = proto_fields(message);
      const auto found = std::ranges::lower_bound(
          fields, wire->number, {}, [](const ProtoField& f) { return std::uint32_t{f.number}; });
      if (found != fields.end() && found->number == wire->number) {
        read_field(*found, *wire, out);
      }
    }
    is_bad_ = is_bad_ || reader.is_bad();
    --depth_;
  }

 private:
  void read_field(const ProtoField& field, const WireField& wire, json::object& out) {
    if (field.type == ProtoType::kSkip) {
      return;
    }
    if (field.form == ProtoForm::kInline) {
      read_message(field.message, wire.bytes, out);
    } else if (field.form == ProtoForm::kMap) {
      read_entry(field, wire.bytes, ensure_object(out, field.name));
    } else if (field.form == ProtoForm::kList) {
      ensure_array(out, field.name).push_back(read_value(field, wire));
    } else {
      json::value value = read_value(field, wire);
      if (field.form == ProtoForm::kPointer || !is_zero(value)) {
        out[field.name] = std::move(value);
      }
    }
  }

  static bool is_zero(const json::value& value) {
    switch (value.kind()) {
      case json::kind::null:
        return true;
      case json::kind::bool_:
        return !value.get_bool();
      case json::kind::int64:
        return value.get_int64() == 0;
      case json::kind::string:
        return value.get_string().empty();
      case json::kind::object:
        return value.get_object().empty();
      default:
        return false;
    }
  }

  void read_entry(const ProtoField& field, std::string_view bytes, json::object& out) {
    WireReader reader(bytes);
    std::string_view key;
    WireField value;
    value.is_bytes = true;
    while (const auto wire = reader.next()) {
      (wire->number == 1 ? key : value.bytes) = wire->bytes;
    }
    is_bad_ = is_bad_ || reader.is_bad();
    out[key] = read_value(field, value);
  }

  json::value read_value(const ProtoField& field, const WireField& wire) {
    switch (field.type) {
      case ProtoType::kString:
        return json::string(wire.bytes);
      case ProtoType::kBytes:
        return json::string(base64(wire.bytes));
      case ProtoType::kBool:
        return wire.value != 0;
      case ProtoType::kInt:
        return static_cast<std::int64_t>(wire.value);
      case ProtoType::kMessage: {
        json::object inner;
        read_message(field.message, wire.bytes, inner);
        return inner;
      }
      case ProtoType::kTime:
      case ProtoType::kMicroTime:
        return read_time(wire.bytes);
      case ProtoType::kQuantity:
        return json::string(read_first(wire.bytes).bytes);
      case ProtoType::kIntOrString:
        return read_int_or_string(wire.bytes);
      case ProtoType::kRawJson:
        return read_raw(wire.bytes);
      case ProtoType::kSkip:
        break;
    }
    return nullptr;
  }

  WireField read_first(std::string_view bytes) {
    WireReader reader(bytes);
    WireField out;
    while (const auto wire = reader.next()) {
      if (wire->number == 1) {
        out = *wire;
      }
    }
    is_bad_ = is_bad_ || reader.is_bad();
    return out;
  }

  json::value read_time(std::string_view bytes) {
    if (bytes.empty()) {
      return nullptr;
    }
    const auto seconds = static_cast<std::int64_t>(read_first(bytes).value);
    // Outside of these bounds it is Go's zero time, or nonsense.
    if (seconds < 0 || seconds > kLatestSecond) {
      return nullptr;
    }
    return json::string(format_time(seconds * kSecond));
  }

  json::value read_int_or_string(std::string_view bytes) {
    WireReader reader(bytes);
    bool is_text = false;
    std::int64_t number = 0;
    std::string_view text;
    while (const auto wire = reader.next()) {
      if (wire->number == 1) {
        is_text = wire->value == 1;
      } else if (wire->number == 2) {
        number = static_cast<std::int64_t>(wire->value);
      } else {
        text = wire->bytes;
      }
    }
    is_bad_ = is_bad_ || reader.is_bad();
    return is_text ? json::value(json::string(text)) : json::value(number);
  }

  json::value read_raw(std::string_view bytes) {
    boost::system::error_code error;
    json::value out = json::parse(read_first(bytes).bytes, error);
    return error ? json::value(nullptr) : out;
  }

  int depth_ = 0;
  bool is_bad_ = false;
};

struct Envelope {
  std::string api_version;
  std::string kind;
  std::string_view raw;
};

std::optional<Envelope> open_envelope(std::string_view body) {
  if (!body.starts_with(kMagic)) {
    return std::nullopt;
  }
  Envelope out;
  WireReader reader(body.substr(kMagic.size()));
  while (const auto wire = reader.next()) {
    if (wire->number == 2) {
      out.raw = wire->bytes;
    } else if (wire->number == 1) {
      WireReader meta(wire->bytes);
      while (const auto part = meta.next()) {
        (part->number == 1 ? out.api_version : out.kind) = part->bytes;
      }
    }
  }
  return reader.is_bad() ? std::nullopt : std::optional(out);
}

}  // namespace

bool is_protobuf(std::string_view content_type) {
  return content_type.starts_with("application/vnd.kubernetes.protobuf");
}

Answer<json::object> decode_protobuf(std::string_view body) {
  const auto envelope = open_envelope(body);
  if (!envelope) {
    return refuse(bad_request("the body is not a Kubernetes protobuf message"));
  }
  const auto roots = proto_roots();
  const auto root = std::ranges::find_if(roots, [&](const ProtoRoot& candidate) {
    return candidate.kind == envelope->kind &&
           (candidate.api_version.empty() || candidate.api_version == envelope->api_version);
  });
  if (root == roots.end()) {
    return refuse(unsupported_media_type("protobuf bodies of " + envelope->api_version +
                                         ", Kind=" + envelope->kind +
                                         " are not supported: send application/json"));
  }
  json::object out;
  ProtoDecoder decoder;
  decoder.read_message(root->message, envelope->raw, out);
  if (decoder.is_bad()) {
    return refuse(bad_request("the body is a malformed protobuf message"));
  }
  out["apiVersion"] = envelope->api_version;
  out["kind"] = envelope->kind;
  return out;
}

}  // namespace sim::api
