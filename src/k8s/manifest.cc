#include "k8s/manifest.h"

#include <algorithm>
#include <optional>

#include <simdjson.h>

#include "k8s/block_yaml.h"
#include "k8s/gzip.h"
#include "k8s/json_out.h"
#include "k8s/json_split.h"
#include "k8s/yaml_document.h"

namespace k8s {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 30;

struct TypeMeta {
  std::string api_version;
  std::string kind;
};

bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == 3 || std::string_view(" \t\r").find(line[3]) != std::string_view::npos);
}

// Lines of nothing, comments and directives only.
bool has_content(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::size_t first = text.substr(0, end).find_first_not_of(" \t\r");
    if (first != std::string_view::npos && text[first] != '#' && !(first == 0 && text[0] == '%')) {
      return true;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

struct YamlChunk {
  std::string_view text;
  int line = 1;
};

// A marker in the first column ends a document even inside a scalar: no parsing is needed.
std::vector<YamlChunk> split_yaml(std::string_view text) {
  std::vector<YamlChunk> chunks;
  std::size_t begin = 0;
  int begin_line = 1;
  int line = 1;
  const auto flush = [&](std::size_t end) {
    if (const std::string_view chunk = text.substr(begin, end - begin); has_content(chunk)) {
      chunks.push_back({chunk, begin_line});
    }
  };
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const bool is_start = text[at] == '-' && is_marker(text.substr(at, end - at), "---");
    const bool is_end = text[at] == '.' && is_marker(text.substr(at, end - at), "...");
    if (is_start || is_end) {
      flush(at);
      begin = is_start ? at + 3 : end;
      begin_line = line;
    }
    at = end + 1;
  }
  flush(text.size());
  return chunks;
}

TypeMeta type_of(std::string& json) {
  TypeMeta out;
  json.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(simdjson::padded_string_view(json.data(), json.size(), json.capacity()))
          .get(document) != simdjson::SUCCESS) {
    return out;
  }
  simdjson::ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) {
    return out;
  }
  std::string_view text;
  if (object.find_field_unordered("apiVersion").get_string().get(text) == simdjson::SUCCESS) {
    out.api_version = text;
  }
  if (object.find_field_unordered("kind").get_string().get(text) == simdjson::SUCCESS) {
    out.kind = text;
  }
  return out;
}

// Objects out of documents.
class Collector {
 public:
  explicit Collector(std::string_view file) : file_(file) {}

  Result<void> take(JsonDocument document) {
    if (document.json == "null") {
      return {};
    }
    TypeMeta type = type_of(document.json);
    const bool is_list = type.kind.ends_with("List") && document.json.find("\"items\"") != npos;
    if (!is_list) {
      return add(std::move(document.json), document.line, std::move(type));
    }
    for (const JsonSpan& span : document.items) {
      std::string json = document.json.substr(span.begin, span.end - span.begin);
      TypeMeta item_type = type_of(json);
      if (item_type.kind.empty() && type.kind != "List" && json.starts_with('{')) {
        item_type = {type.api_version, type.kind.substr(0, type.kind.size() - 4)};
        json = with_type(json, item_type);
      }
      TRY_VOID(add(std::move(json), span.line, std::move(item_type)));
    }
    return {};
  }

  std::unexpected<base::Error> refuse(int line, std::string_view what) const {
    return fail(
        ErrorCode::kInvalid,
        std::string(file_).append(":").append(std::to_string(line)).append(": ").append(what));
  }

  std::vector<Manifest> finish() && { return std::move(manifests_); }

 private:
  static constexpr std::size_t npos = std::string::npos;

  static std::string with_type(const std::string& json, const TypeMeta& type) {
    JsonOut head;
    head.object([&] {
      head.always("apiVersion", std::string_view(type.api_version));
      head.always("kind", std::string_view(type.kind));
    });
    std::string out = std::move(head).text();
    out.pop_back();
    const std::size_t first = json.find_first_not_of(" \t\r\n", 1);
    out.append(first != npos && json[first] == '}' ? "" : ",");
    return out.append(json, 1);
  }

  Result<void> add(std::string json, int line, TypeMeta type) {
    if (!json.starts_with('{')) {
      return refuse(line, "an object (apiVersion, kind, metadata, ...) expected");
    }
    if (type.api_version.empty() || type.kind.empty()) {
      return refuse(line,
                    type.kind.empty() ? "the object has no kind" : "the object has no apiVersion");
    }
    manifests_.push_back({std::move(json),
                          std::string(file_),
                          line,
                          std::move(type.api_version),
                          std::move(type.kind)});
    return {};
  }

  std::string_view file_;
  std::vector<Manifest> manifests_;
};

// "FILE:LINE: ..." of "LINE: ...".
base::Error in_file(std::string_view file, const base::Error& error) {
  return {error.code, std::string(file).append(":").append(error.detail)};
}

Result<void> read_yaml(std::string_view text, std::string_view file, Collector& out) {
  for (const YamlChunk& chunk : split_yaml(text)) {
    if (std::optional<JsonDocument> quick = convert_block_yaml(chunk.text, chunk.line)) {
      TRY_VOID(out.take(std::move(*quick)));
      continue;
    }
    Result<JsonDocument> document = convert_yaml(chunk.text, chunk.line);
    if (!document) {
      return fail(in_file(file, document.error()));
    }
    TRY_VOID(out.take(std::move(*document)));
  }
  return {};
}

}  // namespace

Result<std::string> unpack(std::string_view bytes) {
  return looks_gzipped(bytes) ? gunzip(bytes, kMaxTextBytes) : std::string(bytes);
}

Result<std::vector<Manifest>> read_manifests(std::string_view bytes, std::string_view filename) {
  std::string unpacked;
  std::string_view text = bytes;
  if (looks_gzipped(bytes)) {
    Result<std::string> result = unpack(bytes);
    if (!result) {
      return fail(base::with_context(std::move(result).error(), filename));
    }
    unpacked = std::move(*result);
    text = unpacked;
  }
  if (text.size() > kMaxTextBytes) {
    return fail(ErrorCode::kLimit, std::string(filename) + ": the text is larger than 1 GiB");
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  Collector out(filename);
  Result<std::vector<JsonDocument>> documents = split_json(text);
  if (documents) {
    for (JsonDocument& document : *documents) {
      TRY_VOID(out.take(std::move(document)));
    }
  } else if (documents.error().code == ErrorCode::kUnsupported) {
    // What looks like JSON but is not may still be YAML, whose parser also knows the line.
    TRY_VOID(read_yaml(text, filename, out));
  } else {
    return fail(in_file(filename, documents.error()));
  }
  return std::move(out).finish();
}

}  // namespace k8s
