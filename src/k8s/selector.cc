#include "k8s/selector.h"

#include <algorithm>
#include <charconv>

namespace k8s {
namespace {

using base::ErrorCode;
using base::fail;

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool ok = error == std::errc() && end == text.data() + text.size();
  return ok ? std::optional(value) : std::nullopt;
}

bool compares(const SelectorTerm& term, std::string_view label) {
  if (term.values.size() != 1) {
    return false;
  }
  const std::optional<std::int64_t> have = to_integer(label);
  const std::optional<std::int64_t> bound = to_integer(term.values[0]);
  if (!have || !bound) {
    return false;
  }
  return (term.op == "Gt" && *have > *bound) || (term.op == "Lt" && *have < *bound) ||
         (term.op == "Gte" && *have >= *bound) || (term.op == "Lte" && *have <= *bound);
}

// Recursive descent over the selector's text.
class LabelParser {
 public:
  explicit LabelParser(std::string_view text) : text_(text) {}

  base::Result<std::vector<SelectorTerm>> parse() {
    std::vector<SelectorTerm> terms;
    skip_space();
    while (at_ < text_.size()) {
      terms.push_back(TRY(term()));
      skip_space();
      if (at_ < text_.size() && !take(",")) {
        return refuse("\",\"");
      }
      skip_space();
      if (at_ == text_.size() && text_[at_ - 1] == ',') {
        return refuse("another requirement");
      }
    }
    return terms;
  }

 private:
  base::Result<SelectorTerm> term() {
    if (take("!")) {
      skip_space();
      return SelectorTerm{TRY(key()), "DoesNotExist", {}, {}};
    }
    SelectorTerm out{TRY(key()), "Exists", {}, {}};
    skip_space();
    if (at_ == text_.size() || text_[at_] == ',') {
      return out;
    }
    if (take_word("in") || take_word("notin")) {
      out.op = text_[at_ - 3] == 't' ? "NotIn" : "In";
      out.values = TRY(value_set());
      return out;
    }
    const bool is_not = take("!=");
    if (is_not || take("==") || take("=")) {
      out.op = is_not ? "NotIn" : "In";
      out.values = {word()};
      return out;
    }
    if (take(">") || take("<")) {
      out.op = text_[at_ - 1] == '>' ? "Gt" : "Lt";
      out.values = {word()};
      return to_integer(out.values[0]) ? base::Result<SelectorTerm>(out) : refuse("an integer");
    }
    return refuse("one of =, ==, !=, in, notin, >, <");
  }

  base::Result<std::vector<std::string>> value_set() {
    std::vector<std::string> values;
    skip_space();
    if (!take("(")) {
      return refuse("\"(\"");
    }
    do {
      values.push_back(word());
      skip_space();
    } while (take(","));
    if (!take(")")) {
      return refuse("\",\" or \")\"");
    }
    std::ranges::sort(values);
    return values;
  }

  base::Result<std::string> key() {
    std::string out = word();
    if (out.empty()) {
      return refuse("a label key");
    }
    return out;
  }

  // Letters, digits and the marks that keys and values may hold; may be empty.
  std::string word() {
    skip_space();
    const std::size_t start = at_;
    while (at_ < text_.size() && std::string_view(" \t,()=!<>").find(text_[at_]) == npos) {
      ++at_;
    }
    return std::string(text_.substr(start, at_ - start));
  }

  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) {
      return false;
    }
    at_ += token.size();
    return true;
  }

  // A word as such: followed by a space or "(".
  bool take_word(std::string_view token) {
    const std::size_t end = at_ + token.size();
    if (end < text_.size() && (text_[end] == ' ' || text_[end] == '(')) {
      return take(token);
    }
    return false;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  std::unexpected<base::Error> refuse(std::string_view expected) const {
    return fail(ErrorCode::kInvalid,
                std::string("label selector \"")
                    .append(text_.substr(0, 128))
                    .append("\": ")
                    .append(expected)
                    .append(" expected at character ")
                    .append(std::to_string(at_ + 1)));
  }

  static constexpr std::size_t npos = std::string_view::npos;
  std::string_view text_;
  std::size_t at_ = 0;
};

// Up to an unescaped comma.
std::string take_field_term(std::string_view& rest) {
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != ',') {
    end += rest[end] == '\\' ? 2U : 1U;
  }
  end = std::min(end, rest.size());
  std::string out(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    i += text[i] == '\\' && i + 1 < text.size() ? 1U : 0U;
    out.push_back(text[i]);
  }
  return out;
}

}  // namespace

bool matches(const SelectorTerm& term, const StringMap& labels) {
  const auto label = labels.find(term.key);
  const bool has = label != labels.end();
  const auto is_listed = [&] {
    return std::ranges::find(term.values, label->second) != term.values.end();
  };
  if (term.op == "In") {
    return has && is_listed();
  }
  if (term.op == "NotIn") {
    return !has || !is_listed();
  }
  if (term.op == "Exists") {
    return has;
  }
  if (term.op == "DoesNotExist") {
    return !has;
  }
  return has && compares(term, label->second);
}

bool matches(const std::vector<SelectorTerm>& terms, const StringMap& labels) {
  return std::ranges::all_of(terms, [&](const SelectorTerm& t) { return matches(t, labels); });
}

bool matches(const LabelSelector& selector, const StringMap& labels) {
  for (const auto& [key, value] : selector.match_labels) {
    const auto label = labels.find(key);
    if (label == labels.end() || label->second != value) {
      return false;
    }
  }
  return matches(selector.match_expressions, labels);
}

bool matches(const std::optional<LabelSelector>& selector, const StringMap& labels) {
  return selector.has_value() && matches(*selector, labels);
}

base::Result<std::vector<SelectorTerm>> parse_label_selector(std::string_view text) {
  return LabelParser(text).parse();
}

base::Result<std::vector<FieldTerm>> parse_field_selector(std::string_view text) {
  std::vector<FieldTerm> terms;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string term = take_field_term(rest);
    if (term.empty()) {
      continue;
    }
    const std::size_t equals = term.find('=');
    const bool is_negated = equals != std::string::npos && equals > 0 && term[equals - 1] == '!';
    const std::size_t key_end = is_negated ? equals - 1 : equals;
    if (equals == std::string::npos || key_end == 0) {
      return fail(ErrorCode::kInvalid,
                  std::string("field selector \"")
                      .append(text.substr(0, 128))
                      .append("\": path=value, path==value or path!=value expected, got \"")
                      .append(term.substr(0, 64))
                      .append("\""));
    }
    const bool is_double = !is_negated && equals + 1 < term.size() && term[equals + 1] == '=';
    const std::size_t value_start = equals + (is_double ? 2 : 1);
    terms.push_back({term.substr(0, key_end), unescape(term.substr(value_start)), is_negated});
  }
  return terms;
}

bool matches(const std::vector<FieldTerm>& terms,
             const std::function<std::string(std::string_view path)>& field_of) {
  return std::ranges::all_of(terms, [&](const FieldTerm& term) {
    return (field_of(term.path) == term.value) != term.is_negated;
  });
}

}  // namespace k8s
