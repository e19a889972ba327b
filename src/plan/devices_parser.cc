// Text to expression: recursive descent over the grammar of CEL.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/text.h"
#include "plan/devices_expression.h"

namespace plan {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using Op = DeviceExpression::Op;
using Node = DeviceExpression::Node;

// The API's own limit for selectors; the depth keeps the stack small.
constexpr std::size_t kMaxLength = 10 * 1024;
constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxNodes = 2000;

struct Function {
  std::string_view name;
  std::size_t arguments;  // The receiver of a method included.
  bool is_method;
};

constexpr std::array kFunctions = {
    Function{"quantity", 1, false},  Function{"isQuantity", 1, false},
    Function{"semver", 1, false},    Function{"isSemver", 1, false},
    Function{"size", 1, false},      Function{"size", 1, true},
    Function{"startsWith", 2, true}, Function{"endsWith", 2, true},
    Function{"contains", 2, true},   Function{"matches", 2, true},
    Function{"lowerAscii", 1, true}, Function{"upperAscii", 1, true},
    Function{"compareTo", 2, true},  Function{"isGreaterThan", 2, true},
    Function{"isLessThan", 2, true}, Function{"asInteger", 1, true},
    Function{"isInteger", 1, true},  Function{"asApproximateFloat", 1, true},
    Function{"sign", 1, true},       Function{"add", 2, true},
    Function{"sub", 2, true},        Function{"major", 1, true},
    Function{"minor", 1, true},      Function{"patch", 1, true},
};

bool starts_name(char c) {
  return c == '_' || std::isalpha(static_cast<unsigned char>(c)) != 0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  Result<DeviceExpression> parse() {
    if (text_.size() > kMaxLength) {
      return fail(ErrorCode::kLimit, "the expression is longer than 10240 bytes");
    }
    out_.root_ = TRY(conditional());
    skip_space();
    if (at_ != text_.size()) {
      return unexpected();
    }
    if (out_.nodes_.size() > kMaxNodes) {
      return fail(ErrorCode::kLimit, "the expression has more than 2000 parts");
    }
    return std::move(out_);
  }

 private:
  using Index = Result<std::uint32_t>;

  struct Infix {
    std::string_view text;
    Op op;
  };

  std::unexpected<base::Error> unexpected() const {
    const std::string_view rest = text_.substr(at_, 10);
    return fail(ErrorCode::kInvalid,
                rest.empty() ? std::string("unexpected end")
                             : base::concat("unexpected \"", rest, "\" at ", at_ + 1));
  }

  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
      ++at_;
    }
  }

  bool take(std::string_view token) {
    skip_space();
    if (!text_.substr(at_).starts_with(token)) {
      return false;
    }
    at_ += token.size();
    return true;
  }

  // A word operator, not the beginning of a longer name.
  bool take_word(std::string_view word) {
    skip_space();
    const std::size_t end = at_ + word.size();
    if (!text_.substr(at_).starts_with(word) ||
        (end < text_.size() && (starts_name(text_[end]) || is_digit(text_[end])))) {
      return false;
    }
    at_ = end;
    return true;
  }

  std::uint32_t add(Node node) {
    out_.nodes_.push_back(std::move(node));
    return static_cast<std::uint32_t>(out_.nodes_.size() - 1);
  }

  std::uint32_t literal(Value value) { return add({.literal = std::move(value)}); }

  Index conditional() {
    if (++depth_ > kMaxDepth) {
      return fail(ErrorCode::kLimit, "the expression is nested too deeply");
    }
    std::uint32_t result = TRY(either());
    if (take("?")) {
      const std::uint32_t then = TRY(either());
      if (!take(":")) {
        return unexpected();
      }
      const std::uint32_t otherwise = TRY(conditional());
      result = add({.op = Op::kConditional, .args = {result, then, otherwise}});
    }
    --depth_;
    return result;
  }

  Index either() {
    std::uint32_t left = TRY(both());
    while (take("||")) {
      const std::uint32_t right = TRY(both());
      left = add({.op = Op::kOr, .args = {left, right}});
    }
    return left;
  }

  Index both() {
    std::uint32_t left = TRY(relation());
    while (take("&&")) {
      const std::uint32_t right = TRY(relation());
      left = add({.op = Op::kAnd, .args = {left, right}});
    }
    return left;
  }

  Index relation() {
    // Longer operators first.
    constexpr std::array kRelations = {Infix{"==", Op::kEqual},
                                       Infix{"!=", Op::kNotEqual},
                                       Infix{"<=", Op::kLessEqual},
                                       Infix{">=", Op::kGreaterEqual},
                                       Infix{"<", Op::kLess},
                                       Infix{">", Op::kGreater}};
    std::uint32_t left = TRY(sum());
    while (true) {
      const auto found =
          std::ranges::find_if(kRelations, [&](const Infix& i) { return take(i.text); });
      if (found == kRelations.end() && !take_word("in")) {
        return left;
      }
      const Op op = found == kRelations.end() ? Op::kIn : found->op;
      const std::uint32_t right = TRY(sum());
      left = add({.op = op, .args = {left, right}});
    }
  }

  Index sum() {
    std::uint32_t left = TRY(product());
    while (true) {
      const Op op = take("+") ? Op::kAdd : take("-") ? Op::kSubtract : Op::kLiteral;
      if (op == Op::kLiteral) {
        return left;
      }
      const std::uint32_t right = TRY(product());
      left = add({.op = op, .args = {left, right}});
    }
  }

  Index product() {
    std::uint32_t left = TRY(unary());
    while (true) {
      const Op op = take("*")   ? Op::kMultiply
                    : take("/") ? Op::kDivide
                    : take("%") ? Op::kRemainder
                                : Op::kLiteral;
      if (op == Op::kLiteral) {
        return left;
      }
      const std::uint32_t right = TRY(unary());
      left = add({.op = op, .args = {left, right}});
    }
  }

  Index unary() {
    std::vector<Op> signs;
    while (true) {
      if (take("!")) {
        signs.push_back(Op::kNot);
      } else if (take("-")) {
        signs.push_back(Op::kNegate);
      } else {
        break;
      }
    }
    std::uint32_t result = TRY(member());
    for (; !signs.empty(); signs.pop_back()) {
      result = add({.op = signs.back(), .args = {result}});
    }
    return result;
  }

  Index member() {
    std::uint32_t result = TRY(primary());
    while (true) {
      if (take("[")) {
        const std::uint32_t key = TRY(conditional());
        if (!take("]")) {
          return unexpected();
        }
        result = add({.op = Op::kIndex, .args = {result, key}});
      } else if (take(".")) {
        std::string name = TRY(identifier());
        result = take("(") ? TRY(method(result, std::move(name)))
                           : add({.op = Op::kSelect, .name = std::move(name), .args = {result}});
      } else {
        return result;
      }
    }
  }

  Result<std::string> identifier() {
    skip_space();
    const std::size_t begin = at_;
    if (at_ == text_.size() || !starts_name(text_[at_])) {
      return unexpected();
    }
    while (at_ < text_.size() && (starts_name(text_[at_]) || is_digit(text_[at_]))) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  Index primary() {
    skip_space();
    if (at_ == text_.size()) {
      return unexpected();
    }
    const char c = text_[at_];
    if (take("(")) {
      const std::uint32_t inner = TRY(conditional());
      return take(")") ? Index(inner) : unexpected();
    }
    if (take("[")) {
      return add({.op = Op::kList, .args = TRY(arguments(']'))});
    }
    if (c == '"' || c == '\'' || ((c == 'r' || c == 'R') && is_quote(at_ + 1))) {
      return literal({TRY(string())});
    }
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
      return number();
    }
    return name();
  }

  bool is_quote(std::size_t at) const {
    return at < text_.size() && (text_[at] == '"' || text_[at] == '\'');
  }

  Index name() {
    std::string word = TRY(identifier());
    if (word == "true" || word == "false") {
      return literal({word == "true"});
    }
    if (std::ranges::find(bound_, word) != bound_.end()) {
      return add({.op = Op::kVariable, .name = std::move(word)});
    }
    if (word == "device") {
      return add({.op = Op::kDevice});
    }
    if (word == "cel" && take(".bind(")) {
      return bind();
    }
    if (take("(")) {
      return word == "has" ? has() : call(std::move(word), false, {});
    }
    return fail(ErrorCode::kUnsupported, base::concat("undeclared reference to \"", word, "\""));
  }

  Index has() {
    const std::uint32_t member = TRY(conditional());
    if (!take(")")) {
      return unexpected();
    }
    if (out_.nodes_[member].op != Op::kSelect) {
      return fail(ErrorCode::kInvalid, "has() asks for a member");
    }
    out_.nodes_[member].op = Op::kHas;
    return member;
  }

  // cel.bind(name, value, body)
  Index bind() {
    std::string variable = TRY(identifier());
    if (!take(",")) {
      return unexpected();
    }
    const std::uint32_t value = TRY(conditional());
    if (!take(",")) {
      return unexpected();
    }
    return body(Op::kBind, value, std::move(variable));
  }

  Index body(Op op, std::uint32_t value, std::string variable) {
    bound_.push_back(variable);
    const std::uint32_t inner = TRY(conditional());
    bound_.pop_back();
    if (!take(")")) {
      return unexpected();
    }
    return add({.op = op, .name = std::move(variable), .args = {value, inner}});
  }

  Index method(std::uint32_t receiver, std::string name) {
    if (name == "exists" || name == "all") {
      std::string variable = TRY(identifier());
      if (!take(",")) {
        return unexpected();
      }
      return body(name == "all" ? Op::kAll : Op::kExists, receiver, std::move(variable));
    }
    return call(std::move(name), true, {receiver});
  }

  Index call(std::string name, bool is_method, std::vector<std::uint32_t> args) {
    const auto more = TRY(arguments(')'));
    args.insert(args.end(), more.begin(), more.end());
    const bool is_known = std::ranges::any_of(kFunctions, [&](const Function& f) {
      return f.name == name && f.is_method == is_method && f.arguments == args.size();
    });
    if (!is_known) {
      return fail(ErrorCode::kUnsupported, base::concat("no function ", name, "() of this shape"));
    }
    return add({.op = Op::kCall, .name = std::move(name), .args = std::move(args)});
  }

  Result<std::vector<std::uint32_t>> arguments(char end) {
    std::vector<std::uint32_t> args;
    const std::string_view closing(&end, 1);
    while (!take(closing)) {
      if (!args.empty() && !take(",")) {
        return unexpected();
      }
      args.push_back(TRY(conditional()));
    }
    return args;
  }

  Index number() {
    const std::size_t begin = at_;
    bool is_double = false;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '.')) {
      is_double |= text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E';
      ++at_;
    }
    const std::string_view digits = text_.substr(begin, at_ - begin);
    if (const auto integer = is_double ? std::nullopt : base::parse_int(digits)) {
      return literal({*integer});
    }
    if (const auto real = is_double ? base::parse_double(digits) : std::nullopt) {
      return literal({*real});
    }
    return fail(ErrorCode::kUnsupported, base::concat("the number ", digits, " cannot be read"));
  }

  Result<std::string> string() {
    const bool is_raw = text_[at_] == 'r' || text_[at_] == 'R';
    at_ += is_raw ? 1 : 0;
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      const char c = text_[at_++];
      out += c == '\\' && !is_raw ? TRY(escape()) : c;
    }
    if (at_ == text_.size()) {
      return fail(ErrorCode::kInvalid, "a string has no end");
    }
    ++at_;
    return out;
  }

  Result<char> escape() {
    constexpr std::string_view kNames = "\\\"'`?nrt";
    constexpr std::string_view kChars = "\\\"'`?\n\r\t";
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    const std::size_t found = c == '\0' ? std::string_view::npos : kNames.find(c);
    if (found == std::string_view::npos) {
      return fail(ErrorCode::kUnsupported, "an escape in a string that is not known");
    }
    return kChars[found];
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<std::string> bound_;
  DeviceExpression out_;
};

Result<DeviceExpression> DeviceExpression::compile(std::string_view text) {
  return ExpressionParser(text).parse();
}

}  // namespace plan
