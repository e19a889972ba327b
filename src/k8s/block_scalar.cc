#include "k8s/block_scalar.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "k8s/json_out.h"
#include "k8s/yaml_scalar.h"

namespace k8s {
namespace {

constexpr std::size_t npos = std::string_view::npos;

// Behind a scalar there may be spaces and a comment.
bool finish_line(BlockCursor& in) {
  in.skip_spaces();
  return in.at_line_end();
}

// The text of a plain scalar on one line, from the cursor on; false when it holds what would end or
// break it. Leaves the cursor at the line's end or its comment.
bool take_plain_line(BlockCursor& in, std::string_view* text) {
  const std::size_t start = in.at;
  const std::size_t end = in.line_end();
  std::string_view line = in.text.substr(start, end - start);
  const std::size_t comment = line.find(" #");
  if (line.find('\t') != npos || comment != npos) {
    return false;
  }
  const std::size_t last = line.find_last_not_of(' ');
  line = line.substr(0, last + 1);
  if (line.find(": ") != npos || line.ends_with(':')) {
    return false;
  }
  *text = line;
  in.at = end;
  return true;
}

bool starts_plain(const BlockCursor& in) {
  const char c = in.peek();
  if (c == '-' || c == '?' || c == ':') {
    return !in.is_space_at(1);
  }
  return std::string_view(",[]{}#&*!|>'\"%@`\t\n").find(c) == npos;
}

// Whether the scalar goes on below: past blank lines there is a line further in than `parent`. On
// true the cursor stands at its text and *breaks counts the line ends in between.
bool seek_continuation(BlockCursor& in, int parent, int* breaks) {
  BlockCursor probe = in;
  *breaks = 0;
  do {
    if (!probe.next_line()) {
      return false;
    }
    ++*breaks;
    probe.skip_spaces();
  } while (probe.peek() == '\n' && !probe.at_end());
  if (probe.at_end() || probe.column() <= parent || probe.peek() == '#') {
    return false;
  }
  in = probe;
  return true;
}

// One line end is a space, more are one less.
void append_folded(std::string& out, int breaks) {
  if (breaks == 1) {
    out.push_back(' ');
  } else {
    out.append(static_cast<std::size_t>(breaks - 1), '\n');
  }
}

void trim_right(std::string& out, std::size_t keep) {
  while (out.size() > keep && (out.back() == ' ' || out.back() == '\t')) {
    out.pop_back();
  }
}

// The line ends inside quotes: spaces around them vanish. The cursor is at a '\n'.
bool fold_in_quotes(BlockCursor& in, int* breaks) {
  *breaks = 0;
  while (in.peek() == '\n') {
    if (!in.next_line()) {
      return false;
    }
    ++*breaks;
    while (in.peek() == ' ' || in.peek() == '\t') {
      in.skip(1);
    }
    if (in.at_end()) {
      return false;
    }
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto push = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    push(code);
  } else if (code < 0x800) {
    push(0xC0 | code >> 6);
    push(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    push(0xE0 | code >> 12);
    push(0x80 | (code >> 6 & 0x3F));
    push(0x80 | (code & 0x3F));
  } else {
    push(0xF0 | code >> 18);
    push(0x80 | (code >> 12 & 0x3F));
    push(0x80 | (code >> 6 & 0x3F));
    push(0x80 | (code & 0x3F));
  }
}

bool append_hex_escape(BlockCursor& in, std::size_t digits, std::string& text) {
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = in.peek();
    const std::size_t value =
        std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (value == npos || value < 10)) {
      return false;
    }
    code = code * 16 + static_cast<std::uint32_t>(is_digit ? c - '0' : static_cast<int>(value));
    in.skip(1);
  }
  if ((code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) {
    return false;
  }
  append_utf8(text, code);
  return true;
}

// The cursor is behind the backslash.
bool append_escape(BlockCursor& in, std::string& text) {
  constexpr std::string_view kNames = "0abtnvfre\"/\\ ";
  constexpr std::string_view kValues("\0\a\b\t\n\v\f\r\x1b\"/\\ ", 13);
  const char c = in.peek();
  in.skip(1);
  if (const std::size_t at = kNames.find(c); at != npos) {
    text.push_back(kValues[at]);
    return true;
  }
  if (c == 'x' || c == 'u' || c == 'U') {
    return append_hex_escape(in, c == 'x' ? 2 : c == 'u' ? 4 : 8, text);
  }
  return false;
}

// The indentation of the first line with text, looking ahead; -1 when blank lines before it are
// indented further, or there is none.
int literal_indent(const BlockCursor& in) {
  BlockCursor probe = in;
  int deepest_blank = 0;
  while (!probe.at_end()) {
    probe.skip_spaces();
    if (probe.peek() != '\n' && !probe.at_end()) {
      return probe.column() < deepest_blank || probe.has_tab_indent() ? -1 : probe.column();
    }
    deepest_blank = std::max(deepest_blank, probe.column());
    if (!probe.next_line()) {
      break;
    }
  }
  return -1;
}

// The lines of a literal: appends each with its line end, and says with how many line ends it
// ended.
std::size_t take_literal_lines(BlockCursor& in, int indent, std::string& text) {
  std::size_t blank = 0;
  while (!in.at_end()) {
    const std::size_t start = in.at;
    in.skip_spaces();
    const bool is_blank = in.peek() == '\n';
    if (!is_blank && in.column() < indent) {
      in.at = start;
      break;
    }
    const std::size_t end = in.line_end();
    const std::size_t begin = std::min(start + static_cast<std::size_t>(indent), end);
    if (begin == end) {
      ++blank;
    } else {
      text.append(blank, '\n').append(in.text, begin, end - begin);
      blank = 1;
    }
    in.at = end;
    if (!in.next_line()) {
      break;
    }
  }
  return blank;
}

}  // namespace

std::size_t BlockCursor::line_end() const {
  const std::size_t end = text.find('\n', at);
  return end == npos ? text.size() : end;
}

bool BlockCursor::next_line() {
  const std::size_t end = line_end();
  at = std::min(end + 1, text.size());
  line_start = at;
  line += end < text.size() ? 1 : 0;
  return end < text.size();
}

bool BlockCursor::seek_content() {
  for (;;) {
    skip_spaces();
    if (at_end() || has_tab_indent()) {
      return false;
    }
    if (!at_line_end()) {
      return true;
    }
    if (!next_line()) {
      return false;
    }
  }
}

bool is_printable(std::string_view text) {
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  };
  if (std::ranges::any_of(text, is_control)) {
    return false;
  }
  constexpr char kLatin1 = '\xC2';  // Leads U+0080 to U+00BF; the first half are controls too.
  for (std::size_t at = text.find(kLatin1); at != text.npos; at = text.find(kLatin1, at + 1)) {
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0) {
      return false;
    }
  }
  return text.find("\xEF\xBF\xBE") == text.npos && text.find("\xEF\xBF\xBF") == text.npos;
}

