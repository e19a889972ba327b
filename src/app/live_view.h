// A few lines of a terminal that are repainted in place: where the demo stands, the fleet, the last
// things that happened. Calm: a frame is written at once, over the old one, and only when it
// differs; nothing scrolls. What must stay on the screen is printed around it.
//
//   LiveView view(write, {.has_color = true});
//   view.remember("00:05  Deployment inflate scaled to 5");
//   view.paint({.title = "...", .fleet = narrator.fleet(now)}, runtime::terminal_size(kOut));
//   view.erase();   // Before anything else is printed, and at the end: restores the terminal.
//
// Thread rule: loop thread. Ownership: holds the writer.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "app/narrator.h"
#include "runtime/process.h"

namespace app {

class LiveView {
 public:
  using Write = std::function<void(const std::string& text)>;

  struct Frame {
    std::string title;
    std::string phase;  // With the time.
    Fleet fleet;
  };

  LiveView(Write write, bool has_color) : write_(std::move(write)), has_color_(has_color) {}

  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;

  // Gives the cursor back.
  ~LiveView() { erase(); }

  // Shown below the fleet; only the last lines are kept.
  void remember(const std::string& line);
  void paint(const Frame& frame, const runtime::TerminalSize& size);
  void erase();

  // The frame as plain lines, none wider than the terminal, never more than it has rows.
  std::vector<std::string> lines_of(const Frame& frame, const runtime::TerminalSize& size) const;

 private:
  std::string decorated(std::size_t index, const std::string& line) const;

  Write write_;
  bool has_color_;
  std::deque<std::string> remembered_;
  std::vector<std::string> shown_;
};

}  // namespace app
