// Splitting a List into its items without parsing it: braces, brackets and strings are followed
// over chunk borders; each item's text goes to the decoder, which checks it.
#include "base/assert.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"

namespace k8s {
namespace {

using base::ErrorCode;
using base::fail;

// One object is at most a few MB in etcd.
constexpr std::size_t kMaxItemBytes = 64U << 20;
constexpr std::size_t kMaxDepth = 1000;

// The string that follows `"key":` in a small object's text; empty when there is none. For the
// List's own metadata, where values hold no escapes.
std::string find_string_member(std::string_view json, std::string_view key) {
  const std::string quoted = std::string("\"").append(key).append("\"");
  std::size_t at = json.find(quoted);
  if (at == std::string_view::npos) {
    return {};
  }
  at = json.find_first_not_of(" \t\r\n:", at + quoted.size());
  if (at == std::string_view::npos || json[at] != '"') {
    return {};
  }
  return std::string(json.substr(at + 1, json.find('"', at + 1) - at - 1));
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

struct ListReader::State {
  Kind kind;
  Sink sink;
  Warnings* unknown_fields;
  Decoder decoder;
  std::string resource_version;
  std::string continue_token;

  std::size_t depth = 0;
  bool in_string = false;
  bool is_escaped = false;
  bool expects_key = false;  // At depth 1.
  bool in_items = false;
  bool is_done = false;
  bool is_capturing = false;
  std::string key;
  std::string captured;       // What earlier chunks hold of the text under capture.
  std::size_t captured_from;  // Where it goes on in this chunk.

  base::Result<void> step(std::string_view chunk, std::size_t& at);
  base::Result<void> open(std::size_t at, char c);
  base::Result<void> close(std::string_view chunk, std::size_t at);
  base::Result<void> separate(std::string_view chunk, std::size_t at);
  void skip_string(std::string_view chunk, std::size_t& at);

  void start_capture(std::size_t at) {
    is_capturing = true;
    captured.clear();
    captured_from = at;
  }

  // The captured text; valid until the next capture.
  std::string_view end_capture(std::string_view chunk, std::size_t end) {
    is_capturing = false;
    const std::string_view tail = chunk.substr(captured_from, end - captured_from);
    if (captured.empty()) {
      return tail;
    }
    captured.append(tail);
    return captured;
  }

  base::Result<void> take_item(std::string_view text);
  void take_member(std::string_view text);
};

ListReader::ListReader(Kind kind, Sink sink, Warnings* unknown_fields)
    : state_(std::make_unique<State>()) {
  state_->kind = kind;
  state_->sink = std::move(sink);
  state_->unknown_fields = unknown_fields;
}

ListReader::~ListReader() = default;

base::Result<void> ListReader::feed(std::string_view chunk) {
  State& s = *state_;
  s.captured_from = 0;
  for (std::size_t at = 0; at < chunk.size(); ++at) {
    TRY_VOID(s.step(chunk, at));
  }
  if (s.is_capturing) {
    s.captured.append(chunk.substr(s.captured_from));
    if (s.captured.size() > kMaxItemBytes) {
      return fail(ErrorCode::kLimit, "an item of the list is larger than 64 MiB");
    }
  }
  return {};
}

base::Result<void> ListReader::finish() {
  if (!state_->is_done) {
    return fail(ErrorCode::kInvalid, "the list ends before its closing brace");
  }
  resource_version_ = state_->resource_version;
  continue_ = state_->continue_token;
  return {};
}

base::Result<void> ListReader::State::step(std::string_view chunk, std::size_t& at) {
  if (in_string) {
    skip_string(chunk, at);
    return {};
  }
  const char c = chunk[at];
  if (is_space(c)) {
    return {};
  }
  if (is_done) {
    return fail(ErrorCode::kInvalid, "text after the end of the list");
  }
  if (depth == 0 && c != '{') {
    return fail(ErrorCode::kInvalid, "a JSON object expected as the list");
  }
  switch (c) {
    case '{':
    case '[':
      return open(at, c);
    case '}':
    case ']':
      return close(chunk, at);
    case ',':
    case ':':
      return separate(chunk, at);
    default:
      in_string = c == '"';
      if (!is_capturing && (depth == 1 || (in_items && depth == 2))) {
        start_capture(at);
      }
      return {};
  }
}

void ListReader::State::skip_string(std::string_view chunk, std::size_t& at) {
  for (; at < chunk.size(); ++at) {
    if (is_escaped) {
      is_escaped = false;
    } else if (chunk[at] == '\\') {
      is_escaped = true;
    } else if (chunk[at] == '"') {
      in_string = false;
      return;
    }
  }
}

base::Result<void> ListReader::State::open(std::size_t at, char c) {
  if (++depth > kMaxDepth) {
    return fail(ErrorCode::kLimit, "the list is nested too deeply");
  }
  if (depth == 1) {
    expects_key = true;
  } else if (depth == 2 && key == "items" && c == '[') {
    in_items = true;
  } else if (!is_capturing) {
    start_capture(at);
  }
  return {};
}

base::Result<void> ListReader::State::close(std::string_view chunk, std::size_t at) {
  --depth;
  if (in_items && depth == 2 && is_capturing) {
    return take_item(end_capture(chunk, at + 1));
  }
  if (in_items && depth == 1) {
    in_items = false;
    // A scalar as the last item: the decoder refuses it.
    return is_capturing ? take_item(end_capture(chunk, at)) : base::Result<void>();
  }
  if (depth == 0) {
    is_done = true;
    if (is_capturing) {
      take_member(end_capture(chunk, at));
    }
  }
  return {};
}

base::Result<void> ListReader::State::separate(std::string_view chunk, std::size_t at) {
  if (depth == 1 && chunk[at] == ':' && expects_key) {
    key = is_capturing ? std::string(end_capture(chunk, at)) : std::string();
    key.erase(key.find_last_not_of(" \t\r\n") + 1);
    if (key.size() < 2) {
      return fail(ErrorCode::kInvalid, "a quoted key expected in the list");
    }
    key = key.substr(1, key.size() - 2);
    expects_key = false;
  } else if (depth == 1 && chunk[at] == ',') {
    if (is_capturing) {
      take_member(end_capture(chunk, at));
    }
    expects_key = true;
  } else if (in_items && depth == 2 && is_capturing) {
    return take_item(end_capture(chunk, at));
  }
  return {};
}

base::Result<void> ListReader::State::take_item(std::string_view text) {
  // Items of a plain "List" carry their own kinds.
  if (kind == Kind::kCount) {
    sink(decoder.decode(text, unknown_fields));
  } else {
    sink(decoder.decode_as(kind, text, unknown_fields));
  }
  return {};
}

void ListReader::State::take_member(std::string_view text) {
  if (key == "metadata") {
    resource_version = find_string_member(text, "resourceVersion");
    continue_token = find_string_member(text, "continue");
  } else if (key == "kind" && kind == Kind::kCount) {
    const std::size_t suffix = text.rfind("List\"");
    const std::string_view name =
        suffix == std::string_view::npos ? std::string_view() : text.substr(1, suffix - 1);
    for (const KindFacts& f : all_kinds()) {
      kind = f.name == name ? f.kind : kind;
    }
  }
}

base::Result<void> decode_list(std::string_view json,
                               const ListReader::Sink& sink,
                               Warnings* unknown_fields) {
  ListReader reader(Kind::kCount, sink, unknown_fields);
  TRY_VOID(reader.feed(json));
  return reader.finish();
}

}  // namespace k8s