bool append_plain(BlockCursor& in, int parent, std::string& out) {
  std::string_view first;
  if (!starts_plain(in) || !take_plain_line(in, &first)) {
    return false;
  }
  int breaks = 0;
  if (!seek_continuation(in, parent, &breaks)) {
    return append_plain_scalar(out, first);
  }
  std::string text(first);
  do {
    std::string_view more;
    if (in.has_tab_indent() || !take_plain_line(in, &more)) {
      return false;
    }
    append_folded(text, breaks);
    text.append(more);
  } while (seek_continuation(in, parent, &breaks));
  return append_plain_scalar(out, text);
}

bool append_single_quoted(BlockCursor& in, std::string& out) {
  std::string text;
  in.skip(1);
  for (;;) {
    const std::size_t end = std::min(in.text.find_first_of("'\n", in.at), in.text.size());
    text.append(in.text, in.at, end - in.at);
    in.at = end;
    if (in.at_end()) {
      return false;
    }
    if (in.peek() == '\n') {
      trim_right(text, 0);
      int breaks = 0;
      if (!fold_in_quotes(in, &breaks)) {
        return false;
      }
      append_folded(text, breaks);
    } else if (in.peek(1) == '\'') {
      text.push_back('\'');
      in.skip(2);
    } else {
      in.skip(1);
      break;
    }
  }
  append_json_string(out, text);
  return finish_line(in);
}

bool append_double_quoted(BlockCursor& in, std::string& out) {
  std::string text;
  std::size_t keep = 0;  // What an escape wrote is not trimmed.
  in.skip(1);
  for (;;) {
    const std::size_t end = std::min(in.text.find_first_of("\"\\\n", in.at), in.text.size());
    text.append(in.text, in.at, end - in.at);
    in.at = end;
    if (in.at_end()) {
      return false;
    }
    if (in.peek() == '"') {
      in.skip(1);
      break;
    }
    int breaks = 0;
    if (in.peek() == '\n') {
      trim_right(text, keep);
      if (!fold_in_quotes(in, &breaks)) {
        return false;
      }
      append_folded(text, breaks);
      continue;
    }
    in.skip(1);
    if (in.peek() == '\n') {  // An escaped line end vanishes; blank lines behind it stay.
      if (!fold_in_quotes(in, &breaks)) {
        return false;
      }
      text.append(static_cast<std::size_t>(breaks - 1), '\n');
    } else if (!append_escape(in, text)) {
      return false;
    }
    keep = text.size();
  }
  append_json_string(out, text);
  return finish_line(in);
}

bool append_literal(BlockCursor& in, int parent, std::string& out) {
  in.skip(1);
  const char chomp = in.peek();
  if (chomp == '-' || chomp == '+') {
    in.skip(1);
  }
  in.skip_spaces();
  if (in.peek() != '\n' || !in.next_line()) {
    return false;
  }
  const int indent = literal_indent(in);
  if (indent <= std::max(parent, 0)) {
    return false;
  }
  std::string text;
  const std::size_t ends = take_literal_lines(in, indent, text);
  // Without a line end at the end of the text libyaml and we would count differently.
  if (in.at_end() && !in.text.ends_with('\n')) {
    return false;
  }
  text.append(chomp == '+' ? ends : chomp == '-' ? 0 : 1, '\n');
  append_json_string(out, text);
  return true;
}

}  // namespace k8s
