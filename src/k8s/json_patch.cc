// JSON patch (RFC 6902) over JSON pointers (RFC 6901).
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "k8s/patch.h"

namespace k8s {
namespace {

namespace json = boost::json;
using base::ErrorCode;
using base::fail;
using base::Result;

// The API server's own bounds: operations of one patch; what copies may add up to.
constexpr std::size_t kMaxOperations = 10'000;
constexpr std::size_t kMaxCopiedValues = 1'000'000;

using Tokens = std::vector<std::string>;

Result<Tokens> split_pointer(std::string_view pointer) {
  Tokens tokens;
  if (!pointer.empty() && pointer[0] != '/') {
    return fail(ErrorCode::kInvalid, "a path must be empty or start with \"/\"");
  }
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] != '~') {
      tokens.back().push_back(pointer[i]);
    } else {
      const char code = ++i < pointer.size() ? pointer[i] : '\0';
      if (code != '0' && code != '1') {
        return fail(ErrorCode::kInvalid, "\"~\" in a path must be followed by 0 or 1");
      }
      tokens.back().push_back(code == '0' ? '~' : '/');
    }
  }
  return tokens;
}

std::optional<std::size_t> to_index(std::string_view token, std::size_t limit) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool is_canonical = token == "0" || !token.starts_with('0');
  if (error != std::errc() || end != token.data() + token.size() || !is_canonical ||
      index >= limit) {
    return std::nullopt;
  }
  return index;
}

json::value* find_child(json::value& parent, const std::string& token) {
  if (json::object* object = parent.if_object()) {
    return object->if_contains(token);
  }
  if (json::array* array = parent.if_array()) {
    const std::optional<std::size_t> index = to_index(token, array->size());
    return index ? &(*array)[*index] : nullptr;
  }
  return nullptr;
}

std::unexpected<base::Error> missing() {
  return fail(ErrorCode::kInvalid, "the path does not exist in the object");
}

// The value at the first `count` tokens.
Result<json::value*> find_value(json::value& root, const Tokens& tokens, std::size_t count) {
  json::value* at = &root;
  for (std::size_t i = 0; i < count; ++i) {
    at = find_child(*at, tokens[i]);
    if (at == nullptr) {
      return missing();
    }
  }
  return at;
}

Result<void> add_value(json::value& root, const Tokens& tokens, json::value value) {
  if (tokens.empty()) {
    root = std::move(value);
    return {};
  }
  json::value* parent = TRY(find_value(root, tokens, tokens.size() - 1));
  if (json::object* object = parent->if_object()) {
    (*object)[tokens.back()] = std::move(value);
    return {};
  }
  json::array* array = parent->if_array();
  if (array == nullptr) {
    return missing();
  }
  if (tokens.back() == "-") {
    array->push_back(std::move(value));
    return {};
  }
  const std::optional<std::size_t> index = to_index(tokens.back(), array->size() + 1);
  if (!index) {
    return fail(ErrorCode::kInvalid, "the index is outside of the list");
  }
  array->insert(array->begin() + *index, std::move(value));
  return {};
}

Result<json::value> remove_value(json::value& root, const Tokens& tokens) {
  json::value* found = TRY(find_value(root, tokens, tokens.size()));
  json::value removed = std::move(*found);
  if (tokens.empty()) {
    root = nullptr;
    return removed;
  }
  json::value* parent = TRY(find_value(root, tokens, tokens.size() - 1));
  if (json::object* object = parent->if_object()) {
    object->erase(tokens.back());
  } else {
    json::array& array = parent->get_array();
    array.erase(array.begin() + *to_index(tokens.back(), array.size()));
  }
  return removed;
}

std::size_t count_values(const json::value& value) {
  std::size_t count = 1;
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object) {
      count += count_values(member.value());
    }
  } else if (const json::array* array = value.if_array()) {
    for (const json::value& item : *array) {
      count += count_values(item);
    }
  }
  return count;
}

class JsonPatcher {
 public:
  explicit JsonPatcher(json::value& root) : root_(root) {}

  Result<void> apply(const json::value& operation) {
    const json::object* members = operation.if_object();
    if (members == nullptr) {
      return fail(ErrorCode::kInvalid, "an operation must be an object");
    }
    const std::string op = TRY(text_of(*members, "op"));
    const std::string pointer = TRY(text_of(*members, "path"));
    const Tokens path = TRY(split_pointer(pointer));
    if (op == "remove") {
      TRY(remove_value(root_, path));
      return {};
    }
    if (op == "move" || op == "copy") {
      return transfer(op, *members, path);
    }
    if (op != "add" && op != "replace" && op != "test") {
      return fail(ErrorCode::kInvalid, "op must be add, remove, replace, move, copy or test");
    }
    const json::value* value = members->if_contains("value");
    if (value == nullptr) {
      return fail(ErrorCode::kInvalid, op + " needs a value");
    }
    if (op == "add") {
      return add_value(root_, path, *value);
    }
    json::value* target = TRY(find_value(root_, path, path.size()));
    if (op == "replace") {
      *target = *value;
      return {};
    }
    return *target == *value ? Result<void>()
                             : fail(ErrorCode::kInvalid, "the test failed: the value differs");
  }

 private:
  Result<void> transfer(const std::string& op, const json::object& members, const Tokens& path) {
    const std::string pointer = TRY(text_of(members, "from"));
    const Tokens from = TRY(split_pointer(pointer));
    if (op == "copy") {
      json::value copied = *TRY(find_value(root_, from, from.size()));
      copied_ += count_values(copied);
      if (copied_ > kMaxCopiedValues) {
        return fail(ErrorCode::kLimit, "the copies of the patch add up to too much");
      }
      return add_value(root_, path, std::move(copied));
    }
    const bool is_inside =
        path.size() > from.size() && std::equal(from.begin(), from.end(), path.begin());
    if (is_inside) {
      return fail(ErrorCode::kInvalid, "a value cannot move into itself");
    }
    json::value moved = TRY(remove_value(root_, from));
    return add_value(root_, path, std::move(moved));
  }

  static Result<std::string> text_of(const json::object& members, std::string_view key) {
    const json::value* value = members.if_contains(key);
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    if (text == nullptr) {
      return fail(ErrorCode::kInvalid, "an operation needs the string " + std::string(key));
    }
    return std::string(*text);
  }

  json::value& root_;
  std::size_t copied_ = 0;
};

}  // namespace

base::Result<void> apply_json_patch(json::value& target, const json::value& operations) {
  const json::array* list = operations.if_array();
  if (list == nullptr) {
    return fail(ErrorCode::kInvalid, "a JSON patch must be a list of operations");
  }
  if (list->size() > kMaxOperations) {
    return fail(ErrorCode::kLimit, "a JSON patch has at most 10000 operations");
  }
  json::value patched = target;
  JsonPatcher patcher(patched);
  for (std::size_t i = 0; i < list->size(); ++i) {
    Result<void> done = patcher.apply((*list)[i]);
    if (!done) {
      return fail(base::with_context(std::move(done).error(), "operation " + std::to_string(i)));
    }
  }
  target = std::move(patched);
  return {};
}

}  // namespace k8s
