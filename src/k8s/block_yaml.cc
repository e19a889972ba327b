#include "k8s/block_yaml.h"

#include <algorithm>
#include <functional>
#include <string>

#include <simdjson.h>

#include "k8s/block_scalar.h"
#include "k8s/json_out.h"
#include "k8s/yaml_scalar.h"

namespace k8s {
namespace {

constexpr int kMaxDepth = 100;

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '/' || c == '-' || c == '~' || c == '+' || c == '$' || c == '@' ||
         c == '=' || c == '(' || c == ')' || c == '*' || c == '%' || c == ';';
}

// The keys of one mapping, for noticing a duplicate. Small mappings are searched, large ones given
// up on: libyaml takes them.
class SeenKeys {
 public:
  bool add(std::string_view key) {
    constexpr std::size_t kMaxKeys = 256;
    const std::size_t hash = std::hash<std::string_view>()(key);
    if (hashes_.size() >= kMaxKeys || std::ranges::find(hashes_, hash) != hashes_.end()) {
      return false;
    }
    hashes_.push_back(hash);
    return true;
  }

 private:
  std::vector<std::size_t> hashes_;
};

// Every function returns false when the document is not for us.
class BlockConverter {
 public:
  BlockConverter(std::string_view text, int first_line) : in_(text, first_line) {}

  std::optional<JsonDocument> run() {
    out_.json.reserve(in_.text.size() + in_.text.size() / 8);
    if (!in_.seek_content()) {
      return std::nullopt;
    }
    out_.line = in_.line;
    const bool ok = node(-1, 0) && !in_.seek_content() && in_.at_end();
    return ok ? std::optional(std::move(out_)) : std::nullopt;
  }

 private:
  // A collection that begins at the cursor, in column in_.column(). `parent`: the column of what
  // holds it.
  bool node(int parent, int depth) {
    if (depth > kMaxDepth || in_.column() <= parent) {
      return false;
    }
    return in_.is_dash() ? sequence(in_.column(), depth) : mapping(in_.column(), depth);
  }

  bool mapping(int column, int depth) {
    SeenKeys seen;
    out_.json.push_back('{');
    for (bool is_first = true;; is_first = false) {
      std::string_view key;
      if (!read_key(&key) || !seen.add(key)) {
        return false;
      }
      out_.json.append(is_first ? "" : ",");
      append_json_string(out_.json, key);
      out_.json.push_back(':');
      const bool is_items = depth == 0 && key == "items";
      if (!member_value(column, depth, is_items)) {
        return false;
      }
      if (!in_.seek_content() || in_.column() < column) {
        break;
      }
      if (in_.column() > column || in_.is_dash()) {
        return false;
      }
    }
    out_.json.push_back('}');
    return true;
  }

  bool member_value(int column, int depth, bool is_items) {
    in_.skip_spaces();
    if (!in_.at_line_end()) {
      return value_on_line(column, depth);
    }
    // Nothing behind the key: a block below it, or null.
    const bool has_more = in_.seek_content();
    if (has_more && in_.column() > column) {
      in_items_ = is_items;
      return node(column, depth + 1);
    }
    if (has_more && in_.column() == column && in_.is_dash()) {
      in_items_ = is_items;
      return depth < kMaxDepth && sequence(column, depth + 1);
    }
    out_.json.append("null");
    return !in_.has_tab_indent();
  }

  bool sequence(int column, int depth) {
    const bool is_items = std::exchange(in_items_, false);
    out_.json.push_back('[');
    for (bool is_first = true;; is_first = false) {
      out_.json.append(is_first ? "" : ",");
      const JsonSpan span{out_.json.size(), 0, in_.line};
      in_.skip(1);
      in_.skip_spaces();
      if (!item(column, depth)) {
        return false;
      }
      if (is_items) {
        out_.items.push_back({span.begin, out_.json.size(), span.line});
      }
      if (!in_.seek_content() || in_.column() < column) {
        break;
      }
      if (in_.column() > column) {
        return false;
      }
      if (!in_.is_dash()) {
        break;  // The next key of a mapping in the same column.
      }
    }
    out_.json.push_back(']');
    return true;
  }

