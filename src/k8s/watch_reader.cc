#include "k8s/watch_reader.h"

#include <optional>
#include <utility>

#include <simdjson.h>

namespace k8s {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::size_t kMaxLineBytes = 64U << 20;

struct Parts {
  std::string_view type;
  std::string_view object;  // Its JSON text.
};

std::optional<WatchOp> op_of(std::string_view type) {
  if (type == "ADDED") {
    return WatchOp::kAdded;
  }
  if (type == "MODIFIED") {
    return WatchOp::kModified;
  }
  if (type == "DELETED") {
    return WatchOp::kDeleted;
  }
  if (type == "BOOKMARK") {
    return WatchOp::kBookmark;
  }
  return type == "ERROR" ? std::optional(WatchOp::kError) : std::nullopt;
}

// The members of the event; the object stays text, for the decoder. The line needs padding.
std::optional<Parts> take_apart(simdjson::ondemand::parser& parser, const std::string& line) {
  Parts parts;
  simdjson::ondemand::document document;
  simdjson::ondemand::object members;
  if (parser.iterate(line).get(document) != simdjson::SUCCESS ||
      document.get_object().get(members) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  for (auto member : members) {
    std::string_view key;
    if (member.unescaped_key().get(key) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    simdjson::error_code error = simdjson::SUCCESS;
    if (key == "type") {
      error = member.value().get_string().get(parts.type);
    } else if (key == "object") {
      error = simdjson::to_json_string(member.value()).get(parts.object);
    }
    if (error != simdjson::SUCCESS) {
      return std::nullopt;
    }
  }
  return parts.type.empty() || parts.object.empty() ? std::nullopt : std::optional(parts);
}

// Without the typed object: bookmarks, and objects that we cannot decode.
std::string version_of(std::string_view object) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  std::string_view version;
  if (parser.parse(object.data(), object.size()).get(element) != simdjson::SUCCESS ||
      element.at_pointer("/metadata/resourceVersion").get(version) != simdjson::SUCCESS) {
    return {};
  }
  return std::string(version);
}

}  // namespace

WatchReader::WatchReader(Kind kind, Sink sink) : kind_(kind), sink_(std::move(sink)) {}

base::Result<void> WatchReader::feed(std::string_view chunk) {
  while (!chunk.empty()) {
    const std::size_t end = chunk.find('\n');
    partial_.append(chunk.substr(0, end));
    if (partial_.size() > kMaxLineBytes) {
      return fail(ErrorCode::kLimit, "a watch event is larger than 64 MiB");
    }
    if (end == std::string_view::npos) {
      return {};
    }
    chunk.remove_prefix(end + 1);
    const std::string line = std::exchange(partial_, {});
    if (line.find_first_not_of(" \t\r") != std::string::npos) {
      TRY_VOID(take_line(line));
    }
  }
  return {};
}

base::Result<void> WatchReader::take_line(std::string_view line) {
  simdjson::ondemand::parser parser;
  std::string padded(line);
  padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
  const std::optional<Parts> parts = take_apart(parser, padded);
  const std::optional<WatchOp> op = parts ? op_of(parts->type) : std::nullopt;
  if (!op) {
    return fail(ErrorCode::kInvalid, "the watch stream holds something that is no watch event");
  }
  WatchEvent event{.op = *op, .resource_version = {}};
  if (*op == WatchOp::kError) {
    event.status = parts->object;
  } else if (*op == WatchOp::kBookmark) {
    event.resource_version = version_of(parts->object);
  } else {
    event.object = decoder_.decode_as(kind_, parts->object);
    event.resource_version =
        event.object ? (*event.object)->meta.resource_version : version_of(parts->object);
  }
  sink_(event);
  return {};
}

}  // namespace k8s
