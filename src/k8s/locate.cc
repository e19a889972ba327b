// Finding the line of a field, for error messages only: the text is read again with libyaml (JSON
// is YAML enough for that), from the object's line on.
#include <string>

#include <yaml.h>

#include "k8s/manifest.h"

namespace k8s {
namespace {

class FieldFinder {
 public:
  FieldFinder(std::string_view text, int first_line) : best_(first_line), first_line_(first_line) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(
        &parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }

  FieldFinder(const FieldFinder&) = delete;
  FieldFinder& operator=(const FieldFinder&) = delete;

  ~FieldFinder() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }

  int find(std::string_view path) {
    while (next() && event_.type != YAML_MAPPING_START_EVENT) {
      // An item of a List: what precedes it is the start of its list.
    }
    visit(path, 0);
    return best_;
  }

 private:
  static constexpr int kMaxDepth = 256;

  bool next() {
    if (is_done_) {
      return false;
    }
    yaml_event_delete(&event_);
    is_done_ = yaml_parser_parse(&parser_, &event_) == 0 || event_.type == YAML_STREAM_END_EVENT;
    return !is_done_;
  }

  void found(int depth) {
    if (depth > best_depth_) {
      best_depth_ = depth;
      best_ = first_line_ + static_cast<int>(event_.start_mark.line);
    }
  }

  // The node that begins with the current event. Stops at once when the whole path was found.
  void visit(std::string_view path, int depth) {
    if (depth > kMaxDepth) {
      is_done_ = true;
    } else if (event_.type == YAML_MAPPING_START_EVENT) {
      visit_mapping(path, depth);
    } else if (event_.type == YAML_SEQUENCE_START_EVENT) {
      visit_sequence(path, depth);
    }
  }

  // Keys may hold dots themselves: a key fits when the path goes on behind it at a border.
  static bool takes(std::string_view path, std::string_view key, std::string_view* rest) {
    if (key.empty() || !path.starts_with(key)) {
      return false;
    }
    *rest = path.substr(key.size());
    if (rest->starts_with('.')) {
      rest->remove_prefix(1);
      return true;
    }
    return rest->empty() || rest->starts_with('[');
  }

  void visit_mapping(std::string_view path, int depth) {
    while (next() && event_.type != YAML_MAPPING_END_EVENT) {
      std::string_view rest;
      bool fits = false;
      if (event_.type == YAML_SCALAR_EVENT) {
        const std::string_view key(reinterpret_cast<const char*>(event_.data.scalar.value),
                                   event_.data.scalar.length);
        fits = takes(path, key, &rest);
      }
      if (fits) {
        found(depth + 1);
        is_done_ = is_done_ || rest.empty();
      }
      if (!next()) {
        return;
      }
      visit(fits ? rest : std::string_view(), depth + 1);
    }
  }

  void visit_sequence(std::string_view path, int depth) {
    for (std::size_t index = 0; next() && event_.type != YAML_SEQUENCE_END_EVENT; ++index) {
      const std::string wanted = std::string("[").append(std::to_string(index)).append("]");
      std::string_view rest;
      const bool fits = path.starts_with(wanted);
      if (fits) {
        rest = path.substr(wanted.size());
        rest.remove_prefix(rest.starts_with('.') ? 1 : 0);
        found(depth + 1);
        is_done_ = is_done_ || rest.empty();
      }
      visit(rest, depth + 1);
    }
  }

  yaml_parser_t parser_{};
  yaml_event_t event_{};
  bool is_done_ = false;
  int best_;
  int best_depth_ = 0;
  int first_line_;
};

}  // namespace

int locate(std::string_view bytes, int object_line, std::string_view field_path) {
  const base::Result<std::string> text = unpack(bytes);
  if (!text || field_path.empty()) {
    return object_line;
  }
  std::size_t at = 0;
  for (int line = 1; line < object_line && at != std::string::npos; ++line) {
    at = text->find('\n', at);
    at += at == std::string::npos ? 0 : 1;
  }
  if (at == std::string::npos) {
    return object_line;
  }
  return FieldFinder(std::string_view(*text).substr(at), object_line).find(field_path);
}

}  // namespace k8s