  bool item(int column, int depth) {
    if (in_.at_line_end()) {
      if (in_.seek_content() && in_.column() > column) {
        return node(column, depth + 1);
      }
      out_.json.append("null");
      return !in_.has_tab_indent();
    }
    if (in_.is_dash() || starts_mapping()) {
      return node(column, depth + 1);
    }
    return value_on_line(column, depth);
  }

  // Whether "key:" stands at the cursor.
  bool starts_mapping() const {
    BlockCursor probe = in_;
    std::string_view key;
    std::string scratch;
    return scan_key(probe, &key, scratch);
  }

  bool read_key(std::string_view* key) {
    if (!scan_key(in_, key, key_text_)) {
      return false;
    }
    return true;
  }

  // Leaves the cursor behind the colon.
  static bool scan_key(BlockCursor& in, std::string_view* key, std::string& scratch) {
    const char quote = in.peek();
    if (quote == '"' || quote == '\'') {
      if (!scan_quoted_key(in, quote, key)) {
        return false;
      }
    } else {
      if (!is_key_char(quote) || quote == '*' || quote == '%' || quote == '@') {
        return false;
      }
      const std::size_t start = in.at;
      while (is_key_char(in.peek())) {
        in.skip(1);
      }
      *key = in.text.substr(start, in.at - start);
      scratch = plain_key(*key);
      *key = scratch;
    }
    if (in.peek() != ':' || !in.is_space_at(1)) {
      return false;
    }
    in.skip(1);
    return true;
  }

  static bool scan_quoted_key(BlockCursor& in, char quote, std::string_view* key) {
    const std::size_t start = in.at + 1;
    const std::size_t end = in.text.find_first_of("\"'\\\n", start);
    if (end == std::string_view::npos || in.text[end] != quote) {
      return false;
    }
    *key = in.text.substr(start, end - start);
    in.at = end + 1;
    return in.peek() != quote;
  }

  bool value_on_line(int parent, int depth) {
    switch (in_.peek()) {
      case '"':
        return append_double_quoted(in_, out_.json);
      case '\'':
        return append_single_quoted(in_, out_.json);
      case '|':
        return append_literal(in_, parent, out_.json);
      case '{':
      case '[':
        return empty_collection();
      default:
        return depth <= kMaxDepth && append_plain(in_, parent, out_.json);
    }
  }

  bool empty_collection() {
    const std::string_view pair = in_.text.substr(in_.at, 2);
    if (pair != "{}" && pair != "[]") {
      return false;
    }
    out_.json.append(pair);
    in_.skip(2);
    in_.skip_spaces();
    return in_.at_line_end();
  }

  BlockCursor in_;
  JsonDocument out_;
  std::string key_text_;
  bool in_items_ = false;  // The sequence that comes next is the document's "items".
};

// libyaml has more line breaks than we look for, and refuses what is not printable.
bool is_plain_text(std::string_view text) {
  return text.find('\r') == std::string_view::npos &&
         text.find("\xC2\x85") == std::string_view::npos &&
         text.find("\xE2\x80\xA8") == std::string_view::npos &&
         text.find("\xE2\x80\xA9") == std::string_view::npos &&
         text.find("\xEF\xBB\xBF") == std::string_view::npos && is_printable(text) &&
         simdjson::validate_utf8(text.data(), text.size());
}

// A marker in the first column ends a document even inside a scalar. Whoever has split the text at
// markers never meets this.
bool has_marker(std::string_view text) {
  return text.starts_with("---") || text.starts_with("...") ||
         text.find("\n---") != std::string_view::npos ||
         text.find("\n...") != std::string_view::npos;
}

}  // namespace

std::optional<JsonDocument> convert_block_yaml(std::string_view text, int first_line) {
  if (!is_plain_text(text) || has_marker(text)) {
    return std::nullopt;
  }
  return BlockConverter(text, first_line).run();
}

}  // namespace k8s
