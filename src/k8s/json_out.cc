#include "k8s/json_out.h"

#include <array>

#include "k8s/time.h"

namespace k8s {
namespace {

void append_escape(std::string& out, char c) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('\\');
  if (const std::size_t at = kShort.find(c); at != std::string_view::npos) {
    out.push_back(kLetters[at]);
    return;
  }
  const auto code = static_cast<unsigned char>(c);
  out.append("u00").push_back(kHex[code >> 4]);
  out.push_back(kHex[code & 15]);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') {
      continue;
    }
    out.append(text, start, i - start);
    append_escape(out, c);
    start = i + 1;
  }
  out.append(text, start);
  out.push_back('"');
}

void JsonOut::separate() {
  if (!is_first_) {
    out_.push_back(',');
  }
  is_first_ = false;
}

void JsonOut::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_.push_back(':');
}

void JsonOut::item(std::string_view value) {
  separate();
  append_json_string(out_, value);
}

void JsonOut::raw(std::string_view name, std::string_view json) {
  key(name);
  out_.append(json);
}

void JsonOut::always(std::string_view name, std::string_view value) {
  key(name);
  append_json_string(out_, value);
}

void JsonOut::always(std::string_view name, std::int64_t value) {
  raw(name, std::to_string(value));
}

void JsonOut::always(std::string_view name, bool value) {
  raw(name, value ? "true" : "false");
}

void JsonOut::field(std::string_view name, std::string_view value) {
  if (!value.empty()) {
    always(name, value);
  }
}

void JsonOut::field(std::string_view name, bool value) {
  if (value) {
    always(name, true);
  }
}

void JsonOut::field(std::string_view name, std::int64_t value) {
  if (value != 0) {
    always(name, value);
  }
}

void JsonOut::field(std::string_view name, const StringMap& value) {
  object(name, [&] {
    for (const auto& [k, v] : value) {
      always(k, std::string_view(v));
    }
  });
}

void JsonOut::field(std::string_view name, const Resources& value) {
  object(name, [&] {
    for (const auto& [k, quantity] : value) {
      always(k, std::string_view(quantity.text()));
    }
  });
}

void JsonOut::field(std::string_view name, const std::vector<std::string>& value) {
  array(name, value, [&](const std::string& text) { item(text); });
}

void JsonOut::field(std::string_view name, const std::optional<std::string>& value) {
  if (value) {
    always(name, std::string_view(*value));
  }
}

void JsonOut::field(std::string_view name, const std::optional<std::int32_t>& value) {
  if (value) {
    always(name, static_cast<std::int64_t>(*value));
  }
}

void JsonOut::field(std::string_view name, const std::optional<std::int64_t>& value) {
  if (value) {
    always(name, *value);
  }
}

void JsonOut::field(std::string_view name, const std::optional<bool>& value) {
  if (value) {
    always(name, *value);
  }
}

void JsonOut::time(std::string_view name, TimeNs value) {
  if (value != 0) {
    always(name, std::string_view(format_time(value)));
  }
}

void JsonOut::micro_time(std::string_view name, TimeNs value) {
  if (value != 0) {
    always(name, std::string_view(format_micro_time(value)));
  }
}

void JsonOut::duration(std::string_view name, const std::optional<DurationNs>& value) {
  if (value) {
    always(name, std::string_view(format_duration(*value)));
  }
}

}  // namespace k8s
