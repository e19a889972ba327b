#include "runtime/files.h"

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/environment.h"
#include "runtime/process.h"
#include "runtime/real_executor.h"
#include "runtime/signals.h"

namespace runtime {
namespace {

class Files : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  std::string directory_ = make_temporary_directory().value();
};

TEST_F(Files, ReadsBackWhatWasWritten) {
  const std::string text("a\0b\n", 4);
  ASSERT_TRUE(write_file(path("x"), text, 0600));
  EXPECT_EQ(read_file(path("x")).value(), text);
  ASSERT_TRUE(write_file(path("x"), "short"));
  EXPECT_EQ(read_file(path("x")).value(), "short");
  EXPECT_EQ(list_directory(directory_)->size(), 1U);  // No temporary file stays behind.
}

TEST_F(Files, ErrorsNameThePath) {
  const auto missing = read_file(path("none"));
  EXPECT_EQ(missing.error().code, base::ErrorCode::kNotFound);
  EXPECT_NE(missing.error().detail.find(path("none")), std::string::npos);
  EXPECT_EQ(read_file(directory_).error().code, base::ErrorCode::kInvalid);
  EXPECT_EQ(write_file(path("none/x"), "").error().code, base::ErrorCode::kNotFound);
  EXPECT_EQ(list_directory(path("none")).error().code, base::ErrorCode::kNotFound);
}

TEST_F(Files, RefusesMoreThanTheLimit) {
  ASSERT_TRUE(write_file(path("x"), "12345"));
  EXPECT_EQ(read_file(path("x"), 5).value(), "12345");
  EXPECT_EQ(read_file(path("x"), 4).error().code, base::ErrorCode::kLimit);
}

TEST_F(Files, ReadsFilesWithoutASize) {
  EXPECT_FALSE(read_file("/proc/self/status")->empty());
}

TEST_F(Files, ListsByName) {
  ASSERT_TRUE(write_file(path("b"), ""));
  ASSERT_TRUE(make_directory(path("a/inner")));
  const auto entries = list_directory(directory_).value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_TRUE(entries[0].is_directory);
  EXPECT_EQ(entries[1].path, path("b"));
}

TEST(Environment, TellsUnsetFromEmpty) {
  Environment environment({{"A", ""}, {"B", "x=y"}});
  EXPECT_EQ(environment.get("A"), "");
  EXPECT_FALSE(environment.get("C").has_value());
  EXPECT_EQ(environment.get_or("B", "z"), "x=y");
  EXPECT_EQ(environment.get_or("C", "z"), "z");
  EXPECT_TRUE(Environment::of_process().get("PATH").has_value());
}

TEST(Process, TellsItsUsage) {
  const ProcessUsage usage = process_usage();
  EXPECT_GT(usage.resident_bytes, 0U);
  EXPECT_GE(usage.peak_resident_bytes, usage.resident_bytes / 2);
  EXPECT_GT(usage.threads, 0U);
  EXPECT_NE(executable_path().find("test_runtime"), std::string::npos);
  EXPECT_GE(terminal_size(Stream::kOut).columns, 1U);
}

TEST(TerminationSignals, ArriveOnTheLoop) {
  RealExecutor executor;
  std::vector<int> seen;
  const TerminationSignals signals(executor, [&](int signal) {
    seen.push_back(signal);
    if (seen.size() == 2) {
      executor.stop();
    } else {
      ::kill(process_id(), SIGTERM);
    }
  });
  ::kill(process_id(), SIGINT);
  executor.run();
  EXPECT_EQ(seen, (std::vector<int>{SIGINT, SIGTERM}));
}

}  // namespace
}  // namespace runtime
