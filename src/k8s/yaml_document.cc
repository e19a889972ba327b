#include "k8s/yaml_document.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <yaml.h>

#include "k8s/json_out.h"
#include "k8s/yaml_scalar.h"

namespace k8s {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kMaxAliasBytes = 64U << 20;

// A tree, because anchors are referred to later and merge keys take mappings apart.
struct Node {
  enum class Type { kScalar, kSequence, kMapping };
  Type type = Type::kScalar;
  int line = 0;
  std::string json;  // Scalars.
  std::vector<std::shared_ptr<const Node>> items;
  std::vector<std::pair<std::string, std::shared_ptr<const Node>>> members;
  std::size_t size = 0;  // JSON bytes, aliases expanded.
};

using NodePtr = std::shared_ptr<const Node>;

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  ~Event() { clear(); }

  void clear() {
    yaml_event_delete(&raw);
    raw = {};
  }

  yaml_event_t raw{};
};

std::string_view text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view()
                         : std::string_view(reinterpret_cast<const char*>(text));
}

class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, int first_line) : first_line_(first_line) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }

  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;

  ~TreeBuilder() { yaml_parser_delete(&parser_); }

  // The only document of the text; null when there is none.
  Result<NodePtr> build() {
    TRY_VOID(next());  // Stream start.
    TRY_VOID(next());
    if (event_.raw.type == YAML_STREAM_END_EVENT) {
      return NodePtr();
    }
    TRY_VOID(next());  // Past the document start.
    NodePtr root = TRY(node(0));
    TRY_VOID(next());  // Document end.
    TRY_VOID(next());
    if (event_.raw.type != YAML_STREAM_END_EVENT) {
      return refuse("text after the end of the document");
    }
    return root;
  }

 private:
  Result<void> next() {
    event_.clear();
    if (yaml_parser_parse(&parser_, &event_.raw) != 0) {
      return {};
    }
    const int line = first_line_ + static_cast<int>(parser_.problem_mark.line);
    std::string what = parser_.problem == nullptr ? "not valid YAML" : parser_.problem;
    if (parser_.context != nullptr) {
      what.append(" (").append(parser_.context).append(")");
    }
    return fail(ErrorCode::kInvalid, std::to_string(line) + ": " + what);
  }

  int line() const { return first_line_ + static_cast<int>(event_.raw.start_mark.line); }

  std::unexpected<base::Error> refuse(std::string_view what, int at = 0) const {
    return fail(ErrorCode::kInvalid,
                std::to_string(at == 0 ? line() : at).append(": ").append(what));
  }

  // The node that begins with the current event; leaves its last event current.
  Result<NodePtr> node(int depth) {
    if (depth > kMaxYamlDepth) {
      return fail(ErrorCode::kLimit, std::to_string(line()) + ": nested deeper than 256 levels");
    }
    switch (event_.raw.type) {
      case YAML_ALIAS_EVENT:
        return alias();
      case YAML_SCALAR_EVENT:
        return scalar();
      case YAML_SEQUENCE_START_EVENT:
        return sequence(depth);
      case YAML_MAPPING_START_EVENT:
        return mapping(depth);
      default:
        return refuse("a value expected");
    }
  }

  Result<NodePtr> alias() {
    const std::string name(text_of(event_.raw.data.alias.anchor));
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      return refuse("the alias *" + name + " has no anchor before it");
    }
    expanded_ += found->second->size;
    if (expanded_ > kMaxAliasBytes) {
      return fail(ErrorCode::kLimit, std::to_string(line()) + ": aliases expand to over 64 MiB");
    }
    return found->second;
  }

  void keep(const std::string& anchor, const NodePtr& node) {
    if (!anchor.empty()) {
      anchors_[anchor] = node;
    }
  }

  Result<NodePtr> scalar() {
    const auto& data = event_.raw.data.scalar;
    const std::string_view text(reinterpret_cast<const char*>(data.value), data.length);
    const std::string_view tag = text_of(data.tag);
    const bool is_plain = data.style == YAML_PLAIN_SCALAR_STYLE;
    auto out = std::make_shared<Node>();
    out->line = line();
    const bool is_text = tag == YAML_STR_TAG || tag == "!" || (tag.empty() && !is_plain) ||
                         tag == "tag:yaml.org,2002:timestamp";
    const bool is_typed = tag == YAML_INT_TAG || tag == YAML_FLOAT_TAG || tag == YAML_BOOL_TAG ||
                          tag == YAML_NULL_TAG;
    if (!is_text && !tag.empty() && !is_typed) {
      return refuse("the tag " + std::string(tag) + " is not supported");
    }
    if (is_text) {
      append_json_string(out->json, text);
    } else if (!append_plain_scalar(out->json, text)) {
      return refuse("JSON has no infinite or undefined numbers");
    }
    out->size = out->json.size();
    keep(std::string(text_of(data.anchor)), out);
    return out;
  }

  Result<NodePtr> sequence(int depth) {
    const std::string anchor(text_of(event_.raw.data.sequence_start.anchor));
    auto out = std::make_shared<Node>();
    out->type = Node::Type::kSequence;
    out->line = line();
    TRY_VOID(next());
    while (event_.raw.type != YAML_SEQUENCE_END_EVENT) {
      NodePtr item = TRY(node(depth + 1));
      out->size += item->size + 1;
      out->items.push_back(std::move(item));
      TRY_VOID(next());
    }
    keep(anchor, out);
    return out;
  }

  Result<std::string> key() {
    if (event_.raw.type != YAML_SCALAR_EVENT) {
      return refuse("only text can be a key");
    }
    const auto& data = event_.raw.data.scalar;
    const std::string_view text(reinterpret_cast<const char*>(data.value), data.length);
    return data.style == YAML_PLAIN_SCALAR_STYLE ? plain_key(text) : std::string(text);
  }

  Result<NodePtr> mapping(int depth) {
    const std::string anchor(text_of(event_.raw.data.mapping_start.anchor));
    auto out = std::make_shared<Node>();
    out->type = Node::Type::kMapping;
    out->line = line();
    std::set<std::string, std::less<>> seen;
    std::vector<NodePtr> merged;
    TRY_VOID(next());
    while (event_.raw.type != YAML_MAPPING_END_EVENT) {
      const int key_line = line();
      const bool is_merge = event_.raw.type == YAML_SCALAR_EVENT &&
                            event_.raw.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                            text_of(event_.raw.data.scalar.value) == "<<";
      std::string name = TRY(key());
      if (!seen.insert(name).second) {
        return refuse("the key \"" + name + "\" is there twice", key_line);
      }
      TRY_VOID(next());
      NodePtr value = TRY(node(depth + 1));
      out->size += value->size + name.size() + 4;
      if (is_merge) {
        merged.push_back(std::move(value));
      } else {
        out->members.emplace_back(std::move(name), std::move(value));
      }
      TRY_VOID(next());
    }
    for (const NodePtr& source : merged) {
      TRY_VOID(merge(*source, *out, seen));
    }
    keep(anchor, out);
    return out;
  }

  // Merge keys: members that are there already win, earlier sources win over later ones.
  Result<void> merge(const Node& source, Node& out, std::set<std::string, std::less<>>& seen) {
    if (source.type == Node::Type::kSequence) {
      for (const NodePtr& item : source.items) {
        if (item->type != Node::Type::kMapping) {
          return refuse("<< needs a mapping or a list of mappings", item->line);
        }
        TRY_VOID(merge(*item, out, seen));
      }
      return {};
    }
    if (source.type != Node::Type::kMapping) {
      return refuse("<< needs a mapping or a list of mappings", source.line);
    }
    for (const auto& member : source.members) {
      if (seen.insert(member.first).second) {
        out.members.push_back(member);
      }
    }
    return {};
  }

  int first_line_;
  yaml_parser_t parser_{};
  Event event_;
  std::map<std::string, NodePtr, std::less<>> anchors_;
  std::size_t expanded_ = 0;
};

