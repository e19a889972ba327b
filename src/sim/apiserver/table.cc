#include "sim/apiserver/table.h"

#include <charconv>

#include <boost/json.hpp>

#include "k8s/schema/kind_schema.h"
#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

using k8s::schema::KindSchema;
using k8s::schema::PrinterColumn;

constexpr std::int64_t kSecond = 1'000'000'000;

json::object definition(std::string_view name,
                        std::string_view type,
                        int priority,
                        std::string_view description) {
  json::object out;
  out["name"] = name;
  out["type"] = type == "date" ? "string" : type;
  out["format"] = name == "Name" ? "name" : "";
  out["description"] = description;
  out["priority"] = priority;
  return out;
}

json::value custom_cell(const PrinterColumn& column, const json::object& object, k8s::TimeNs now) {
  const std::string text = json_path_text(object, column.json_path);
  if (column.type == "date") {
    return json::string(age_of(text, now));
  }
  if (column.type == "integer") {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} ? json::value(number) : json::value(nullptr);
  }
  return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

// The columns of one table, whatever they are made from.
struct Layout {
  std::span<const Column> fixed;
  std::span<const PrinterColumn> custom;
};

Layout layout_of(const ResourceType& type) {
  Layout out{columns_of(type), {}};
  if (out.fixed.empty() && type.custom) {
    if (const KindSchema* kind = k8s::schema::find_kind_schema(api_version_of(type), type.kind)) {
      out.custom = kind->columns;
    }
  }
  return out;
}

json::array definitions_of(const Layout& layout) {
  json::array out;
  if (!layout.fixed.empty()) {
    for (const Column& column : layout.fixed) {
      out.push_back(definition(column.name, column.type, column.priority, ""));
    }
    return out;
  }
  out.push_back(definition("Name", "string", 0, "Name of the object."));
  for (const PrinterColumn& column : layout.custom) {
    out.push_back(definition(column.name, column.type, column.priority, column.description));
  }
  if (layout.custom.empty()) {
    out.push_back(definition("Age", "string", 0, "Time since creation."));
  }
  return out;
}

json::array cells_of(const Layout& layout, const json::object& object, k8s::TimeNs now) {
  json::array out;
  if (!layout.fixed.empty()) {
    for (const Column& column : layout.fixed) {
      out.push_back(cell_of(column, object, now));
    }
    return out;
  }
  out.emplace_back(text_at(object, "metadata.name"));
  for (const PrinterColumn& column : layout.custom) {
    out.push_back(custom_cell(column, object, now));
  }
  if (layout.custom.empty()) {
    out.emplace_back(age_of(text_at(object, "metadata.creationTimestamp"), now));
  }
  return out;
}

json::object row_object(const json::object& object, RowObject rows) {
  if (rows == RowObject::kObject) {
    return object;
  }
  json::object out;
  out["kind"] = "PartialObjectMetadata";
  out["apiVersion"] = "meta.k8s.io/v1";
  out["metadata"] = *object_at(object, "metadata");
  return out;
}

// One step of a JSONPath: ".name", "[*]", "[?(@.key==\"value\")]".
struct PathStep {
  enum class Kind : std::uint8_t { kField, kAll, kFilter } kind;
  std::string name;
  std::string value;
};

PathStep take_field(std::string_view& path) {
  PathStep step{PathStep::Kind::kField, "", ""};
  while (!path.empty() && path.front() != '.' && path.front() != '[') {
    if (path.front() == '\\' && path.size() > 1) {
      path.remove_prefix(1);
    }
    step.name.push_back(path.front());
    path.remove_prefix(1);
  }
  return step;
}

PathStep take_bracket(std::string_view& path) {
  const std::size_t end = path.find(']');
  const std::string_view inner = path.substr(0, end);
  path = end == std::string_view::npos ? std::string_view{} : path.substr(end + 1);
  const std::size_t field = inner.find("@.");
  const std::size_t equals = inner.find("==");
  if (field == std::string_view::npos || equals == std::string_view::npos) {
    return {PathStep::Kind::kAll, "", ""};
  }
  std::string value(inner.substr(equals + 2));
  std::erase_if(value, [](char c) { return c == '"' || c == '\'' || c == ')'; });
  return {PathStep::Kind::kFilter, std::string(inner.substr(field + 2, equals - field - 2)), value};
}

void walk(const json::value& here, std::string_view path, std::string& out) {
  if (path.empty()) {
    out.append(out.empty() ? "" : ",");
    if (here.is_string()) {
      out.append(std::string_view(here.get_string()));
    } else {
      out.append(json::serialize(here));
    }
    return;
  }
  const bool is_bracket = path.front() == '[';
  path.remove_prefix(1);
  const PathStep step = is_bracket ? take_bracket(path) : take_field(path);
  if (step.kind == PathStep::Kind::kField) {
    const json::value* next = here.is_object() ? here.get_object().if_contains(step.name) : nullptr;
    if (next != nullptr && !next->is_null()) {
      walk(*next, path, out);
    }
    return;
  }
  if (!here.is_array()) {
    return;
  }
  for (const json::value& item : here.get_array()) {
    if (step.kind == PathStep::Kind::kAll ||
        (item.is_object() && text_at(item.get_object(), step.name) == step.value)) {
      walk(item, path, out);
    }
  }
}

std::string unit(std::int64_t value, char name) {
  std::string out = std::to_string(value);
  out.push_back(name);
  return out;
}

std::string two_units(std::int64_t big, char big_name, std::int64_t small, char small_name) {
  return small == 0 ? unit(big, big_name) : unit(big, big_name) + unit(small, small_name);
}

}  // namespace

json::object make_table(const TableRequest& request, const std::vector<DocumentPtr>& documents) {
  const Layout layout = layout_of(resource_type(request.type));
  json::object out;
  out["kind"] = "Table";
  out["apiVersion"] = "meta.k8s.io/v1";
  out["metadata"] = json::object{};
  out["columnDefinitions"] = definitions_of(layout);
  json::array rows;
  rows.reserve(documents.size());
  for (const DocumentPtr& document : documents) {
    json::object row;
    row["cells"] = cells_of(layout, document->body(), request.now);
    if (request.rows != RowObject::kNone) {
      row["object"] = row_object(document->body(), request.rows);
    }
    rows.push_back(std::move(row));
  }
  out["rows"] = std::move(rows);
  return out;
}

std::string human_duration(k8s::DurationNs duration) {
  const std::int64_t seconds = duration / kSecond;
  if (seconds < 0) {
    return seconds > -2 ? "0s" : "<invalid>";
  }
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  const std::int64_t days = hours / 24;
  if (seconds < 120) {
    return unit(seconds, 's');
  }
  if (minutes < 10) {
    return two_units(minutes, 'm', seconds % 60, 's');
  }
  if (minutes < 180) {
    return unit(minutes, 'm');
  }
  if (hours < 8) {
    return two_units(hours, 'h', minutes % 60, 'm');
  }
  if (hours < 48) {
    return unit(hours, 'h');
  }
  if (days < 8) {
    return two_units(days, 'd', hours % 24, 'h');
  }
  if (days < 2 * 365) {
    return unit(days, 'd');
  }
  return days < 8 * 365 ? two_units(days / 365, 'y', days % 365, 'd') : unit(days / 365, 'y');
}

std::string age_of(std::string_view time, k8s::TimeNs now) {
  const auto parsed = parse_time(time);
  return parsed ? human_duration(now - *parsed) : "<unknown>";
}

std::string json_path_text(const json::object& object, std::string_view path) {
  std::string out;
  walk(json::value(object), path, out);
  return out;
}

}  // namespace sim::api
