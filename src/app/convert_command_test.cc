#include "app/convert_command.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "runtime/files.h"

namespace app {
namespace {

constexpr const char* kOld = R"(# ours
apiVersion: v1
kind: ConfigMap
metadata: {name: kept} # as it is
---
# theirs
apiVersion: karpenter.sh/v1beta1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      nodeClassRef: {name: default}
      requirements: []
)";

class ConvertFiles : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::string path =
        (std::filesystem::temp_directory_path() /
         (testing::UnitTest::GetInstance()->current_test_info()->name() + name))
            .string();
    EXPECT_TRUE(runtime::write_file(path, text));
    paths_.push_back(path);
    return path;
  }

  void TearDown() override {
    for (const std::string& path : paths_) {
      std::filesystem::remove(path);
    }
  }

 private:
  std::vector<std::string> paths_;
};

TEST_F(ConvertFiles, KeepsTheTextOfWhatNeedsNoChange) {
  // API-196
  const auto once = convert_files({.paths = {write("old.yaml", kOld)}});
  ASSERT_TRUE(once) << once.error().detail;
  EXPECT_TRUE(
      once->text.starts_with("# ours\napiVersion: v1\nkind: ConfigMap\n"
                             "metadata: {name: kept} # as it is\n---\n# Converted by"));
  EXPECT_NE(once->text.find("old.yaml:7.\n# - nodeClassRef.group is required"), std::string::npos)
      << once->text;
  const auto twice = convert_files({.paths = {write("new.yaml", once->text)}});
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->text, once->text);
}

TEST_F(ConvertFiles, JsonHasItsNotesApart) {
  // API-196
  const auto converted = convert_files({.paths = {write("old.yaml", kOld)}, .output = "json"});
  ASSERT_TRUE(converted);
  EXPECT_EQ(converted->text.find('#'), std::string::npos);
  EXPECT_EQ(converted->notes.size(), 2u);
}

TEST_F(ConvertFiles, NamesTheLineOfBadInput) {
  // API-196
  const auto broken =
      convert_files({.paths = {write("bad.yaml", std::string(kOld) + "---\na: [")}});
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().detail.find("bad.yaml:1"), std::string::npos) << broken.error().detail;
  EXPECT_FALSE(convert_files({.paths = {write("none.yaml", "# nothing\n")}}));
  EXPECT_FALSE(convert_files({.paths = {"/no/such/file"}}));
}

}  // namespace
}  // namespace app
