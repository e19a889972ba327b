#include "app/live_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/table.h"
#include "base/text.h"

namespace app {
namespace {

constexpr std::size_t kRemembered = 8;
// Title, phase, two blank lines, the head of the table, the cursor's line.
constexpr std::size_t kFixedRows = 6;
constexpr k8s::DurationNs kSecond = 1'000'000'000;

constexpr std::string_view kHideCursor = "\x1b[?25l";
constexpr std::string_view kShowCursor = "\x1b[?25h";
constexpr std::string_view kClearBelow = "\x1b[J";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

// Without the last column: writing it makes some terminals wrap. A cut never splits a character.
std::string clipped(std::string line, std::size_t columns) {
  std::size_t end = columns > 1 ? columns - 1 : 1;
  if (line.size() > end) {
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) {
      --end;
    }
    line.resize(end);
  }
  return line;
}

std::string age_text(k8s::DurationNs age) {
  const std::int64_t seconds = age / kSecond;
  return seconds < 120 ? fmt::format("{}s", seconds) : fmt::format("{}m", seconds / 60);
}

std::vector<std::string> table_lines(const std::vector<Fleet::Node>& nodes, std::size_t most) {
  if (nodes.empty()) {
    return {"no nodes"};
  }
  Table table({"NODE", "TYPE", "ZONE", "CAPACITY", "PRICE/H", "PODS", "AGE", "STATE"});
  // When there are more than fit, the youngest are the ones that change.
  const std::size_t hidden = nodes.size() > most ? nodes.size() - most + 1 : 0;
  for (std::size_t i = hidden; i < nodes.size(); ++i) {
    const Fleet::Node& node = nodes[i];
    table.add({node.name,
               node.instance_type,
               node.zone,
               node.capacity_type,
               node.price > 0 ? fmt::format("${:.4f}", node.price) : "",
               std::to_string(node.pods),
               age_text(node.age),
               std::string(node.state)});
  }
  std::vector<std::string> lines;
  const std::string text = table.text();
  for (const std::string_view line : base::split(base::trim(text), '\n')) {
    lines.emplace_back(line);
  }
  if (hidden > 0) {
    lines.insert(lines.begin() + 1, fmt::format("({} older nodes)", hidden));
  }
  return lines;
}

std::string up(std::size_t lines) {
  return lines == 0 ? "" : fmt::format("\x1b[{}A", lines);
}

}  // namespace

void LiveView::remember(const std::string& line) {
  remembered_.push_back(line);
  if (remembered_.size() > kRemembered) {
    remembered_.pop_front();
  }
}

std::vector<std::string> LiveView::lines_of(const Frame& frame,
                                            const runtime::TerminalSize& size) const {
  const Fleet& fleet = frame.fleet;
  std::vector<std::string> lines{frame.title,
                                 fmt::format("{}   {} waiting, {} running   {}, ${:.4f} per hour",
                                             frame.phase,
                                             counted(fleet.waiting_pods, "pod"),
                                             fleet.running_pods,
                                             counted(fleet.nodes.size(), "node"),
                                             fleet.price),
                                 ""};
  const std::size_t left = size.rows > kFixedRows ? size.rows - kFixedRows : 0;
  const std::size_t told = std::min(remembered_.size(), left / 2);
  for (std::string& line : table_lines(fleet.nodes, std::max<std::size_t>(left - told, 1))) {
    lines.push_back(std::move(line));
  }
  lines.emplace_back();
  lines.insert(
      lines.end(), remembered_.end() - static_cast<std::ptrdiff_t>(told), remembered_.end());
  for (std::string& line : lines) {
    line = clipped(std::move(line), size.columns);
  }
  lines.resize(std::min(lines.size(), std::max<std::size_t>(size.rows, 2) - 1));
  return lines;
}

std::string LiveView::decorated(std::size_t index, const std::string& line) const {
  if (!has_color_ || index != 0) {
    return line;
  }
  return base::concat(kBold, line, kPlain);
}

void LiveView::paint(const Frame& frame, const runtime::TerminalSize& size) {
  std::vector<std::string> lines = lines_of(frame, size);
  if (lines == shown_) {
    return;
  }
  std::string out = shown_.empty() ? std::string(kHideCursor) : "\r" + up(shown_.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out.append(decorated(i, lines[i])).append(kClearLine).append("\n");
  }
  write_(out.append(kClearBelow));
  shown_ = std::move(lines);
}

void LiveView::erase() {
  if (shown_.empty()) {
    return;
  }
  write_(base::concat("\r", up(shown_.size()), kClearBelow, kShowCursor));
  shown_.clear();
}

}  // namespace app
