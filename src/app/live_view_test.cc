#include "app/live_view.h"

#include <gtest/gtest.h>

namespace app {
namespace {

LiveView::Frame frame_of(std::size_t nodes) {
  LiveView::Frame frame{.title = "title", .phase = "00:01  phase"};
  for (std::size_t i = 0; i < nodes; ++i) {
    frame.fleet.nodes.push_back({.name = "n" + std::to_string(i), .state = "ready"});
  }
  return frame;
}

struct Screen {
  std::string written;
  LiveView view{[this](const std::string& text) { written += text; }, false};
};

TEST(LiveView, WritesNothingWhenNothingChanged) {
  Screen screen;
  screen.view.paint(frame_of(1), {});
  screen.written.clear();
  screen.view.paint(frame_of(1), {});
  EXPECT_EQ(screen.written, "");
}

TEST(LiveView, PaintsOverItselfAndRestoresTheCursor) {
  Screen screen;
  screen.view.paint(frame_of(0), {});
  EXPECT_TRUE(screen.written.starts_with("\x1b[?25l"));
  const auto lines = screen.view.lines_of(frame_of(0), {}).size();
  screen.written.clear();
  screen.view.paint(frame_of(2), {});
  EXPECT_TRUE(screen.written.starts_with("\r\x1b[" + std::to_string(lines) + "A"));
  screen.written.clear();
  screen.view.erase();
  EXPECT_TRUE(screen.written.ends_with("\x1b[J\x1b[?25h"));
  screen.written.clear();
  screen.view.erase();
  EXPECT_EQ(screen.written, "");
}

TEST(LiveView, FitsTheTerminal) {
  Screen screen;
  for (int i = 0; i < 20; ++i) {
    screen.view.remember("00:01  something happened that takes many words to tell");
  }
  for (const runtime::TerminalSize size :
       {runtime::TerminalSize{40, 12}, {10, 3}, {1, 1}, {200, 60}}) {
    const auto lines = screen.view.lines_of(frame_of(100), size);
    EXPECT_LT(lines.size(), std::max<std::size_t>(size.rows, 2));
    for (const std::string& line : lines) {
      EXPECT_LE(line.size(), size.columns);
    }
  }
}

TEST(LiveView, ShowsTheYoungestNodesWhenThereAreTooMany) {
  Screen screen;
  const auto lines = screen.view.lines_of(frame_of(50), {.columns = 80, .rows = 20});
  std::string text;
  for (const std::string& line : lines) {
    text += line + "\n";
  }
  EXPECT_NE(text.find("n49 "), std::string::npos) << text;
  EXPECT_NE(text.find("older nodes)"), std::string::npos) << text;
  EXPECT_EQ(text.find("n0 "), std::string::npos) << text;
}

}  // namespace
}  // namespace app
