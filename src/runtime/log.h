// Structured logging: a constant message, a level, keys with values. A Logger is a value that
// carries a sink, a name and context keys; make a narrower one with with(). No global logger.
//
//   Logger log(sink, "controller");
//   Logger mine = log.with({{"controller", "provisioner"}});
//   mine.info("created nodeclaim", {{"NodeClaim", json("{\"name\":\"x\"}")}, {"requests", n}});
//
// Messages are constants, so that they can be searched and counted; what varies goes into keys.
// Nothing secret, nothing unbounded. Thread rule: sinks may be written from any thread; a Logger is
// a value whose sink must outlive it.
#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "runtime/clock.h"

namespace runtime {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };

std::string_view to_string(LogLevel level);  // "DEBUG", "INFO", "WARN", "ERROR".

// Text that is JSON already and is put in as it is.
struct JsonText {
  std::string text;
};

JsonText json(std::string text);
// {"name":"x"} or {"name":"x","namespace":"y"} (OPR-24).
JsonText object_reference(std::string_view name, std::string_view namespace_ = {});
// A JSON array of strings.
JsonText text_list(const std::vector<std::string>& texts);

class LogValue {
 public:
  using Value = std::variant<std::string, std::int64_t, double, bool, JsonText>;

  LogValue(std::string_view text) : value_(std::string(text)) {}

  LogValue(std::string text) : value_(std::move(text)) {}

  LogValue(const char* text) : value_(std::string(text)) {}

  LogValue(JsonText text) : value_(std::move(text)) {}

  // As Kubernetes prints durations: "1.5s" (OPR-20).
  LogValue(Duration duration);

  LogValue(const base::Error& error) : value_(error.detail) {}

  template <typename T>
    requires std::is_arithmetic_v<T>
  LogValue(T number) : value_(from_number(number)) {}

  const Value& value() const { return value_; }

  // As it stands in a JSON record.
  std::string to_json() const;
  // For people: text without quotes.
  std::string to_plain() const;

 private:
  template <typename T>
  static Value from_number(T number) {
    if constexpr (std::is_same_v<T, bool>) {
      return number;
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<double>(number);
    } else {
      return static_cast<std::int64_t>(number);
    }
  }

  Value value_;
};

struct LogField {
  std::string key;
  LogValue value;
};

using LogFields = std::vector<LogField>;

struct LogRecord {
  LogLevel level = LogLevel::kInfo;
  std::string logger{};
  std::string message{};
  LogFields fields{};  // Context first, then those of the call (OPR-20).
  const char* file = "";
  std::uint32_t line = 0;

  // nullptr when absent.
  const LogValue* field(std::string_view key) const;
};

class LogSink {
 public:
  LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  virtual ~LogSink() = default;

  virtual bool is_enabled(LogLevel level) const = 0;
  virtual void write(const LogRecord& record) = 0;
};

class Logger {
 public:
  using Where = std::source_location;

  Logger(LogSink& sink, std::string name) : sink_(&sink), name_(std::move(name)) {}

  Logger with(LogFields fields) const;
  // The name with a dotted suffix (OPR-21).
  Logger named(std::string_view suffix) const;

  void debug(std::string_view message,
             LogFields fields = {},
             Where where = Where::current()) const {
    write(LogLevel::kDebug, message, std::move(fields), where);
  }

  void info(std::string_view message, LogFields fields = {}, Where where = Where::current()) const {
    write(LogLevel::kInfo, message, std::move(fields), where);
  }

  void warn(std::string_view message, LogFields fields = {}, Where where = Where::current()) const {
    write(LogLevel::kWarn, message, std::move(fields), where);
  }

  void error(std::string_view message,
             LogFields fields = {},
             Where where = Where::current()) const {
    write(LogLevel::kError, message, std::move(fields), where);
  }

  bool is_debug() const { return sink_->is_enabled(LogLevel::kDebug); }

  void write(LogLevel level, std::string_view message, LogFields fields, Where where) const;

 private:
  LogSink* sink_;
  std::string name_;
  LogFields context_;
};

}  // namespace runtime