void append_json(std::string& out, const Node& node, std::vector<JsonSpan>* items) {
  if (node.type == Node::Type::kScalar) {
    out.append(node.json);
    return;
  }
  const bool is_list = node.type == Node::Type::kSequence;
  out.push_back(is_list ? '[' : '{');
  bool is_first = true;
  const auto separate = [&] {
    if (!is_first) {
      out.push_back(',');
    }
    is_first = false;
  };
  for (const NodePtr& item : node.items) {
    separate();
    const std::size_t begin = out.size();
    append_json(out, *item, nullptr);
    if (items != nullptr) {
      items->push_back({begin, out.size(), item->line});
    }
  }
  for (const auto& [key, value] : node.members) {
    separate();
    append_json_string(out, key);
    out.push_back(':');
    const bool holds_items =
        items != nullptr && !is_list && key == "items" && value->type == Node::Type::kSequence;
    append_json(out, *value, holds_items ? items : nullptr);
  }
  out.push_back(is_list ? ']' : '}');
}

}  // namespace

Result<JsonDocument> convert_yaml(std::string_view text, int first_line) {
  const NodePtr root = TRY(TreeBuilder(text, first_line).build());
  JsonDocument out;
  out.line = root == nullptr ? first_line : root->line;
  if (root == nullptr) {
    out.json = "null";
    return out;
  }
  out.json.reserve(root->size + 2);
  append_json(out.json, *root, root->type == Node::Type::kMapping ? &out.items : nullptr);
  return out;
}

}  // namespace k8s
