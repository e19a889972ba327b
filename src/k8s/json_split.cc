#include "k8s/json_split.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include <simdjson.h>

#include "base/text.h"

namespace k8s {
namespace {

struct Key {
  std::string_view text;  // As written: two spellings of one key count as two.
  int line = 0;
};

// Follows brackets and strings of one document; what it finds is checked by a parser afterwards.
class Splitter {
 public:
  Splitter(std::string_view text, std::size_t begin, int line)
      : text_(text), begin_(begin), at_(begin), line_(line) {}

  // False when the text ends first.
  bool run(JsonDocument& out) {
    out.line = line_;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
      } else if (c == '"') {
        if (!skip_string()) {
          return false;
        }
      } else if (c == '{' || c == '[') {
        open(c);
      } else if ((c == '}' || c == ']') && close(c, out)) {
        return true;
      }
    }
    return false;
  }

  // The first repetition of a key in one object.
  const std::optional<Key>& repeated() const { return repeated_; }

  std::size_t end() const { return at_ + 1; }

  int line() const { return line_; }

 private:
  bool skip_string() {
    const std::size_t start = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      at_ += text_[at_] == '\\' ? 2U : 1U;
    }
    if (at_ >= text_.size()) {
      return false;
    }
    const std::string_view text = text_.substr(start, at_ - start);
    if (depth_ == 1) {
      last_string_ = text;
    }
    const std::size_t next = text_.find_first_not_of(" \t\r\n", at_ + 1);
    if (next != std::string_view::npos && text_[next] == ':') {
      keys_.push_back({text, line_});
    }
    return true;
  }

  void check_keys() {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(objects_.back());
    std::stable_sort(
        begin, keys_.end(), [](const Key& a, const Key& b) { return a.text < b.text; });
    const auto same = std::adjacent_find(
        begin, keys_.end(), [](const Key& a, const Key& b) { return a.text == b.text; });
    if (same != keys_.end() && !repeated_) {
      repeated_ = *std::next(same);
    }
    keys_.erase(begin, keys_.end());
    objects_.pop_back();
  }

  void open(char c) {
    ++depth_;
    if (c == '{') {
      objects_.push_back(keys_.size());
    }
    if (depth_ == 2) {
      in_items_ = c == '[' && last_string_ == "items";
    } else if (depth_ == 3 && in_items_) {
      item_ = {at_ - begin_, 0, line_};
    }
  }

  // True at the end of the document.
  bool close(char c, JsonDocument& out) {
    if (c == '}' && !objects_.empty()) {
      check_keys();
    }
    --depth_;
    if (depth_ == 2 && in_items_) {
      item_.end = at_ + 1 - begin_;
      out.items.push_back(item_);
    } else if (depth_ == 0) {
      out.json = text_.substr(begin_, at_ + 1 - begin_);
      return true;
    }
    return false;
  }

  std::string_view text_;
  std::size_t begin_;
  std::size_t at_;
  int line_;
  int depth_ = 0;
  bool in_items_ = false;
  std::string_view last_string_;
  JsonSpan item_;
  std::vector<Key> keys_;             // Of all open objects.
  std::vector<std::size_t> objects_;  // Where the keys of each begin.
  std::optional<Key> repeated_;
};

std::unexpected<base::Error> not_json() {
  return base::fail(base::ErrorCode::kUnsupported, "not JSON");
}

}  // namespace

base::Result<std::vector<JsonDocument>> split_json(std::string_view text) {
  std::vector<JsonDocument> documents;
  simdjson::dom::parser parser;
  int line = 1;
  std::size_t at = 0;
  for (;;) {
    for (; at < text.size() && std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos;
         ++at) {
      line += text[at] == '\n' ? 1 : 0;
    }
    if (at == text.size()) {
      return documents;
    }
    if (text[at] != '{') {
      return not_json();
    }
    Splitter splitter(text, at, line);
    JsonDocument& document = documents.emplace_back();
    simdjson::dom::element element;
    if (!splitter.run(document) ||
        parser.parse(document.json.data(), document.json.size()).get(element) !=
            simdjson::SUCCESS) {
      return not_json();
    }
    if (const std::optional<Key>& key = splitter.repeated()) {
      return base::fail(
          base::ErrorCode::kInvalid,
          base::concat(std::to_string(key->line), ": the key \"", key->text, "\" is there twice"));
    }
    at = splitter.end();
    line = splitter.line();
  }
}

}  // namespace k8s
