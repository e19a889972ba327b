#include "app/convert_command.h"

#include <utility>

#include <boost/json.hpp>

#include "app/exit_code.h"
#include "app/json_text.h"
#include "app/manifest_files.h"
#include "base/text.h"
#include "k8s/convert/convert.h"
#include "k8s/manifest.h"
#include "runtime/process.h"

namespace app {
namespace {

using base::Result;

// A document of the input: the object in it, or several of a List.
struct Part {
  std::string text;  // As it was written; empty when it cannot be passed on so.
  std::size_t first = 0;
  std::size_t count = 0;
};

struct Input {
  std::vector<k8s::convert::Source> sources;
  std::vector<Part> parts;
};

bool is_separator(std::string_view line) {
  return line == "---" || line.starts_with("--- ") || line.starts_with("---\t") || line == "---\r";
}

// YAML documents with the line that each begins on. No line of a document's content can look like a
// separator: block scalars are indented.
std::vector<std::pair<int, std::string>> documents_of(std::string_view text) {
  std::vector<std::pair<int, std::string>> out{{1, ""}};
  int line_number = 1;
  for (std::size_t at = 0; at < text.size(); ++line_number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (is_separator(line) && line.size() <= 4) {
      out.emplace_back(line_number + 1, "");
    } else {
      out.back().second.append(line).push_back('\n');
    }
  }
  return out;
}

Result<void> read_document(const std::string& name,
                           int line,
                           const std::string& text,
                           Input& input) {
  // Blank lines in front make the reader count as in the file.
  const std::string in_place = std::string(static_cast<std::size_t>(line - 1), '\n') + text;
  const auto manifests = TRY(k8s::read_manifests(in_place, name));
  const bool is_whole = manifests.size() == 1 && !manifests[0].kind.ends_with("List");
  input.parts.push_back(
      {is_whole && !text.starts_with('{') ? text : "", input.sources.size(), manifests.size()});
  for (const k8s::Manifest& manifest : manifests) {
    input.sources.push_back(
        {manifest.json, base::concat(manifest.file, ":", std::to_string(manifest.line))});
  }
  return {};
}

Result<Input> read_input(const std::vector<std::string>& paths) {
  Input input;
  for (const ManifestFile& file : TRY(read_manifest_files(paths))) {
    for (const auto& [line, text] : documents_of(file.text)) {
      TRY_VOID(read_document(file.name, line, text, input));
    }
  }
  if (input.sources.empty()) {
    return base::fail(base::ErrorCode::kInvalid, "the input holds no Kubernetes object");
  }
  return input;
}

std::string with_comments(const k8s::convert::Converted& object, const std::string& place) {
  std::string out = base::concat("# Converted by karpenter from ", place, ".\n");
  for (const std::string& note : object.notes) {
    out += base::concat("# - ", base::replace_all(note, "\n", " "), "\n");
  }
  return out + manifest_text(boost::json::parse(object.json));
}

// What needs no change stays as it was written, with its author's comments.
std::string yaml_of(const k8s::convert::Converted& object, const Input& input) {
  for (const Part& part : input.parts) {
    if (!object.is_changed && part.count == 1 && part.first == object.source &&
        !part.text.empty()) {
      return part.text;
    }
  }
  return object.is_changed ? with_comments(object, input.sources[object.source].place)
                           : manifest_text(boost::json::parse(object.json));
}

std::string as_yaml(const k8s::convert::Outcome& outcome, const Input& input) {
  std::string out;
  for (const k8s::convert::Converted& object : outcome.objects) {
    out += (out.empty() ? "" : "---\n") + yaml_of(object, input);
  }
  return out;
}

std::string as_json(const k8s::convert::Outcome& outcome) {
  boost::json::array items;
  for (const k8s::convert::Converted& object : outcome.objects) {
    items.push_back(boost::json::parse(object.json));
  }
  return pretty_json(boost::json::object{
             {"apiVersion", "v1"}, {"items", std::move(items)}, {"kind", "List"}}) +
         "\n";
}

}  // namespace

Result<ConvertText> convert_files(const ConvertArguments& arguments) {
  const Input input = TRY(read_input(arguments.paths));
  const k8s::convert::Outcome outcome =
      k8s::convert::convert(input.sources, {.role = arguments.role});
  ConvertText out{.text = arguments.output == "json" ? as_json(outcome) : as_yaml(outcome, input),
                  .problems = outcome.problems};
  if (arguments.output == "json") {
    for (const k8s::convert::Converted& object : outcome.objects) {
      for (const std::string& note : object.notes) {
        out.notes.push_back(input.sources[object.source].place + ": " + note);
      }
    }
  }
  return out;
}

int convert_command(const ConvertArguments& arguments) {
  const Result<ConvertText> converted = convert_files(arguments);
  if (!converted) {
    runtime::complain(converted.error().detail);
    return kExitUsage;
  }
  for (const std::string& note : converted->notes) {
    runtime::complain(note);
  }
  for (const std::string& problem : converted->problems) {
    runtime::complain(problem);
  }
  const bool is_written = runtime::write_text(runtime::Stream::kOut, converted->text);
  return is_written && converted->problems.empty() ? kExitOk : kExitFailed;
}

}  // namespace app
