#include "runtime/log.h"

#include <chrono>
#include <cmath>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/files.h"
#include "runtime/log_sinks.h"
#include "runtime/virtual_executor.h"

namespace runtime {
namespace {

using namespace std::chrono_literals;

TEST(Log, JsonLineHasTheFixedKeysInOrder) {
  // OPR-20
  const LogRecord record{.level = LogLevel::kInfo,
                         .logger = "controller",
                         .message = "created nodeclaim",
                         .fields = {{"controller", "provisioner"},
                                    {"NodeClaim", object_reference("default-abcde")},
                                    {"count", 3}},
                         .file = "/x/src/control/provisioner.cc",
                         .line = 12};
  const WallTime time = base::from_unix_ns(1'136'214'245'007'000'000);
  EXPECT_EQ(to_json_line(record, time, "0123456", false),
            R"({"level":"INFO","time":"2006-01-02T15:04:05.007Z","logger":"controller",)"
            R"("message":"created nodeclaim","commit":"0123456","controller":"provisioner",)"
            R"("NodeClaim":{"name":"default-abcde"},"count":3})");
  const std::string debug = to_json_line(record, time, "", true);
  EXPECT_NE(debug.find(R"("caller":"control/provisioner.cc:12")"), std::string::npos);
  EXPECT_EQ(debug.find("commit"), std::string::npos);
}

TEST(Log, DurationsPrintAsText) {
  // OPR-20
  EXPECT_EQ(LogValue(1500ms).to_plain(), "1.5s");
  EXPECT_EQ(LogValue(Duration(0)).to_plain(), "0s");
  EXPECT_EQ(LogValue(Duration(90min)).to_plain(), "1h30m0s");
  EXPECT_EQ(LogValue(Duration(-2ms)).to_plain(), "-2ms");
  EXPECT_EQ(LogValue(Duration(61s)).to_json(), "\"1m1s\"");
}

TEST(Log, ObjectReferencesShowTheNamespaceOnlyWhenThereIsOne) {
  // OPR-24
  EXPECT_EQ(object_reference("x").text, R"({"name":"x"})");
  EXPECT_EQ(object_reference("x", "y").text, R"({"name":"x","namespace":"y"})");
}

TEST(Log, ContextStandsBeforeTheFieldsOfTheCall) {
  // OPR-20, OPR-21
  RecordingLogSink sink;
  const Logger log = Logger(sink, "controller").with({{"controller", "x"}}).named("runtime");
  log.error("Reconciler error", {{"error", base::Error{base::ErrorCode::kGone, "too old"}}});
  const LogRecord record = sink.records().at(0);
  EXPECT_EQ(record.logger, "controller.runtime");
  EXPECT_EQ(record.fields[0].key, "controller");
  EXPECT_EQ(record.field("error")->to_plain(), "too old");
  EXPECT_EQ(record.field("missing"), nullptr);
  EXPECT_EQ(sink.count("Reconciler error"), 1U);
}

TEST(Log, EscapesAndRepairsText) {
  EXPECT_EQ(LogValue("a\"b\\c\n\x01").to_json(), R"("a\"b\\c\n\u0001")");
  EXPECT_EQ(LogValue("\xff\xc3\xa9").to_json(), "\"\xef\xbf\xbd\xc3\xa9\"");
  EXPECT_EQ(LogValue(std::nan("")).to_json(), "null");
  EXPECT_EQ(text_list({"a", "b\""}).text, R"(["a","b\""])");
}

TEST(Log, JsonSinkFiltersByLevelAndWritesToFiles) {
  // OPR-27
  const std::string directory = make_temporary_directory().value();
  const std::string path = directory + "/log";
  VirtualExecutor executor;
  {
    auto sink =
        make_json_log_sink(executor.clock(), {.level = LogLevel::kError, .paths = {path}}).value();
    const Logger log(*sink, "controller");
    log.info("quiet");
    log.error("loud {} %v");
  }
  const std::string text = read_file(path).value();
  EXPECT_EQ(text.find("quiet"), std::string::npos);
  EXPECT_NE(text.find(R"("message":"loud {} %v"})"
                      "\n"),
            std::string::npos);
  EXPECT_TRUE(remove_file(path));
  EXPECT_FALSE(make_json_log_sink(executor.clock(), {.paths = {directory}}));
  ::rmdir(directory.c_str());
}

TEST(Log, ConsoleLineIsForPeople) {
  VirtualExecutor executor;
  std::string out;
  const auto sink = make_console_log_sink(
      executor.clock(), LogLevel::kInfo, false, [&](std::string_view line) { out += line; });
  const Logger log(*sink, "controller");
  log.debug("hidden");
  log.warn("slow", {{"node", "n1"}});
  EXPECT_EQ(out, "00:00:00.000 WARN  slow  node=n1\n");
}

}  // namespace
}  // namespace runtime
