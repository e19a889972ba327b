#include "runtime/log.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/text.h"
#include "runtime/json_text.h"

namespace runtime {

namespace {

template <typename... Fns>
struct Overloaded : Fns... {
  using Fns::operator()...;
};

// Go's duration text: "0s", "150ms", "1.5s", "2m0.5s", "1h0m0s".
std::string duration_text(Duration duration) {
  std::int64_t ns = duration.count();
  const std::string sign = ns < 0 ? "-" : "";
  const double magnitude = std::abs(static_cast<double>(ns));
  if (ns == 0) {
    return "0s";
  }
  if (magnitude < 1e3) {
    return base::concat(sign, magnitude, "ns");
  }
  if (magnitude < 1e6) {
    return base::concat(sign, magnitude / 1e3, "µs");
  }
  if (magnitude < 1e9) {
    return base::concat(sign, magnitude / 1e6, "ms");
  }
  const std::uint64_t total = static_cast<std::uint64_t>(magnitude);
  const std::uint64_t minutes = total / 60'000'000'000ULL;
  const double seconds = static_cast<double>(total % 60'000'000'000ULL) / 1e9;
  std::string text = sign;
  if (minutes >= 60) {
    text += base::concat(minutes / 60, "h");
  }
  if (minutes > 0) {
    text += base::concat(minutes % 60, "m");
  }
  return base::concat(text, seconds, "s");
}

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "DEBUG";
    case LogLevel::kInfo:
      return "INFO";
    case LogLevel::kWarn:
      return "WARN";
    case LogLevel::kError:
      return "ERROR";
  }
  return "ERROR";
}

JsonText json(std::string text) {
  return {std::move(text)};
}

JsonText object_reference(std::string_view name, std::string_view namespace_) {
  std::string text = base::concat("{\"name\":", quote_json(name));
  if (!namespace_.empty()) {
    text += base::concat(",\"namespace\":", quote_json(namespace_));
  }
  return {text + "}"};
}

JsonText text_list(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted(texts.size());
  std::ranges::transform(texts, quoted.begin(), quote_json);
  return {base::concat("[", base::join(quoted, ","), "]")};
}

LogValue::LogValue(Duration duration) : value_(duration_text(duration)) {}

std::string LogValue::to_json() const {
  return std::visit(Overloaded{[](const std::string& text) { return quote_json(text); },
                               [](std::int64_t number) { return base::to_text(number); },
                               [](double number) { return json_number(number); },
                               [](bool flag) { return base::concat(flag); },
                               [](const JsonText& text) { return text.text; }},
                    value_);
}

std::string LogValue::to_plain() const {
  const auto* text = std::get_if<std::string>(&value_);
  return text != nullptr ? *text : to_json();
}

const LogValue* LogRecord::field(std::string_view key) const {
  const auto it = std::ranges::find(fields, key, &LogField::key);
  return it == fields.end() ? nullptr : &it->value;
}

Logger Logger::with(LogFields fields) const {
  Logger narrower = *this;
  std::ranges::move(fields, std::back_inserter(narrower.context_));
  return narrower;
}

Logger Logger::named(std::string_view suffix) const {
  Logger other = *this;
  other.name_ += base::concat(".", suffix);
  return other;
}

void Logger::write(LogLevel level, std::string_view message, LogFields fields, Where where) const {
  if (!sink_->is_enabled(level)) {
    return;
  }
  LogRecord record{.level = level,
                   .logger = name_,
                   .message = std::string(message),
                   .file = where.file_name(),
                   .line = where.line()};
  record.fields = context_;
  std::ranges::move(fields, std::back_inserter(record.fields));
  sink_->write(record);
}

}  // namespace runtime
