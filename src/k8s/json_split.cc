#include "k8s/json_split.h"

#include <algorithm>

#include <simdjson.h>

namespace k8s {
namespace {

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
      } else if ((c == '}' || c == ']') && close(out)) {
        return true;
      }
    }
    return false;
  }

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
    if (depth_ == 1) {
      last_string_ = text_.substr(start, at_ - start);
    }
    return true;
  }

  void open(char c) {
    ++depth_;
    if (depth_ == 2) {
      in_items_ = c == '[' && last_string_ == "items";
    } else if (depth_ == 3 && in_items_) {
      item_ = {at_ - begin_, 0, line_};
    }
  }

  // True at the end of the document.
  bool close(JsonDocument& out) {
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
};

}  // namespace

std::optional<std::vector<JsonDocument>> split_json(std::string_view text) {
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
      return documents.empty() ? std::nullopt : std::optional(std::move(documents));
    }
    if (text[at] != '{') {
      return std::nullopt;
    }
    Splitter splitter(text, at, line);
    JsonDocument& document = documents.emplace_back();
    simdjson::dom::element element;
    if (!splitter.run(document) ||
        parser.parse(document.json.data(), document.json.size()).get(element) !=
            simdjson::SUCCESS) {
      return std::nullopt;
    }
    at = splitter.end();
    line = splitter.line();
  }
}

}  // namespace k8s
