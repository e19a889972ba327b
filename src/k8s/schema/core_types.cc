#include "k8s/schema/core_types.h"

#include <charconv>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "k8s/schema/common.h"

namespace k8s::schema {
namespace {

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::int64_t to_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  ASSERT(parsed.ec == std::errc{});
  return number;
}

// "min(1)" -> "1" when `name` is "min", else empty.
std::string_view argument(std::string_view word, std::string_view name) {
  if (!word.starts_with(name) || word.size() < name.size() + 2 || word[name.size()] != '(') {
    return {};
  }
  return word.substr(name.size() + 1, word.size() - name.size() - 2);
}

void set_enum(Schema& schema, std::string_view list) {
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find('|'));
    schema.enum_values.emplace_back(one);
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
}

void constrain(Schema& schema, std::string_view word) {
  if (word.starts_with('=')) {
    const std::string text(word.substr(1));
    const bool is_text = schema.type == Type::kString || schema.type == Type::kIntOrString;
    schema = std::move(schema).fallback(is_text ? "\"" + text + "\"" : text);
  } else if (const auto values = argument(word, "enum"); !values.empty()) {
    set_enum(schema, values);
  } else if (const auto least = argument(word, "min"); !least.empty()) {
    schema.minimum = to_integer(least);
  } else if (const auto most = argument(word, "max"); !most.empty()) {
    schema.maximum = to_integer(most);
  } else {
    const auto key = argument(word, "unique");
    ASSERT(!key.empty());
    schema.list_type = "map";
    schema.list_keys = {std::string(key)};
  }
}

SchemaPtr primitive(std::string_view type) {
  static const std::map<std::string_view, SchemaPtr> kPrimitives = [] {
    std::map<std::string_view, SchemaPtr> out;
    const auto add = [&](std::string_view name, Schema schema) {
      out[name] = std::make_shared<const Schema>(std::move(schema));
    };
    Schema int_or_string;
    int_or_string.type = Type::kIntOrString;
    add("string", string());
    add("bool", boolean());
    add("int32", int32());
    add("int64", int64());
    add("number", number());
    add("time", date_time());
    add("intstr", std::move(int_or_string));
    add("quantity", quantity());
    add("quantities", quantities());
    add("labels", text_map());
    add("any", any_object());
    add("ObjectMeta", object_meta());
    return out;
  }();
  const auto found = kPrimitives.find(type);
  return found == kPrimitives.end() ? nullptr : found->second;
}

}  // namespace

void TypeTable::read(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty()) {
      continue;
    }
    if (line[0] == ' ') {
      read_field(line);
      continue;
    }
    finish_type();
    std::string_view rest = line;
    std::string_view name = next_word(rest);
    current_ = object({});
    if (name.ends_with("...")) {
      name.remove_suffix(3);
      current_.is_open = true;
    }
    current_.definition = "io.k8s.api." + std::string(name);
    current_.description = rest.empty() ? rest : rest.substr(1);
    current_name_ = name.substr(name.rfind('.') + 1);
  }
  finish_type();
}

void TypeTable::read_field(std::string_view line) {
  std::string_view name = next_word(line);
  const bool is_required = name.ends_with('!');
  name.remove_suffix(is_required ? 1 : 0);
  Schema schema = *resolve(next_word(line));
  for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
    if (word == "#") {
      (schema.definition.empty() ? schema.description : schema.remark) = line.substr(1);
      break;
    }
    constrain(schema, word);
  }
  current_.properties.push_back(
      {std::string(name), std::make_shared<const Schema>(std::move(schema)), is_required});
}

SchemaPtr TypeTable::resolve(std::string_view type) const {
  if (type.starts_with("[]")) {
    Schema list = array({});
    list.items = resolve(type.substr(2));
    return std::make_shared<const Schema>(std::move(list));
  }
  if (type.starts_with("map[")) {
    Schema map = map_of({});
    map.values = resolve(type.substr(4, type.size() - 5));
    return std::make_shared<const Schema>(std::move(map));
  }
  if (SchemaPtr found = primitive(type)) {
    return found;
  }
  const auto found = types_.find(type);
  ASSERT(found != types_.end());
  return found->second;
}

void TypeTable::finish_type() {
  if (!current_name_.empty()) {
    types_[current_name_] = std::make_shared<const Schema>(std::move(current_));
  }
  current_name_.clear();
}

const Schema& TypeTable::get(std::string_view name) const {
  const auto found = types_.find(name);
  ASSERT(found != types_.end());
  return *found->second;
}

const TypeTable& core_types() {
  static const TypeTable kTable = [] {
    TypeTable table;
    table.read(pod_placement_type_table());
    table.read(pod_type_table());
    table.read(workload_type_table());
    table.read(cluster_type_table());
    table.read(device_type_table());
    return table;
  }();
  return kTable;
}

}  // namespace k8s::schema
