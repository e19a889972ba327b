// The sinks: JSON lines as upstream writes them (OPR-20..22), lines for people, a recorder for
// tests, and one that drops everything.
//
// Thread rule: all of them may be written from any thread. Ownership: the clock must outlive the
// sink.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/log.h"

namespace runtime {

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  std::string commit{};                      // Empty: no "commit" key (OPR-22).
  std::vector<std::string> paths{"stdout"};  // "stdout", "stderr" or files.
};

// Errors: a path that cannot be opened.
base::Result<std::unique_ptr<LogSink>> make_json_log_sink(const Clock& clock, LogOptions options);

// "12:00:01.250 INFO  message  key=value": for a person at a terminal; colours if asked for.
// The writer gets whole lines with their newline; it may be called from any thread, one at a time.
using LineWriter = std::function<void(std::string_view line)>;
std::unique_ptr<LogSink> make_console_log_sink(const Clock& clock,
                                               LogLevel level,
                                               bool with_color,
                                               LineWriter writer);

// One line of JSON without its newline.
std::string to_json_line(const LogRecord& record,
                         WallTime time,
                         std::string_view commit,
                         bool with_caller);

class NullLogSink final : public LogSink {
 public:
  bool is_enabled(LogLevel) const override { return false; }

  void write(const LogRecord&) override {}
};

class RecordingLogSink final : public LogSink {
 public:
  bool is_enabled(LogLevel) const override { return true; }

  void write(const LogRecord& record) override;

  std::vector<LogRecord> records() const;
  // How many records have this message.
  std::size_t count(std::string_view message) const;
  void clear();

 private:
  mutable std::mutex mutex_;  // Guards records_.
  std::vector<LogRecord> records_;
};

}  // namespace runtime
