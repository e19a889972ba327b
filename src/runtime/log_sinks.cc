#include "runtime/log_sinks.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <memory>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/text.h"
#include "runtime/json_text.h"

namespace runtime {

namespace {

std::string two_digits(std::int64_t number) {
  return base::concat(number < 10 ? "0" : "", number);
}

struct TimeText {
  std::string date;   // "2026-01-02"
  std::string clock;  // "15:04:05.123"
};

// Always UTC: the same record has the same text wherever it is written.
TimeText time_text(WallTime time) {
  using namespace std::chrono;
  const sys_time<nanoseconds> moment{time.time_since_epoch()};
  const sys_days day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss parts{floor<milliseconds>(moment - day)};
  const std::string millis = base::to_text(std::int64_t{parts.subseconds().count()});
  return {.date = base::concat(static_cast<int>(date.year()),
                               "-",
                               two_digits(static_cast<unsigned>(date.month())),
                               "-",
                               two_digits(static_cast<unsigned>(date.day()))),
          .clock = base::concat(two_digits(parts.hours().count()),
                                ":",
                                two_digits(parts.minutes().count()),
                                ":",
                                two_digits(parts.seconds().count()),
                                ".",
                                std::string(3 - millis.size(), '0'),
                                millis)};
}

// spdlog carries finished lines to their places; it filters and formats nothing itself.
class JsonLogSink final : public LogSink {
 public:
  JsonLogSink(const Clock& clock, LogOptions options, std::unique_ptr<spdlog::logger> out)
      : clock_(clock), options_(std::move(options)), out_(std::move(out)) {
    out_->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
    out_->flush_on(spdlog::level::trace);
  }

  bool is_enabled(LogLevel level) const override { return level >= options_.level; }

  void write(const LogRecord& record) override {
    if (!is_enabled(record.level)) {
      return;
    }
    // OPR-20: the caller is shown at debug level only.
    const bool with_caller = options_.level == LogLevel::kDebug;
    const std::string line = to_json_line(record, clock_.wall(), options_.commit, with_caller);
    out_->log(spdlog::level::info, spdlog::string_view_t(line));
  }

 private:
  const Clock& clock_;
  LogOptions options_;
  std::unique_ptr<spdlog::logger> out_;
};

class ConsoleLogSink final : public LogSink {
 public:
  ConsoleLogSink(const Clock& clock, LogLevel level, bool with_color, LineWriter writer)
      : clock_(clock), level_(level), with_color_(with_color), writer_(std::move(writer)) {}

  bool is_enabled(LogLevel level) const override { return level >= level_; }

  void write(const LogRecord& record) override {
    if (!is_enabled(record.level)) {
      return;
    }
    std::string line = base::concat(paint("2", time_text(clock_.wall()).clock),
                                    " ",
                                    paint(color(record.level), padded(record.level)),
                                    " ",
                                    record.message);
    for (const LogField& field : record.fields) {
      line += base::concat("  ", paint("2", field.key + "="), field.value.to_plain());
    }
    line += '\n';
    const std::scoped_lock lock(mutex_);
    writer_(line);
  }

 private:
  static std::string padded(LogLevel level) { return base::pad_right(to_string(level), 5); }

  static std::string_view color(LogLevel level) {
    static constexpr std::array<std::string_view, 4> kColors{"2", "32", "33", "31"};
    return kColors[static_cast<std::size_t>(level)];
  }

  std::string paint(std::string_view code, std::string_view text) const {
    return with_color_ ? base::concat("\x1b[", code, "m", text, "\x1b[0m") : std::string(text);
  }

  const Clock& clock_;
  LogLevel level_;
  bool with_color_;
  std::mutex mutex_;  // Guards writer_: one line at a time.
  LineWriter writer_;
};

void append_member(std::string& line, std::string_view key, std::string_view json_value) {
  line += base::concat(line.size() > 1 ? "," : "", quote_json(key), ":", json_value);
}

// The last two parts of the path (OPR-20).
std::string_view short_path(std::string_view path) {
  const std::size_t last = path.rfind('/');
  if (last == std::string_view::npos || last == 0) {
    return path;
  }
  const std::size_t before = path.rfind('/', last - 1);
  return before == std::string_view::npos ? path : path.substr(before + 1);
}

spdlog::sink_ptr open_place(const std::string& path) {
  if (path == "stdout") {
    return std::make_shared<spdlog::sinks::stdout_sink_mt>();
  }
  if (path == "stderr") {
    return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  return std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
}

}  // namespace

base::Result<std::unique_ptr<LogSink>> make_json_log_sink(const Clock& clock, LogOptions options) {
  std::vector<spdlog::sink_ptr> places;
  try {
    std::ranges::transform(options.paths, std::back_inserter(places), open_place);
  } catch (const spdlog::spdlog_ex& error) {
    return base::fail(base::ErrorCode::kInvalid, base::concat("open log: ", error.what()));
  }
  auto out = std::make_unique<spdlog::logger>("", places.begin(), places.end());
  return std::make_unique<JsonLogSink>(clock, std::move(options), std::move(out));
}

std::unique_ptr<LogSink> make_console_log_sink(const Clock& clock,
                                               LogLevel level,
                                               bool with_color,
                                               LineWriter writer) {
  return std::make_unique<ConsoleLogSink>(clock, level, with_color, std::move(writer));
}

std::string to_json_line(const LogRecord& record,
                         WallTime time,
                         std::string_view commit,
                         bool with_caller) {
  const TimeText text = time_text(time);
  std::string line = "{";
  append_member(line, "level", quote_json(to_string(record.level)));
  append_member(line, "time", quote_json(base::concat(text.date, "T", text.clock, "Z")));
  append_member(line, "logger", quote_json(record.logger));
  if (with_caller && record.line != 0) {
    append_member(
        line, "caller", quote_json(base::concat(short_path(record.file), ":", record.line)));
  }
  append_member(line, "message", quote_json(record.message));
  if (!commit.empty()) {
    append_member(line, "commit", quote_json(commit));
  }
  for (const LogField& field : record.fields) {
    append_member(line, field.key, field.value.to_json());
  }
  line += '}';
  return line;
}

void RecordingLogSink::write(const LogRecord& record) {
  const std::scoped_lock lock(mutex_);
  records_.push_back(record);
}

std::vector<LogRecord> RecordingLogSink::records() const {
  const std::scoped_lock lock(mutex_);
  return records_;
}

std::size_t RecordingLogSink::count(std::string_view message) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count(records_, message, &LogRecord::message));
}

void RecordingLogSink::clear() {
  const std::scoped_lock lock(mutex_);
  records_.clear();
}

}  // namespace runtime
