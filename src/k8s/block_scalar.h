// The cursor of the quick YAML converter, and its scalars. Internal to k8s/block_yaml.cc.
//
// Each append function reads the scalar at the cursor to the end of its last line and appends its
// JSON. False: leave the document to libyaml.
#pragma once

#include <string>
#include <string_view>

namespace k8s {

struct BlockCursor {
  std::string_view text;
  std::size_t at = 0;
  std::size_t line_start = 0;
  int line = 0;

  BlockCursor(std::string_view t, int first_line) : text(t), line(first_line) {}

  bool at_end() const { return at >= text.size(); }

  // '\n' at the end.
  char peek(std::size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\n';
  }

  bool is_space_at(std::size_t ahead) const { return peek(ahead) == ' ' || peek(ahead) == '\n'; }

  bool is_dash() const { return peek() == '-' && is_space_at(1); }

  int column() const { return static_cast<int>(at - line_start); }

  void skip(std::size_t count) { at += count; }

  void skip_spaces() {
    while (peek() == ' ' && !at_end()) {
      ++at;
    }
  }

  // Nothing but a comment follows on this line. A comment needs a space before it.
  bool at_line_end() const {
    return peek() == '\n' || (peek() == '#' && (at == line_start || text[at - 1] == ' '));
  }

  // The end of the current line: its '\n', or the end of the text.
  std::size_t line_end() const;
  // To the first column of the next line; false at the end.
  bool next_line();
  // To the next thing that is not blank, a comment or the rest of a finished line. When the cursor
  // stands in the indentation or in front of content already, it only skips. False at the end of
  // the text or at a tab in the indentation.
  bool seek_content();

  bool has_tab_indent() const { return peek() == '\t'; }
};

bool is_printable(std::string_view text);
bool append_plain(BlockCursor& in, int parent, std::string& out);
bool append_single_quoted(BlockCursor& in, std::string& out);
bool append_double_quoted(BlockCursor& in, std::string& out);
// "|", with "-" or "+" behind it perhaps.
bool append_literal(BlockCursor& in, int parent, std::string& out);

}  // namespace k8s
