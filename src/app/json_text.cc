#include "app/json_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <yaml.h>

#include "base/assert.h"

namespace app {
namespace {

namespace json = boost::json;

// Shortest text that reads back as the same number; Boost 1.81 would write 1.3E-1.
std::string number(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.1f}", value)
                                                              : fmt::format("{}", value);
}

void pretty(const json::value& value, std::string& out, std::size_t indent);

template <typename Range, typename Element>
void pretty_range(const Range& range,
                  char open,
                  char close,
                  std::string& out,
                  std::size_t indent,
                  Element&& element) {
  if (range.empty()) {
    out += {open, close};
    return;
  }
  out += open;
  bool is_first = true;
  for (const auto& item : range) {
    out += is_first ? "\n" : ",\n";
    is_first = false;
    out.append(indent + 2, ' ');
    element(item);
  }
  out += '\n';
  out.append(indent, ' ');
  out += close;
}

void pretty(const json::value& value, std::string& out, std::size_t indent) {
  if (const auto* object = value.if_object()) {
    pretty_range(*object, '{', '}', out, indent, [&](const json::key_value_pair& member) {
      out += json::serialize(json::string(member.key())) + ": ";
      pretty(member.value(), out, indent + 2);
    });
  } else if (const auto* array = value.if_array()) {
    pretty_range(*array, '[', ']', out, indent, [&](const json::value& item) {
      pretty(item, out, indent + 2);
    });
  } else if (value.is_double()) {
    out += number(value.get_double());
  } else {
    out += json::serialize(value);
  }
}

int append_output(void* text, unsigned char* buffer, std::size_t size) {
  static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(buffer), size);
  return 1;
}

// No reader of any version of YAML takes the text for a number, a boolean, null or a date. Whether
// it needs quotes for its punctuation is libyaml's to judge.
bool is_plainly_text(std::string_view text) {
  constexpr std::array<std::string_view, 10> kWords{
      "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || !is_letter(text.front()) || text.find('\n') != std::string_view::npos) {
    return false;
  }
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return std::find(kWords.begin(), kWords.end(), lower) == kWords.end();
}

enum class YamlQuotes : std::uint8_t { kAlways, kWhereNeeded };

class YamlWriter {
 public:
  YamlWriter(std::string& out, YamlQuotes quotes) : quotes_(quotes) {
    ASSERT(yaml_emitter_initialize(&emitter_) == 1);
    yaml_emitter_set_output(&emitter_, append_output, &out);
    yaml_emitter_set_unicode(&emitter_, 1);
    yaml_emitter_set_width(&emitter_, -1);
  }

  YamlWriter(const YamlWriter&) = delete;
  YamlWriter& operator=(const YamlWriter&) = delete;

  ~YamlWriter() { yaml_emitter_delete(&emitter_); }

  void document(const json::value& value) {
    yaml_event_t event;
    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    emit(event);
    yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1);
    emit(event);
    write(value);
    yaml_document_end_event_initialize(&event, 1);
    emit(event);
    yaml_stream_end_event_initialize(&event);
    emit(event);
  }

 private:
  void emit(yaml_event_t& event) { ASSERT(yaml_emitter_emit(&emitter_, &event) == 1); }

  yaml_scalar_style_t style_of(std::string_view text, bool is_string) const {
    if (!is_string || (quotes_ == YamlQuotes::kWhereNeeded && is_plainly_text(text))) {
      return YAML_PLAIN_SCALAR_STYLE;
    }
    if (quotes_ == YamlQuotes::kWhereNeeded && text.find('\n') != std::string_view::npos) {
      return YAML_LITERAL_SCALAR_STYLE;
    }
    return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
  }

  void scalar(std::string_view text, bool is_string) {
    std::string copy(text);
    const yaml_scalar_style_t style = style_of(text, is_string);
    yaml_event_t event;
    yaml_scalar_event_initialize(&event,
                                 nullptr,
                                 nullptr,
                                 reinterpret_cast<yaml_char_t*>(copy.data()),
                                 static_cast<int>(copy.size()),
                                 style == YAML_PLAIN_SCALAR_STYLE ? 1 : 0,
                                 1,
                                 style);
    emit(event);
  }

  void write(const json::value& value) {
    yaml_event_t event;
    if (const auto* object = value.if_object()) {
      yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, YAML_ANY_MAPPING_STYLE);
      emit(event);
      for (const auto& [key, member] : *object) {
        scalar(key, quotes_ == YamlQuotes::kWhereNeeded);
        write(member);
      }
      yaml_mapping_end_event_initialize(&event);
      emit(event);
    } else if (const auto* array = value.if_array()) {
      yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1, YAML_ANY_SEQUENCE_STYLE);
      emit(event);
      for (const json::value& item : *array) {
        write(item);
      }
      yaml_sequence_end_event_initialize(&event);
      emit(event);
    } else if (const auto* text = value.if_string()) {
      scalar(*text, true);
    } else if (value.is_double()) {
      scalar(number(value.get_double()), false);
    } else {
      scalar(json::serialize(value), false);
    }
  }

  YamlQuotes quotes_;
  yaml_emitter_t emitter_{};
};

}  // namespace

std::string pretty_json(const json::value& document) {
  std::string out;
  pretty(document, out, 0);
  return out;
}

std::string yaml_text(const json::value& document) {
  std::string out;
  YamlWriter(out, YamlQuotes::kAlways).document(document);
  return out;
}

std::string manifest_text(const json::value& document) {
  std::string out;
  YamlWriter(out, YamlQuotes::kWhereNeeded).document(document);
  return out;
}

}  // namespace app
