#include "k8s/json_in.h"

#include <array>
#include <charconv>
#include <limits>

#include "k8s/time.h"

namespace k8s {
namespace {

constexpr std::size_t kShownLength = 64;
constexpr std::size_t kMaxWarnings = 1000;

std::string describe(Element e) {
  std::string text = simdjson::minify(e);
  if (text.size() > kShownLength) {
    text.resize(kShownLength);
    text += "...";
  }
  return text;
}

std::string_view expected_quantity() {
  return "quantity";
}

}  // namespace

std::string JsonIn::path() const {
  std::string out;
  for (const Segment& segment : path_) {
    if (segment.key.data() == nullptr) {
      out.append("[").append(std::to_string(segment.index)).append("]");
    } else {
      out.append(out.empty() ? "" : ".").append(segment.key);
    }
  }
  return out;
}

void JsonIn::mismatch(std::string_view expected, Element got) {
  fail(std::string(expected) + " expected, got " + describe(got));
}

void JsonIn::fail(std::string_view message) {
  if (!error_) {
    const std::string where = path();
    error_ = where.empty() ? std::string(message) : where + ": " + std::string(message);
  }
}

void JsonIn::warn_unknown(std::string_view) {
  // The path ends in the unknown key already.
  if (unknown_ != nullptr && unknown_->size() < kMaxWarnings) {
    unknown_->push_back(path());
  }
}

void read(JsonIn& in, Element e, std::string& out) {
  std::string_view text;
  if (e.get(text) != simdjson::SUCCESS) {
    in.mismatch("string", e);
    return;
  }
  out = text;
}

void read(JsonIn& in, Element e, bool& out) {
  if (e.get(out) != simdjson::SUCCESS) {
    in.mismatch("true or false", e);
  }
}

void read(JsonIn& in, Element e, std::int64_t& out) {
  if (e.get(out) == simdjson::SUCCESS) {
    return;
  }
  double number = 0;
  // 2.0 is an integer too, as for the API server.
  constexpr double kExact = 9007199254740992.0;
  if (e.is_double() && e.get(number) == simdjson::SUCCESS && number >= -kExact &&
      number <= kExact && number == static_cast<double>(static_cast<std::int64_t>(number))) {
    out = static_cast<std::int64_t>(number);
    return;
  }
  in.mismatch("integer", e);
}

void read(JsonIn& in, Element e, std::int32_t& out) {
  std::int64_t wide = 0;
  read(in, e, wide);
  if (wide < std::numeric_limits<std::int32_t>::min() ||
      wide > std::numeric_limits<std::int32_t>::max()) {
    in.mismatch("32-bit integer", e);
    return;
  }
  out = static_cast<std::int32_t>(wide);
}

void read(JsonIn& in, Element e, Quantity& out) {
  std::string number;
  std::string_view text;
  if (e.get(text) != simdjson::SUCCESS) {
    if (!e.is_number()) {
      in.mismatch(expected_quantity(), e);
      return;
    }
    number = simdjson::minify(e);
    text = number;
  }
  const base::Result<Quantity> parsed = Quantity::parse(text);
  if (!parsed) {
    in.mismatch(expected_quantity(), e);
    return;
  }
  out = *parsed;
}

void read(JsonIn& in, Element e, StringMap& out) {
  out.clear();
  in.map(e, [&](std::string_view key, Element value) {
    if (!value.is_null()) {
      read(in, value, out[std::string(key)]);
    } else {
      out[std::string(key)];
    }
  });
}

void read(JsonIn& in, Element e, Resources& out) {
  out = {};
  in.map(e, [&](std::string_view key, Element value) {
    Quantity quantity;
    if (!value.is_null()) {
      read(in, value, quantity);
    }
    out.set(key, quantity);
  });
}

void read(JsonIn& in, Element e, AsTime out) {
  std::string_view text;
  const bool is_text = e.get(text) == simdjson::SUCCESS;
  const base::Result<TimeNs> time =
      is_text ? parse_time(text) : base::fail(base::ErrorCode::kInvalid, "");
  if (!time) {
    in.mismatch("time (such as 2024-05-01T12:00:00Z)", e);
    return;
  }
  out.out = *time;
}

void read(JsonIn& in, Element e, AsDuration out) {
  std::string_view text;
  const bool is_text = e.get(text) == simdjson::SUCCESS;
  const base::Result<DurationNs> duration =
      is_text ? parse_duration(text) : base::fail(base::ErrorCode::kInvalid, "");
  if (!duration) {
    in.mismatch("duration (such as 30s, 1h30m)", e);
    return;
  }
  out.out = *duration;
}

void read(JsonIn& in, Element e, AsNillableDuration out) {
  std::string_view text;
  if (e.get(text) == simdjson::SUCCESS) {
    if (const auto duration = parse_nillable_duration(text)) {
      out.out = *duration;
      out.text = text;
      return;
    }
  }
  in.mismatch("duration (such as 30s, 720h) or \"Never\"", e);
}

}  // namespace k8s
