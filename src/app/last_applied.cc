#include "app/last_applied.h"

#include <algorithm>
#include <vector>

#include <boost/json.hpp>

#include "base/text.h"

namespace app {
namespace {

namespace json = boost::json;

constexpr std::string_view kAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

// Go's encoder escapes what could end a script element.
std::string go_text(const json::value& scalar) {
  std::string text = json::serialize(scalar);
  for (const auto& [from, to] : {std::pair{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}}) {
    text = base::replace_all(text, from, to);
  }
  return text;
}

void write_sorted(const json::value& value, std::string& out) {
  if (const json::object* object = value.if_object()) {
    std::vector<const json::key_value_pair*> members;
    for (const json::key_value_pair& member : *object) {
      members.push_back(&member);
    }
    std::ranges::sort(members, {}, [](const auto* member) { return member->key(); });
    out += '{';
    for (const json::key_value_pair* member : members) {
      out.append(out.ends_with('{') ? "" : ",").append(go_text(json::string(member->key()))) += ':';
      write_sorted(member->value(), out);
    }
    out += '}';
  } else if (const json::array* array = value.if_array()) {
    out += '[';
    for (const json::value& item : *array) {
      out += out.ends_with('[') ? "" : ",";
      write_sorted(item, out);
    }
    out += ']';
  } else {
    out += go_text(value);
  }
}

json::object& member_object(json::object& parent, std::string_view key) {
  json::value& value = parent[key];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

}  // namespace

std::string with_last_applied(std::string_view manifest_json, std::string_view default_namespace) {
  json::value document = json::parse(manifest_json);
  json::object& metadata = member_object(document.as_object(), "metadata");
  if (!default_namespace.empty() && !metadata.contains("namespace")) {
    metadata["namespace"] = default_namespace;
  }
  json::object& annotations = member_object(metadata, "annotations");
  annotations.erase(kAnnotation);
  std::string applied;
  write_sorted(document, applied);
  annotations[kAnnotation] = applied + "\n";
  return json::serialize(document);
}

}  // namespace app
