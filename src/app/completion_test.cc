#include "app/completion.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace app {
namespace {

// A program with a flag, a choice and a positional choice.
struct Program {
  CLI::App app{"about", "karpenter"};
  std::string text;
  bool flag = false;

  Program() {
    CLI::App* plan = app.add_subcommand("plan", "makes the plan's text");
    plan->add_option("-o,--output", text, "form")->check(CLI::IsMember({"json", "yaml"}));
    plan->add_flag("--serve", flag, "serves");
    app.add_subcommand("completion", "prints")
        ->add_option("shell", text, "shell")
        ->check(CLI::IsMember({"bash", "fish"}));
  }

  std::string script(const std::string& shell) { return completion_script(app, shell); }
};

TEST(Completion, BashKnowsCommandsFlagsAndChoices) {
  const std::string script = Program().script("bash");
  EXPECT_NE(script.find("words=\"plan completion\""), std::string::npos) << script;
  EXPECT_NE(script.find("-o|--output) words=\"json yaml\""), std::string::npos) << script;
  EXPECT_NE(script.find("words=\"--help bash fish\""), std::string::npos) << script;
  EXPECT_EQ(script.find("--serve) words"), std::string::npos) << script;
}

TEST(Completion, ZshRunsTheBashScript) {
  Program program;
  EXPECT_TRUE(program.script("zsh").starts_with("autoload -U +X bashcompinit && bashcompinit\n"));
  EXPECT_TRUE(program.script("zsh").ends_with(program.script("bash")));
}

TEST(Completion, FishQuotesDescriptions) {
  const std::string script = Program().script("fish");
  EXPECT_NE(script.find("-a plan -d 'makes the plan\\'s text'"), std::string::npos) << script;
  EXPECT_NE(script.find("-l output -d 'form' -r -s o -f -a 'json yaml'"), std::string::npos)
      << script;
}

}  // namespace
}  // namespace app
